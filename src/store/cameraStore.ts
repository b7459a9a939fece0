import type { Camera, CameraFeed, CameraId, Failure, SourceLogin } from '../core/camera/camera.js';
import type { AboutChange } from '../core/camera/cameraAbout.js';
import type { CameraChange } from '../core/camera/cameraChange.js';
import type { Lease, ProofState } from '../core/camera/lease.js';
import type { StreamTracks } from '../core/camera/tracks.js';
import type { DiscoveryPlan } from '../core/discovery/discovery.js';
import type { LeftOutDocument } from '../core/camera/leftOut.js';
import type { RefusedCamera } from './refusals.js';

/** A camera that a person adds; fields left out get their default. */
export type NewCamera = Pick<Camera, 'name' | 'source'> &
  Partial<
    Pick<
      Camera,
      | 'enabled'
      | 'mode'
      | 'quality'
      | 'sound'
      | 'errorClipCheck'
      | 'whenGone'
      | 'labels'
      | 'lease'
      | 'failure'
      | 'status'
      | 'id'
      | 'feed'
    >
  > & { readonly about?: AboutChange };

/** The right to renew one camera. A write with an old `fence` throws `AppError` CLAIM_LOST and changes nothing. */
export interface Claim {
  readonly camera: Camera;
  readonly owner: string;
  /** Goes up by one with each claim of the camera. */
  readonly fence: number;
}

/** A candidate that is to become its camera's lease. */
export interface Promotion {
  readonly id: CameraId;
  readonly revision: number;
  readonly proof: Exclude<ProofState, 'pending' | 'failed'>;
  /** The tracks that the proof saw; null: no proof inspected the stream. */
  readonly tracks: StreamTracks | null;
}

/** What `saveDiscovered` changed, by camera id, and the cameras that the database refused. */
export interface SavedDiscovery {
  readonly created: readonly CameraId[];
  readonly updated: readonly CameraId[];
  readonly missing: readonly CameraId[];
  readonly refused: readonly RefusedCamera[];
}

/** The outcome of a proof of the lease in force. */
export interface ProofResult {
  readonly proof: ProofState;
  /** null clears the failure. */
  readonly failure: Failure | null;
  /** null keeps the tracks known before. */
  readonly tracks: StreamTracks | null;
}

/** The outcome of an opening of a `url` camera. */
export interface OpeningResult {
  /** null: it opened. */
  readonly failure: Failure | null;
  /** null keeps the tracks known before. */
  readonly tracks: StreamTracks | null;
  /** The other reading of the login, which the camera took: it is stored, under a new revision. Absent: the login stays. */
  readonly login?: SourceLogin;
}

/**
 * The single source of truth about cameras and leases, and the claims by which processes take turns. Every method is one atomic step (no transactions, no change streams) and
 * may throw `AppError` STORE_UNREACHABLE. Written for MongoDB and SQLite; one contract suite runs on both.
 *
 * Claims compare no clocks. A claim belongs to an `owner` whose beat counter `heartbeat` raises; another owner takes the claim
 * over by compare-and-swap once that counter has stood still for 15 s on its own monotonic clock. An owner that died and came
 * back may take its own earlier claims at once.
 *
 * `dueAt` is stored beside each camera, for people and for earlier versions of camlease: the value of `dueAt()` in
 * `core/renewal/renewal.ts`, recomputed at every write.
 */
export interface CameraStore {
  /** Connects, migrates, adopts hand-made documents. Throws STORE_UNREACHABLE with a cure when it cannot connect. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Throws when the store is away. */
  ping(): Promise<void>;

  /** All cameras that are not deleted, sorted by name then id. Hand-made documents that appeared meanwhile are adopted. */
  all(): Promise<Camera[]>;
  get(id: CameraId): Promise<Camera | null>;
  /** Documents that could not be read as cameras, as they were last read. From memory. */
  leftOut(): readonly LeftOutDocument[];
  /**
   * Cameras of which the database refused a write by this process: stored cameras, and cameras that could not be added. An entry
   * stays until the database takes the write, or for a day after the last try. From memory.
   */
  refusedWrites(): ReadonlyMap<CameraId, RefusedCamera>;
  /**
   * The cameras written since the previous call on this object (the first call: all cameras), and the ids of all cameras. Sees
   * writes by camlease alone, from any process; edits by a person or another program show up in `all`. Compares no clocks, and
   * reads next to nothing when nothing changed.
   */
  changes(): Promise<{ readonly changed: readonly Camera[]; readonly ids: ReadonlySet<CameraId> }>;
  /** Throws CAMERA_EXISTS when another camera has its (account, serial, channel); brings a deleted camera back. */
  create(camera: NewCamera, now: Date): Promise<Camera>;
  /** null: no such camera. */
  update(id: CameraId, change: CameraChange, now: Date): Promise<Camera | null>;
  /** Leaves a tombstone, so that discovery does not bring it back. False: no such camera. */
  remove(id: CameraId, now: Date): Promise<boolean>;

  /** Carries out a plan in bulk; idempotent. Returns what really changed, and which cameras the database refused. */
  saveDiscovered(plan: DiscoveryPlan, now: Date): Promise<SavedDiscovery>;
  /** The (account, serial, channel) of deleted cameras, for `planDiscovery`. */
  tombstones(): Promise<Array<{ account: string | null; deviceSerial: string; channel: number | null }>>;
  /** Feed and key of deleted cameras, so that their list does not bring them back. */
  deletedFeedKeys(): Promise<CameraFeed[]>;

  /** Claims the cameras named, due or not. Cameras that another living owner holds, or that do not exist, are left out. */
  claim(owner: string, ids: readonly CameraId[]): Promise<Claim[]>;
  heartbeat(owner: string): Promise<void>;
  /** The other owners whose counter moved within the last 15 s, as this process saw it. Call it every second or two. */
  livingOthers(owner: string): Promise<ReadonlySet<string>>;
  /** Gives claims back; a claim that was lost meanwhile is skipped. */
  release(claims: readonly Claim[]): Promise<void>;
  /**
   * Releases claims in this owner's name that this process does not work on: claims of its previous run, or of a call whose
   * answer got lost. Its heartbeat would keep them alive, so that no other replica could renew the camera.
   */
  releaseStray(owner: string): Promise<void>;

  /** A first lease: in force at once. Releases the claim. */
  saveLease(claim: Claim, lease: Lease, now: Date): Promise<Camera>;
  /** A renewed lease that waits for proof. Releases the claim. */
  saveCandidate(claim: Claim, lease: Lease, now: Date): Promise<Camera>;
  /** Keeps lease and candidate as they are. Releases the claim. */
  saveFailure(claim: Claim, failure: Failure, now: Date): Promise<Camera>;

  /**
   * Makes each candidate its camera's lease if it still has this revision, clears the failure and retires the old lease's URL
   * id. Takes few round trips, however many there are. Returns the cameras that were promoted.
   */
  promote(promotions: readonly Promotion[], now: Date): Promise<Camera[]>;
  /** Drops the candidate if it still has this revision (else null) and retires its URL id; the lease stays in force. */
  reject(id: CameraId, revision: number, failure: Failure, now: Date): Promise<Camera | null>;
  /** Stores what a proof of the lease in force found; null when the lease has another revision by now. */
  recordProof(id: CameraId, revision: number, result: ProofResult, now: Date): Promise<Camera | null>;
  /** Stores what an opening of a `url` camera found; null when its source has another revision by now. */
  recordOpening(id: CameraId, revision: number, result: OpeningResult, now: Date): Promise<Camera | null>;
}
