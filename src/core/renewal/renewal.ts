import type { Camera } from '../camera/camera.js';
import { isCloudCamera, isUnidentified } from '../camera/cameraSource.js';
import type { Lease } from '../camera/lease.js';

const HOUR_MS = 3_600_000;
const LARGEST_DISAGREEMENT_MS = 10 * 60_000;
const LONGEST_EMERGENCY_MS = 12 * HOUR_MS;

export type LeaseLife = Pick<Lease, 'obtainedAt' | 'expiresAt'>;

/** Milliseconds from obtaining to expiry; 0 for a lease that had expired when it came. */
export function lifeMs(lease: LeaseLife): number {
  return Math.max(0, lease.expiresAt.getTime() - lease.obtainedAt.getTime());
}

/**
 * From this moment on a watched camera switches to its new lease even if viewers are dropped: 1 h before expiry, or a seventh
 * of the life if that is less.
 */
export function lastSafeMoment(lease: LeaseLife): Date {
  return new Date(lease.expiresAt.getTime() - Math.min(HOUR_MS, lifeMs(lease) / 7));
}

/**
 * The emergency band, in ms before expiry: in it, tries for a lease that has no successor come more often, and the
 * operator should know. 12 h, or a sixth of the life if that is less; it always begins before the last safe moment.
 */
export function emergencyMs(lease: LeaseLife): number {
  return Math.min(LONGEST_EMERGENCY_MS, lifeMs(lease) / 6);
}

/**
 * How much a camera's renewal needs attention.
 * - `calm`: nothing is wrong. `pressing`: it fails, or is overdue, and there is time left.
 * - `emergency`: the lease is in its emergency band, or has expired, and there is no later one.
 */
export const RENEWAL_URGENCIES = ['calm', 'pressing', 'emergency'] as const;
export type RenewalUrgency = (typeof RENEWAL_URGENCIES)[number];

/**
 * Judged by the leases and not by the tries: after a sleep or a stop of the process an emergency counts at once. A camera
 * that the cloud calls offline is `pressing` at most, since no URL would bring its picture.
 */
export function renewalUrgency(camera: Camera, now: Date): RenewalUrgency {
  if (standsStill(camera) !== null) return 'calm';
  const longest = longestLease(camera);
  if (longest === null) return camera.failure === null || camera.status === 'offline' ? 'calm' : 'pressing';
  const leftMs = longest.expiresAt.getTime() - now.getTime();
  if (leftMs <= emergencyMs(longest)) return camera.status === 'offline' ? 'pressing' : 'emergency';
  const isOverdue = longest.renewAt.getTime() + emergencyMs(longest) / 3 < now.getTime();
  return isOverdue || (camera.failure !== null && longest.renewAt <= now) ? 'pressing' : 'calm';
}

/**
 * The lease or the candidate, whichever expires later. A candidate counts like a lease: at the last safe moment it is
 * promoted, proven or not.
 */
export function longestLease({ lease, candidate }: Camera): Lease | null {
  if (lease === null || candidate === null) return lease ?? candidate;
  return candidate.expiresAt > lease.expiresAt ? candidate : lease;
}

/**
 * Sorts cameras in the order in which the cloud is asked: first those about to lose a living lease, by its end; then those
 * that have been due longest.
 */
export function byUrgency(cameras: readonly Camera[], now: Date): Camera[] {
  return cameras
    .map((camera) => ({ camera, endMs: emergencyEndMs(camera, now), dueMs: dueAt(camera)?.getTime() ?? 0 }))
    .sort((a, b) => (a.endMs === b.endMs ? a.dueMs - b.dueMs : a.endMs - b.endMs))
    .map(({ camera }) => camera);
}

/** When the living lease of a camera in an emergency ends (epoch ms); for other cameras, which can wait, later than any date. */
function emergencyEndMs(camera: Camera, now: Date): number {
  const endMs = longestLease(camera)?.expiresAt.getTime() ?? 0;
  const isLosing = endMs > now.getTime() && renewalUrgency(camera, now) === 'emergency';
  return isLosing ? endMs : Number.MAX_SAFE_INTEGER;
}

/** Why a camera is renewed now. */
export const RENEW_REASONS = ['no-lease', 'expired', 'due', 'retry'] as const;
export type RenewReason = (typeof RENEW_REASONS)[number];

/** Why a camera is not renewed now. */
export const WAIT_REASONS = [
  'fresh',
  'backing-off',
  'candidate-waiting',
  'disabled',
  'offline',
  'missing',
  'unidentified',
  'permanent-failure',
  'not-leased',
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

export type RenewalDecision =
  | { readonly action: 'renew'; readonly reason: RenewReason }
  | { readonly action: 'wait'; readonly reason: WaitReason; readonly until: Date | null };

/**
 * When the camera is to be renewed, perhaps in the past; null: only a change can make it due. Needs no clock, so that the
 * store can keep it beside the camera and index it.
 */
export function dueAt(camera: Camera): Date | null {
  if (standsStill(camera) !== null) return null;
  // A candidate waits for the media loop and not for the cloud; one that waits for most of its own life is renewed too.
  if (camera.candidate !== null) return camera.candidate.renewAt;
  if (camera.failure !== null) return camera.failure.nextLookAt ?? nextPlannedLook(camera.lease, camera.failure.at);
  // The listing says when an offline camera without a lease is back. One with a lease is renewed all the same: it may be
  // online again.
  if (camera.lease === null) return camera.status === 'offline' ? null : camera.createdAt;
  return camera.lease.renewAt;
}

/** `renew` exactly when `dueAt` has come. `reason` is for people, `until` is when to decide again (null: after a change). */
export function decideRenewal(camera: Camera, now: Date): RenewalDecision {
  const stopped = standsStill(camera);
  if (stopped !== null) return { action: 'wait', reason: stopped, until: null };
  const due = dueAt(camera);
  if (due === null || due > now) return { action: 'wait', reason: waitReason(camera), until: due };
  return { action: 'renew', reason: renewReason(camera, now) };
}

/** True for a time further ahead than the clocks of replicas may differ: it was written by a clock that has been set back since. */
export function isFromAhead(at: Date, now: Date): boolean {
  return at.getTime() - now.getTime() > LARGEST_DISAGREEMENT_MS;
}

function standsStill(camera: Camera): 'not-leased' | 'disabled' | 'missing' | 'unidentified' | null {
  if (!camera.enabled || camera.status === 'disabled') return 'disabled';
  if (!isCloudCamera(camera)) return 'not-leased';
  if (camera.status === 'missing') return 'missing';
  // A hand-made document: no cloud can be asked until a listing shows which account has the device.
  if (isUnidentified(camera)) return 'unidentified';
  return null;
}

/** After a permanent failure a living lease still gets two tries: at its planned renewal, and at its last safe moment. */
function nextPlannedLook(lease: Lease | null, failedAt: Date): Date | null {
  if (lease === null) return null;
  return [lease.renewAt, lastSafeMoment(lease)].find((look) => look > failedAt) ?? null;
}

function waitReason(camera: Camera): WaitReason {
  if (camera.candidate !== null) return 'candidate-waiting';
  if (camera.failure === null) return camera.lease === null ? 'offline' : 'fresh';
  return camera.failure.nextLookAt === null ? 'permanent-failure' : 'backing-off';
}

function renewReason(camera: Camera, now: Date): RenewReason {
  if (camera.lease === null) return 'no-lease';
  if (camera.lease.expiresAt <= now) return 'expired';
  return camera.failure === null ? 'due' : 'retry';
}
