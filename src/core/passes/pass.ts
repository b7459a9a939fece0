import type { CameraId } from '../camera/camera.js';
import { WAIT_REASONS } from '../renewal/renewal.js';
import type { AccountNote } from './accountNotes.js';
import type { NetworkReport } from './networkReport.js';

export const JOBS = ['initialize', 'discover', 'renew', 'snapshot', 'import', 'network'] as const;
export type JobName = (typeof JOBS)[number];

export type PassState = 'running' | 'succeeded' | 'failed';

/** One camera that a pass could not serve. */
export interface FailedCamera {
  readonly cameraId: CameraId;
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/** One camera whose new lease is not proven or not in force yet, though nothing has failed. */
export interface HeldCamera {
  readonly cameraId: CameraId;
  /** From the fixed lists of `core/handover/handover.ts`, or the code of what the latest proof met. */
  readonly reason: string;
  /** ISO 8601: when the renewal goes on at the latest; null: not known. */
  readonly until: string | null;
  readonly sentence: string;
}

/**
 * Why a pass left a camera alone. `another-pass`: another pass or replica is renewing it. `not-answered`: the replica that
 * owns its account gave no answer. `deleted`: it was deleted during the pass. The others are those of
 * `core/renewal/renewal.ts`.
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
  /** Accounts whose listing could not be read in full, or shows nothing; absent in passes of older versions. */
  readonly notes?: readonly NotedAccount[];
  /** The pass's id. */
  readonly pass: string;
}

/** Why a scheduled renewal would have left alone the cameras that the operator renewed; counts of cameras. */
export interface Bypassed {
  /** Their leases were not due. */
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
  /** The new lease is proven and in force. */
  readonly renewed: number;
  /** The new lease waits: until nobody watches, or until it can be proven. */
  readonly held: number;
  /** Which cameras, and why; absent in passes of the schedule, which wait for no outcome, and in passes of older versions. */
  readonly heldCameras?: readonly HeldCamera[];
  /** Not due, or another pass has them. */
  readonly skipped: number;
  /** Which of the named or due cameras, and why; absent like `heldCameras`. */
  readonly skippedCameras?: readonly SkippedCamera[];
  /** What the operator's request overrode; absent in passes of older versions. */
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

/** One row of an import that was not stored. */
export interface FailedRow {
  /** Where it stands: `line 3`, `entry 3`. */
  readonly place: string;
  /** null: the row does not say which camera it is. */
  readonly key: string | null;
  /** A sentence that repeats no secret. */
  readonly message: string;
}

export interface ImportReport {
  readonly success: boolean;
  readonly created: number;
  readonly changed: number;
  /** Rows whose camera is stored as they say. */
  readonly unchanged: number;
  readonly failed: readonly FailedRow[];
  readonly pass: string;
}

export type PassReport = InitializeReport | RenewReport | SnapshotReport | ImportReport | NetworkReport;

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
  /** Why the pass itself failed. */
  readonly error: { readonly code: string; readonly message: string; readonly cure?: string } | null;
}

/** What a caller gets that starts or joins a pass. */
export interface PassHandle {
  readonly id: string;
  /** Resolves when the pass has ended; never rejects (a pass that failed has state `failed` and `error`). */
  readonly ended: Promise<Pass>;
}

/** The passes of one process, counted since it started. */
export interface PassCounts {
  readonly running: readonly { readonly job: JobName; readonly pass: string }[];
  readonly ended: readonly { readonly job: JobName; readonly state: 'succeeded' | 'failed'; readonly count: number }[];
}
