import type { CameraId } from '../camera/camera.js';
import { WAIT_REASONS } from '../renewal/renewal.js';
import type { AccountNote } from './accountNotes.js';

export const JOBS = ['initialize', 'discover', 'renew', 'snapshot'] as const;
export type JobName = (typeof JOBS)[number];

export type PassState = 'running' | 'succeeded' | 'failed';

/** One camera that a pass could not serve. */
export interface FailedCamera {
  readonly cameraId: CameraId;
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/** One camera whose new lease is not seen in force yet, though nothing has failed. */
export interface HeldCamera {
  readonly cameraId: CameraId;
  /** From the fixed lists of `core/handover/handover.ts`, or the code of what the latest look met. */
  readonly reason: string;
  /** ISO 8601: when it goes on at the latest; null: not known. */
  readonly until: string | null;
  readonly sentence: string;
}

/**
 * Why a pass left a camera alone. `another-pass`: it is being asked for by another pass or replica. `not-answered`: the replica that
 * owns its account gave no answer. `deleted`: while it was asked for. The others are those of `core/renewal/renewal.ts`.
 */
export const SKIP_REASONS = [...WAIT_REASONS, 'another-pass', 'not-answered', 'deleted'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface SkippedCamera {
  readonly cameraId: CameraId;
  readonly reason: SkipReason;
}

/** One account that a pass could not use. */
export interface FailedAccount {
  readonly account: string;
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/** What is strange about an account that was listed. */
export interface NotedAccount extends AccountNote {
  readonly account: string;
}

export interface InitializeReport {
  readonly success: boolean;
  readonly discovered: number;
  readonly created: number;
  readonly updated: number;
  readonly missing: number;
  /** Leased in this pass. */
  readonly leased: number;
  readonly failed: readonly FailedCamera[];
  readonly failedAccounts: readonly FailedAccount[];
  /** Accounts whose listing could not be read in full, or shows nothing; absent in passes of before. */
  readonly notes?: readonly NotedAccount[];
  /** The pass's id. */
  readonly pass: string;
}

/** Why the cameras that a person renewed would have been left alone; counts of cameras. */
export interface Bypassed {
  /** Their leases are good for a while yet. */
  readonly notDue: number;
  /** They failed, and their next try lay ahead. */
  readonly backingOff: number;
  /** They failed for good: nothing would have been tried until something changed. */
  readonly failedForGood: number;
  /** The cloud calls them offline, and they have no lease. */
  readonly offline: number;
  /** Their new lease waited until nobody watches. */
  readonly held: number;
}

export interface RenewReport {
  readonly success: boolean;
  /** In force after proof. */
  readonly renewed: number;
  /** There is a new lease, which waits: until nobody watches, or until it can be looked at. */
  readonly held: number;
  /** Which, and why; absent in passes of the schedule, which wait for no outcome, and in passes of before. */
  readonly heldCameras?: readonly HeldCamera[];
  /** Not due, or another pass has them. */
  readonly skipped: number;
  /** Which of those that were named or found due, and why; absent like `heldCameras`. */
  readonly skippedCameras?: readonly SkippedCamera[];
  /** What this renewal went past because somebody asked; absent in passes of before. */
  readonly bypassed?: Bypassed;
  readonly failed: readonly FailedCamera[];
  readonly pass: string;
}

export interface SnapshotReport {
  readonly success: boolean;
  readonly taken: number;
  readonly reused: number;
  readonly skipped: number;
  readonly failed: readonly FailedCamera[];
  readonly pass: string;
}

export type PassReport = InitializeReport | RenewReport | SnapshotReport;

/** One run of a job. */
export interface Pass {
  readonly id: string;
  readonly job: JobName;
  readonly state: PassState;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Cameras this pass is about; grows while pages of a listing come in. */
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  /** Set when it ended. */
  readonly report: PassReport | null;
  /** Why the pass itself could not work. */
  readonly error: { readonly code: string; readonly message: string; readonly cure?: string } | null;
}

/** Handed to whoever starts or joins a pass. */
export interface PassHandle {
  readonly id: string;
  /** Settles when the pass ended; never rejects (a pass that died has state `failed` and `error`). */
  readonly ended: Promise<Pass>;
}
