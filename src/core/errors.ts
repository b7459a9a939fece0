/**
 * What the caller may do about a failure; the code that makes the error decides.
 * - `permanent`: trying again changes nothing until somebody changes something.
 * - `retry`: a passing fault; try again, backing off.
 * - `reauth`: the token expired; log in once and repeat once.
 * - `quota`: the vendor's limit; the whole account waits.
 * - `camera-state`: the camera is offline, asleep or masked; try again slowly.
 */
export const FAILURE_CLASSES = ['permanent', 'retry', 'reauth', 'quota', 'camera-state'] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** How the cure of a passing fault begins. The sentences of a renewal replace it where camlease asks again at a known time. */
export const RETRIED = 'camlease tries again by itself.';

/** Every code of our own, with the HTTP status it answers. `docs/errors.md` lists the same; a test compares the two. */
export const ERROR_CODES = {
  REQUEST_INVALID: 400,
  REQUEST_NOT_JSON: 400,
  REQUEST_TOO_LARGE: 413,
  REQUEST_FOREIGN: 403,
  RATE_LIMITED: 429,
  EVENT_STREAMS_FULL: 503,
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CAMERA_NOT_FOUND: 404,
  CAMERA_EXISTS: 409,
  DOCUMENT_REFUSED: 409,
  CAMERA_NOT_LIVE: 409,
  DOCUMENT_LEFT_OUT: 409,
  SOURCE_HOST_REFUSED: 400,
  SOURCE_NOT_OPENED: 422,
  PICTURE_NOT_FOUND: 404,
  IMAGES_OFF: 503,
  PASS_NOT_FOUND: 404,
  PASS_INTERRUPTED: 500,
  NO_ACCOUNT: 409,
  ACCOUNT_UNKNOWN: 409,
  ALL_ACCOUNTS_REFUSED: 502,
  CLAIM_LOST: 409,
  STORE_UNREACHABLE: 503,
  STORE_IN_USE: 503,
  STORE_REFUSED: 500,
  ENGINE_UNREACHABLE: 503,
  ENGINE_REFUSED: 502,
  ENGINE_LOCKED: 502,
  ENGINE_TOO_OLD: 502,
  ENGINE_MISSING: 503,
  RELAY_UNREACHABLE: 503,
  RELAY_FENCED: 409,
  RELAY_BUSY: 503,
  CONFIG_INVALID: 500,
  PORT_IN_USE: 500,
  DATA_DIR_LOCKED: 500,
  DISK_FULL: 507,
  ALERT_NOT_SENT: 502,
  ALERT_SENDER_NOT_FOUND: 404,
  MAINTENANCE_NOT_FOUND: 404,
  MAINTENANCE_FULL: 409,
  SHUTTING_DOWN: 503,
  INTERNAL: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** What the reader can do about it, as a sentence. */
  readonly cure?: string;
  readonly cause?: unknown;
  /** How long (ms) the other side asked us to wait. */
  readonly retryAfterMs?: number;
  /** A word from a fixed list, where one code has several reasons that programs tell apart. */
  readonly reason?: string;
}

/** An expected failure, with a code of our own. An error that no part of camlease expects is a bug and answers 500 INTERNAL. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly cure: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly reason: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.cure = details.cure;
    this.retryAfterMs = details.retryAfterMs;
    this.reason = details.reason;
  }

  get status(): number {
    return ERROR_CODES[this.code];
  }
}

/**
 * Why a camera could not be leased, proven or kept: a vendor's code (`EVZ20007`, `10002`, `OPEN000503`) or one of ours
 * (`CLOUD_UNREACHABLE`, `CLOUD_TIMEOUT`, `CLOUD_REPLY_UNREADABLE`, `STREAM_NO_PICTURE`, …). `message` and `cure` are
 * plain sentences and never hold a URL, key or token.
 */
export class CameraError extends Error {
  override readonly name = 'CameraError';
  readonly code: string;
  readonly failureClass: FailureClass;
  readonly cure: string;
  /** True when the account is refused, not this camera: every other call of the account would fail the same way. */
  readonly accountWide: boolean;
  readonly retryAfterMs: number | undefined;
  /** True: the operator cures it in the camera's settings, which not every listing shows. */
  readonly ofSettings: boolean;

  constructor(
    code: string,
    failureClass: FailureClass,
    message: string,
    details: { cure: string; cause?: unknown; accountWide?: boolean; retryAfterMs?: number; ofSettings?: boolean },
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.failureClass = failureClass;
    this.cure = details.cure;
    this.accountWide = details.accountWide ?? false;
    this.ofSettings = details.ofSettings ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
