import type { Camera, CameraId, CameraStatus, Failure } from '../core/camera/camera.js';
import type { Lease, ProofState, StreamQuality } from '../core/camera/lease.js';
import type { LeaseEvent } from '../core/handover/leaseEvents.js';
import type { Pass } from '../core/passes/pass.js';
import type { StreamTracks } from '../core/camera/tracks.js';
import type { DiscoveryPlan } from '../core/discovery/discovery.js';
import type { LeftOutDocument } from '../core/camera/leftOut.js';
import type { RecordTable } from './recordTable.js';
import type { RefusedCamera } from './refusals.js';

/** A camera that a person adds; what is left out has a default. */
export type NewCamera = Pick<Camera, 'name' | 'source'> &
  Partial<
    Pick<Camera, 'enabled' | 'mode' | 'quality' | 'errorClipCheck' | 'whenGone' | 'labels' | 'lease' | 'status' | 'id'>
  >;

/** What a person may change. Undefined fields stay. */
export interface CameraChange {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly status?: CameraStatus;
  readonly mode?: Camera['mode'];
  readonly quality?: Camera['quality'];
  readonly errorClipCheck?: boolean;
  readonly whenGone?: Camera['whenGone'];
  readonly labels?: readonly string[];
  readonly resourceId?: string;
  readonly account?: string;
  /** null takes the remark away. */
  readonly notice?: string | null;
  readonly learnedQuality?: StreamQuality | null;
  /** Taken off the list once the vendor has them back. */
  readonly retiredUrlIds?: readonly string[];
}

/** The right to renew one camera. A write with an old `fence` throws `AppError` CLAIM_LOST and changes nothing. */
export interface Claim {
  readonly camera: Camera;
  readonly owner: string;
  /** Goes up by one with each claim of the camera. */
  readonly fence: number;
}

export interface Picture {
  readonly jpeg: Buffer;
  readonly takenAt: Date;
}

/** A candidate that is to become its camera's lease. */
export interface Promotion {
  readonly id: CameraId;
  readonly revision: number;
  readonly proof: Exclude<ProofState, 'pending' | 'failed'>;
  /** What its proof saw; null: nothing looked. */
  readonly tracks: StreamTracks | null;
}

export interface SavedDiscovery {
  readonly created: readonly CameraId[];
  readonly updated: readonly CameraId[];
  readonly missing: readonly CameraId[];
  readonly refused: readonly RefusedCamera[];
}

export interface ProofSaid {
  readonly proof: ProofState;
  /** null clears it. */
  readonly failure: Failure | null;
  /** null keeps what was known. */
  readonly tracks: StreamTracks | null;
}

/**
 * The only truth about cameras and leases. Every method is one atomic step (no transactions, no change streams) and may
 * throw `AppError` STORE_UNREACHABLE. Written for MongoDB and SQLite; one contract suite runs on both.
 *
 * Claims compare no clocks. A claim belongs to an `owner` whose beat counter `heartbeat` raises; another owner takes it over
 * by compare-and-swap once that counter stood still for 15 s on the taker's own monotonic clock. An owner's own earlier
 * claims (it died and came back) are free for it at once.
 *
 * `dueAt` is stored beside each camera and indexed: the moment `core/renewal/renewal.ts` `dueAt()` gives, recomputed at every write.
 */
export interface CameraStore {
  /** Connects, migrates, adopts hand-made documents. Throws STORE_UNREACHABLE with a cure when it cannot connect. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Throws when the store is away. */
  ping(): Promise<void>;
  readonly kind: 'mongodb' | 'sqlite';
  /** Small documents beside the cameras: outages, alerts, who owns what. */
  readonly records: RecordTable;

  /** All cameras that are not deleted, sorted by name then id. Hand-made documents that appeared meanwhile are adopted. */
  all(): Promise<Camera[]>;
  get(id: CameraId): Promise<Camera | null>;
  /** Documents that make no camera, as `all` found them when it was called last. From memory. */
  leftOut(): readonly LeftOutDocument[];
  /**
   * What the database did not take of this process's writes, until it takes it (for a day after the last try): cameras that are stored,
   * and cameras that could not be added. From memory.
   */
  refusedWrites(): ReadonlyMap<CameraId, RefusedCamera>;
  /**
   * What anybody wrote since the last call of this very object (the first: all), and every id there is. Only camlease's own
   * writes count: what a hand edited is seen by `all`. Compares no clocks, and reads next to nothing where nothing changed.
   */
  changes(): Promise<{ readonly changed: readonly Camera[]; readonly ids: ReadonlySet<CameraId> }>;
  /** CAMERA_EXISTS when its (account, serial, channel) is taken; revives a tombstone. */
  create(camera: NewCamera, now: Date): Promise<Camera>;
  /** null: no such camera. */
  update(id: CameraId, change: CameraChange, now: Date): Promise<Camera | null>;
  /** Leaves a tombstone, so that discovery does not bring it back. False: no such camera. */
  remove(id: CameraId, now: Date): Promise<boolean>;

  /** Carries out a plan in bulk; idempotent. Returns what really changed, and which cameras the database did not take. */
  saveDiscovered(plan: DiscoveryPlan, now: Date): Promise<SavedDiscovery>;
  /** The (account, serial, channel) of deleted cameras, for `planDiscovery`. */
  tombstones(): Promise<Array<{ account: string | null; deviceSerial: string; channel: number | null }>>;

  /** Up to `limit` cameras whose `dueAt` is at or before `now` and which no living owner holds, earliest first. */
  claimDue(owner: string, now: Date, limit: number): Promise<Claim[]>;
  /** The same for named cameras, due or not; those another living owner holds, or that do not exist, are left out. */
  claim(owner: string, ids: readonly CameraId[]): Promise<Claim[]>;
  heartbeat(owner: string): Promise<void>;
  /** Owners beside this one whose counter moved within the last 15 s, as this process saw it. To be asked every second or two. */
  livingOthers(owner: string): Promise<ReadonlySet<string>>;
  /** Gives claims back; one that was lost meanwhile is passed over. */
  release(claims: readonly Claim[]): Promise<void>;
  /**
   * Gives back claims in this owner's name that this process does not work on: of its life before, or of a call whose answer got
   * lost. While their owner beats they would stand, though another one renews the camera now.
   */
  releaseStray(owner: string): Promise<void>;

  /** A first lease: in force at once. Releases the claim. */
  saveLease(claim: Claim, lease: Lease, now: Date): Promise<Camera>;
  /** A renewed lease that waits for proof. Releases the claim. */
  saveCandidate(claim: Claim, lease: Lease, now: Date): Promise<Camera>;
  /** Keeps lease and candidate as they are. Releases the claim. */
  saveFailure(claim: Claim, failure: Failure, now: Date): Promise<Camera>;

  /**
   * Each candidate becomes its camera's lease if it still has this revision, the failure is cleared, the old URL id is retired. In
   * few round trips however many there are. Returns the cameras that were promoted.
   */
  promote(promotions: readonly Promotion[], now: Date): Promise<Camera[]>;
  /** Candidate is dropped if it still has this revision (else null), its URL id is retired; the lease goes on. */
  reject(id: CameraId, revision: number, failure: Failure, now: Date): Promise<Camera | null>;
  /** What a proof of the lease in force said, if it still has this revision (else null). */
  recordProof(id: CameraId, revision: number, said: ProofSaid, now: Date): Promise<Camera | null>;

  /** Those whose id is stored already are passed over. In few round trips however many there are. */
  addEvents(events: readonly LeaseEvent[]): Promise<void>;
  /**
   * Newest first, and of one moment the last added first. `before` is the id of an event: only older ones, none when it is not
   * known (any more). A deleted camera's stay until they are dropped.
   */
  eventsOf(id: CameraId, query: { readonly limit: number; readonly before?: string }): Promise<LeaseEvent[]>;
  /** Of all cameras, in the order in which they were added: those after the event with this id; none when it is not known (any more). */
  eventsAfter(eventId: string, limit: number): Promise<LeaseEvent[]>;
  /** Drops what is older. */
  dropEventsBefore(before: Date): Promise<void>;

  savePicture(id: CameraId, picture: Picture): Promise<void>;
  getPicture(id: CameraId): Promise<Picture | null>;

  savePass(pass: Pass, owner: string): Promise<void>;
  getPass(id: string): Promise<Pass | null>;
  /** Newest first. */
  recentPasses(limit: number): Promise<Pass[]>;
  /** At start: running passes of this owner died with it; they become failed with PASS_INTERRUPTED. */
  interruptPasses(owner: string, now: Date): Promise<number>;
}
