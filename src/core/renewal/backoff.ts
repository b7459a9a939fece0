import type { Camera, Failure } from '../camera/camera.js';
import type { Lease } from '../camera/lease.js';
import type { Random } from '../clock.js';
import type { CameraError } from '../errors.js';
import { emergencyMs, lastSafeMoment, lifeMs } from './renewal.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The first waits are short, for faults that pass by themselves; then the waits double. */
const FAST_WAITS_MS: readonly number[] = [5 * SECOND_MS, 15 * SECOND_MS];
const FIRST_SLOW_WAIT_MS = MINUTE_MS;
const LONGEST_WAIT_MS = 6 * HOUR_MS;
/** The wait for an offline, sleeping or masked camera. */
const CAMERA_STATE_POLL_MS = 5 * MINUTE_MS;
/**
 * Our own codes of faults that the operator cures in the camera's settings. A vendor says it of its codes in its error table
 * (`ofSettings`).
 */
const OF_SETTINGS: ReadonlySet<string> = new Set(['STREAM_H265', 'STREAM_ERROR_CLIP']);
const SETTINGS_LOOK_MS = HOUR_MS;
const SHORTEST_WAIT_MS = SECOND_MS;
/** In the emergency band a wait is at most the lease's remaining time divided by this, */
const EMERGENCY_PART = 24;
/** but at least this long: after the two fast tries, at most thirty calls per camera and hour, */
const EMERGENCY_FLOOR_MS = 2 * MINUTE_MS;
/** or at most ten calls in a band that is shorter than 20 minutes. */
const EMERGENCY_CALLS = 10;
/** Each wait is drawn once, up to a tenth shorter or longer, so that cameras that failed together are not tried together. */
const JITTER = 0.1;
const DEFAULT_LIFE_MS = 7 * DAY_MS;

/**
 * The failure to store after one more error, with the time of the next try. Computed from the stored failure, so that
 * camlease does not call the cloud more often after a restart. `newLifeMs`: the life of the leases that are asked for;
 * waits shrink with it.
 */
export function nextFailure(
  previous: Failure | null,
  error: CameraError,
  camera: Pick<Camera, 'lease' | 'status'>,
  random: Random,
  now: Date,
  newLifeMs: number = DEFAULT_LIFE_MS,
): Failure {
  const attempts = triesBefore(previous, error) + 1;
  return {
    code: error.code,
    failureClass: error.failureClass,
    message: error.message,
    cure: error.cure,
    since: previous?.since ?? now,
    at: now,
    attempts,
    nextLookAt: nextLook(error, attempts, camera, random, now, newLifeMs),
  };
}

/** A camera that was away was polled, perhaps for days; an error of another kind, once it is back, begins a new count. */
function triesBefore(previous: Failure | null, { failureClass }: CameraError): number {
  const wasPolled = previous?.failureClass === 'camera-state' && failureClass !== 'camera-state';
  return previous === null || wasPolled ? 0 : previous.attempts;
}

function nextLook(
  error: CameraError,
  attempts: number,
  camera: Pick<Camera, 'lease' | 'status'>,
  random: Random,
  now: Date,
  newLifeMs: number,
): Date | null {
  const lease = camera.lease !== null && camera.lease.expiresAt > now ? camera.lease : null;
  // The listing says when an offline camera is back: asking for each one without a living lease would use up the account's
  // calls.
  const isToldByListing = camera.status === 'offline' && lease === null;
  if (error.failureClass === 'permanent') return isToldByListing ? null : lookAtSettings(error, random, now);
  if (error.failureClass === 'camera-state' && isToldByListing) return null;

  const longestMs = Math.max(SHORTEST_WAIT_MS, Math.min(LONGEST_WAIT_MS, (lease ? lifeMs(lease) : newLifeMs) / 14));
  const jittered = plainWait(error, attempts) * (1 + (random() * 2 - 1) * JITTER);
  const waitMs = Math.max(SHORTEST_WAIT_MS, Math.min(jittered, longestMs));
  // A camera that is away is polled at the same pace, however close its lease's end: more calls would not bring it back.
  const isPolled = lease === null || error.failureClass === 'camera-state';
  const lookAtMs = now.getTime() + (isPolled ? waitMs : Math.min(waitMs, longestWaitBeforeEnd(lease, now)));
  // The vendor's own wait wins over the emergency band, and gets no jitter.
  return new Date(Math.max(lookAtMs, now.getTime() + (error.retryAfterMs ?? 0)));
}

/**
 * The next try after a permanent fault. A fault in the camera's settings is corrected in the vendor's app, without
 * camlease learning of it, so the cloud is asked now and then, with one call. null for other permanent faults: they end by
 * a change in camlease, or by one that a listing shows.
 */
function lookAtSettings(error: CameraError, random: Random, now: Date): Date | null {
  const { code, ofSettings, retryAfterMs = 0 } = error;
  if (!ofSettings && !OF_SETTINGS.has(code)) return null;
  // The jitter only shortens this wait, because people wait for it.
  const jitteredMs = SETTINGS_LOOK_MS * (1 - random() * JITTER);
  return new Date(now.getTime() + Math.max(retryAfterMs, jitteredMs));
}

function plainWait(error: CameraError, attempts: number): number {
  if (error.failureClass === 'camera-state') return CAMERA_STATE_POLL_MS;
  // Over the vendor's limit a fast try only makes it worse.
  const fastWaits = error.failureClass === 'quota' ? [] : FAST_WAITS_MS;
  const fast = fastWaits[attempts - 1];
  if (fast !== undefined) return fast;
  const doublings = attempts - 1 - fastWaits.length;
  return Math.min(LONGEST_WAIT_MS, FIRST_SLOW_WAIT_MS * 2 ** Math.min(doublings, 20));
}

/**
 * The longest wait (ms) while the lease lives: not past the beginning of its emergency band nor its last safe moment, and
 * ever shorter within the band. A wait that would end after the expiry is halved, so that one more try comes while the
 * lease lives.
 */
function longestWaitBeforeEnd(lease: Lease, now: Date): number {
  const leftMs = lease.expiresAt.getTime() - now.getTime();
  const bandMs = emergencyMs(lease);
  const floorMs = Math.max(SHORTEST_WAIT_MS, Math.min(EMERGENCY_FLOOR_MS, bandMs / EMERGENCY_CALLS));
  if (leftMs >= bandMs + floorMs) return leftMs - bandMs;
  const plainMs = Math.max(floorMs, leftMs / EMERGENCY_PART);
  const waitMs = plainMs < leftMs ? plainMs : Math.max(SHORTEST_WAIT_MS, floorMs / 4, leftMs / 2);
  const untilLastSafeMs = lastSafeMoment(lease).getTime() - now.getTime();
  return untilLastSafeMs >= floorMs ? Math.min(waitMs, untilLastSafeMs) : waitMs;
}
