import type { CameraEvent } from '../../core/camera/cameraEvent.js';
import type { CloudApi } from '../../cloud/cloudApi.js';
import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { Clock, Random } from '../../core/clock.js';
import type { MediaEngine } from '../../engine/mediaEngine.js';
import type { Log } from '../../observe/logger.js';
import type { CameraStore } from '../../store/cameraStore.js';
import type { EventStore } from '../../store/eventStore.js';
import type { HeldLease } from '../../store/memory/journal.js';
import type { PassStore } from '../../store/passStore.js';
import type { PictureStore } from '../../store/pictureStore.js';
import type { RecordTable } from '../../store/recordTable.js';
import type { Ownership } from './ownership.js';

/** What the jobs use of the cameras' store: cameras are read from memory, every change is written through. */
export interface JobsStore extends Pick<
  CameraStore,
  | 'claim'
  | 'create'
  | 'heartbeat'
  | 'promote'
  | 'recordOpening'
  | 'recordProof'
  | 'reject'
  | 'release'
  | 'releaseStray'
  | 'saveCandidate'
  | 'saveDiscovered'
  | 'saveFailure'
  | 'saveLease'
  | 'leftOut'
  | 'tombstones'
  | 'deletedFeedKeys'
  | 'update'
> {
  peek(id: CameraId): Camera | null | undefined;
  peekAll(): Iterable<Camera>;
  /** Calls `listener` after every change of a camera that this process made or read. The returned function removes the listener. */
  onChange(listener: (event: CameraEvent) => void): () => void;
  /** Reads what other processes wrote; cheap when they wrote nothing. */
  refreshChanges(): Promise<void>;
  /**
   * Keeps a lease that was obtained while the database is away: first in a journal, then in memory as if it were stored,
   * and in the database once that is back, unless a later lease was stored there meanwhile. null: the camera does not
   * exist any more, or there is no journal.
   */
  holdLease(held: HeldLease, now: Date): Camera | null;
  /** Keeps the failure in memory while the database is away. */
  holdFailure(id: CameraId, failure: Failure, now: Date): void;
  /** Reads every document again, those that were inserted by hand included. */
  refresh(): Promise<void>;
}

/** An account as the jobs use it: the client of its cloud, and how many streams may be open. */
export interface JobsAccount {
  readonly cloud: CloudApi;
  /** How many cloud streams our own proofs may use at once. */
  readonly streamBudget: number;
  /** How many cloud streams the vendor allows at once, our proofs' and the viewers' together; null or absent: not known. */
  readonly streamCap?: number | null;
  /** Differs between two keys of the vendor without revealing them; absent: a change of the key goes unnoticed. */
  readonly fingerprint?: string;
}

/** Calls `run` at each time that the cron expression names, until stopped. */
export type Schedule = (name: string, expression: string, run: () => Promise<void>) => ScheduledRun;

export interface ScheduledRun {
  stop(): void;
  /** Ticks that were skipped because the previous run was still going. */
  readonly skipped: number;
}

export interface JobsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** This process's name in claims; the same again after a restart on the same data. */
  readonly owner: string;
  /** A fresh id for a pass. */
  readonly newId: () => string;
  readonly store: JobsStore;
  readonly passes: PassStore;
  readonly events: EventStore;
  readonly pictures: PictureStore;
  readonly records: RecordTable;
  /** By the account's name. */
  readonly accounts: ReadonlyMap<string, JobsAccount>;
  readonly engine: MediaEngine;
  /** Makes a JPEG of at most 60 KB of a larger one; null: this process has no decoder, so large pictures are left out. */
  readonly shrink: ((jpeg: Buffer) => Promise<Buffer>) | null;
  readonly lifetimeSeconds: number;
  /**
   * How many calls the vendor allows an account in an hour, for the spread of renewals and the forecast; its documented
   * limit by default.
   */
  readonly callsPerHour?: number;
  /** Absent: this process is the only one. */
  readonly ownership?: Ownership;
  readonly schedule: Schedule;
  readonly renewCron: string;
  readonly snapshotCron: string;
  readonly discoverCron: string;
  /** False: cameras are not checked, so no outage is found. */
  readonly watchesOutages?: boolean;
  /** Time between two snapshot ticks: a tick skips a camera whose picture is younger than nearly this. */
  readonly snapshotPeriodMs: number;
}
