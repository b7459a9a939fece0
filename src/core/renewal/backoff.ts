import type { Camera, Failure } from '../camera/camera.js';
import type { Lease } from '../camera/lease.js';
import type { Random } from '../clock.js';
import type { CameraError } from '../errors.js';
import { emergencyMs, lastSafeMoment, lifeMs } from './renewal.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Fast first, for what heals by itself; then it doubles. */
const FAST_WAITS_MS: readonly number[] = [5 * SECOND_MS, 15 * SECOND_MS];
const FIRST_SLOW_WAIT_MS = MINUTE_MS;
const LONGEST_WAIT_MS = 6 * HOUR_MS;
/** An offline, sleeping or masked camera. */
const CAMERA_STATE_POLL_MS = 5 * MINUTE_MS;
/** Encrypted, or of a codec that nobody can play: somebody sets that right in the camera, and not every listing tells. */
const OF_SETTINGS: ReadonlySet<string> = new Set([
  '60019',
  'EVZ60019',
  'STREAM_H265',
  'STREAM_ERROR_CLIP',
  '9053',
  'EVZ9053',
]);
const SETTINGS_LOOK_MS = HOUR_MS;
const SHORTEST_WAIT_MS = SECOND_MS;
/** In the emergency band the waits are at most this part of the time that is left, */
const EMERGENCY_PART = 24;
/** and at least this long: after the two fast tries at most thirty calls per camera and hour, */
const EMERGENCY_FLOOR_MS = 2 * MINUTE_MS;
/** or ten in a band that is shorter than 20 minutes. */
const EMERGENCY_CALLS = 10;
/** Each wait is drawn once, up to a tenth either way, so that cameras that failed together do not return together. */
const JITTER = 0.1;
const DEFAULT_LIFE_MS = 7 * DAY_MS;

/**
 * The failure to store after one more thing went wrong, with the moment of the next try. Computed from the stored history, so
 * that a restart does not hammer the cloud. `newLifeMs` is the life of leases that are asked for: waits shrink with it.
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

/** A camera that was away was polled, maybe for days: what fails once it is back has not been tried yet. */
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
  // Known offline and dark: the listing tells when it is back, asking for each such camera would eat the account's calls.
  const isToldByListing = camera.status === 'offline' && lease === null;
  if (error.failureClass === 'permanent') return isToldByListing ? null : lookAtSettings(error, random, now);
  if (error.failureClass === 'camera-state' && isToldByListing) return null;

  const longestMs = Math.max(SHORTEST_WAIT_MS, Math.min(LONGEST_WAIT_MS, (lease ? lifeMs(lease) : newLifeMs) / 14));
  const jittered = plainWait(error, attempts) * (1 + (random() * 2 - 1) * JITTER);
  const waitMs = Math.max(SHORTEST_WAIT_MS, Math.min(jittered, longestMs));
  // A camera that is away stays so however close the end: it is polled as slowly as ever.
  const isPolled = lease === null || error.failureClass === 'camera-state';
  const lookAtMs = now.getTime() + (isPolled ? waitMs : Math.min(waitMs, longestWaitBeforeEnd(lease, now)));
  // What the vendor says wins over our own hurry, and gets no jitter.
  return new Date(Math.max(lookAtMs, now.getTime() + (error.retryAfterMs ?? 0)));
}

/**
 * A setting of the camera stands in the way. Whoever changes it does so in the vendor's app, of which nobody tells us, so the cloud is
 * asked now and then: one call. Other permanent faults end by something that is changed here, or that a listing tells.
 */
function lookAtSettings({ code, retryAfterMs = 0 }: CameraError, random: Random, now: Date): Date | null {
  if (!OF_SETTINGS.has(code)) return null;
  // Never later than said: people wait for it.
  const jitteredMs = SETTINGS_LOOK_MS * (1 - random() * JITTER);
  return new Date(now.getTime() + Math.max(retryAfterMs, jitteredMs));
}

function plainWait(error: CameraError, attempts: number): number {
  if (error.failureClass === 'camera-state') return CAMERA_STATE_POLL_MS;
  // Over the vendor's limit, a fast try only makes it worse.
  const fastWaits = error.failureClass === 'quota' ? [] : FAST_WAITS_MS;
  const fast = fastWaits[attempts - 1];
  if (fast !== undefined) return fast;
  const doublings = attempts - 1 - fastWaits.length;
  return Math.min(LONGEST_WAIT_MS, FIRST_SLOW_WAIT_MS * 2 ** Math.min(doublings, 20));
}

/**
 * While the lease lives: not past the beginning of its emergency band nor its last safe moment, and ever shorter within the band.
 * One that would end after the expiry is halved, so that there is a last look while the lease lives.
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
