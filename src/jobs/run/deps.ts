import type { CloudApi } from '../../cloud/cloudApi.js';
import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { Clock, Random } from '../../core/clock.js';
import type { MediaEngine } from '../../engine/mediaEngine.js';
import type { Log } from '../../observe/logger.js';
import type { CameraStore } from '../../store/cameraStore.js';
import type { HeldLease } from '../../store/memory/journal.js';
import type { RecordTable } from '../../store/recordTable.js';
import type { Ownership } from './ownership.js';

/** What became of a camera: it was added or changed, or it is gone. */
export type CameraEvent = { readonly camera: Camera } | { readonly removed: CameraId };

/** What the jobs need of the store: cameras from memory, every change written through. */
export interface JobsStore extends Pick<
  CameraStore,
  | 'addEvents'
  | 'claim'
  | 'dropEventsBefore'
  | 'eventsAfter'
  | 'eventsOf'
  | 'getPass'
  | 'getPicture'
  | 'heartbeat'
  | 'interruptPasses'
  | 'promote'
  | 'recordProof'
  | 'reject'
  | 'release'
  | 'releaseStray'
  | 'saveCandidate'
  | 'saveDiscovered'
  | 'saveFailure'
  | 'saveLease'
  | 'savePass'
  | 'savePicture'
  | 'leftOut'
  | 'tombstones'
  | 'update'
> {
  readonly records: RecordTable;
  peek(id: CameraId): Camera | null | undefined;
  peekAll(): Iterable<Camera>;
  /** Called after every change of a camera that this process made or saw. Returns what takes the listener off again. */
  onChange(listener: (event: CameraEvent) => void): () => void;
  /** Learns what other processes wrote; costs little where that is nothing. */
  refreshChanges(): Promise<void>;
  /**
   * A lease that was obtained while the database is away: in a journal first, then in memory as if it were stored, and in the
   * database when that is back and nobody went further. null: it could not be held.
   */
  holdLease(held: HeldLease, now: Date): Camera | null;
  /** In memory, for as long as the database is away. */
  holdFailure(id: CameraId, failure: Failure, now: Date): void;
  /** Reads everything afresh: adopts documents that were inserted by hand. */
  refresh(): Promise<void>;
}

export interface CloudAccount {
  readonly cloud: CloudApi;
  /** Cloud streams at once that our own proofs may use. */
  readonly streamBudget: number;
  /** Cloud streams at once that the vendor allows, ours and those that are watched; null or absent: not known. */
  readonly streamCap?: number | null;
  /** Tells one key of the vendor from another without naming it; absent: nobody asks whether it has changed. */
  readonly fingerprint?: string;
}

/** Runs `run` whenever the cron expression says so, until stopped. */
export type Schedule = (name: string, expression: string, run: () => Promise<void>) => ScheduledRun;

export interface ScheduledRun {
  stop(): void;
  /** Ticks that fell into a run that was still going on. */
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
  /** By the account's name. */
  readonly accounts: ReadonlyMap<string, CloudAccount>;
  readonly engine: MediaEngine;
  /** Makes a JPEG of at most 60 KB of a larger one; null: nothing here can, so large pictures are left out. */
  readonly shrink: ((jpeg: Buffer) => Promise<Buffer>) | null;
  readonly lifetimeSeconds: number;
  /** What the vendor gives an account in an hour, as the spread of renewals and the forecast take it; its documented pace by default. */
  readonly callsPerHour?: number;
  /** Absent: this process is the only one. */
  readonly ownership?: Ownership;
  readonly schedule: Schedule;
  readonly renewCron: string;
  readonly snapshotCron: string;
  readonly discoverCron: string;
  /** False: nobody looks whether cameras work, and no outage is found. */
  readonly watchesOutages?: boolean;
  /** A picture younger than nearly this is not taken again at a tick: the time between two of them. */
  readonly snapshotPeriodMs: number;
}
