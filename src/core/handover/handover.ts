import { type Camera, isAlwaysPulled } from '../camera/camera.js';
import { sameTracks, type StreamTracks } from '../camera/tracks.js';
import type { CameraError } from '../errors.js';
import { lastSafeMoment, lifeMs } from '../renewal/renewal.js';

const MINUTE_MS = 60_000;
/** How often a watched camera is looked at again: viewers leave when they like. */
const HOLD_LOOK_MS = 10_000;
const PROOF_RETRY_MS = 5_000;
const CAMERA_STATE_POLL_MS = 5 * MINUTE_MS;
/** Tries of a proof that failed by a passing fault before the candidate is given up. */
const TRIES = 3;

/** What the latest proof of a lease said; `unable`: nothing could look (the engine is away). */
export type ProofAttempt =
  | { readonly outcome: 'proven'; readonly at: Date; readonly tracks: StreamTracks | null }
  | { readonly outcome: 'unable'; readonly at: Date }
  | { readonly outcome: 'no-picture'; readonly at: Date; readonly tries: number; readonly error: CameraError };

export interface HandoverFacts {
  readonly camera: Camera;
  /** People watching now; null: could not be read, which counts as watched. */
  readonly viewers: number | null;
  /** The engine takes this camera from its lease to this candidate without viewers being dropped. */
  readonly swapsUnnoticed: boolean;
  /** It goes over without a write to the media server, so that only a stream of another kind could be noticed; absent: it does not. */
  readonly movesFreely?: boolean;
  /** A person asked for the new lease now, whoever watches. */
  readonly asked: boolean;
  /** The latest look at the candidate; null: none yet. */
  readonly attempt: ProofAttempt | null;
  readonly now: Date;
}

/** Why a candidate becomes the lease. */
export const MOVE_REASONS = [
  'no-lease',
  'expired',
  'no-picture-now',
  'unnoticed',
  'nobody-watches',
  'asked',
  'last-safe-moment',
] as const;
export type MoveReason = (typeof MOVE_REASONS)[number];

/** Why a candidate waits; `other-tracks`: it can only come by dropping those who watch, since its sound or codec is another. */
export const HOLD_REASONS = ['watched', 'viewers-unknown', 'other-tracks', 'unprovable'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/**
 * How an engine went from one lease to the next: `swap` drops those who watch a camera that the media server pulls by itself, or that goes
 * to the relay; `relay` and `forward` drop nobody; `rebuild` drops those who watch a camera whose stream has other tracks now.
 */
export const SWAP_HOWS = ['swap', 'relay', 'forward', 'rebuild'] as const;
export type SwapHow = (typeof SWAP_HOWS)[number];

export type HandoverDecision =
  | { readonly action: 'none' }
  | {
      readonly action: 'prove';
      /** What the look before this one said; absent: this is the first. */
      readonly fault?: CameraError;
      /** Set while the look waits for one of the account's streams. */
      readonly waitsFor?: 'no-free-stream';
    }
  | { readonly action: 'promote'; readonly reason: MoveReason; readonly proof: 'proven' | 'unproven' }
  | {
      readonly action: 'hold';
      readonly reason: HoldReason;
      readonly until: Date;
      /** Why the latest look brought no picture; absent: nothing could look, or the picture was seen. */
      readonly fault?: CameraError;
    }
  | { readonly action: 'reject'; readonly error: CameraError };

/** What to do with a camera's candidate: prove it, then change when nobody notices, and in time whoever watches. */
export function decideHandover(facts: HandoverFacts): HandoverDecision {
  const { camera, attempt, now } = facts;
  const { lease, candidate } = camera;
  if (candidate === null) return { action: 'none' };
  const proof = attempt?.outcome === 'proven' ? 'proven' : 'unproven';
  // There is nothing to lose: the picture is looked at once it is in force, as that of a first lease.
  if (lease === null) return { action: 'promote', reason: 'no-lease', proof };
  if (lease.expiresAt <= now) return { action: 'promote', reason: 'expired', proof };
  if (attempt?.outcome === 'no-picture' && isHopeless(attempt, camera))
    return { action: 'reject', error: attempt.error };

  const lastSafe = lastSafeMoment(lease);
  if (attempt === null && now < lookUntil(lease)) return { action: 'prove' };
  if (attempt === null || lastSafe <= now) return { action: 'promote', reason: 'last-safe-moment', proof };
  if (attempt.outcome !== 'proven') {
    const nextTry = nextProofAt(attempt, camera, lifeMs(lease));
    const fault = attempt.outcome === 'no-picture' && { fault: attempt.error };
    if (nextTry <= now) return { action: 'prove', ...fault };
    return { ...hold('unprovable', earlier(nextTry, lastSafe)), ...fault };
  }
  if (facts.asked) return { action: 'promote', reason: 'asked', proof };
  if (lease.proof === 'failed') return { action: 'promote', reason: 'no-picture-now', proof };
  if (facts.swapsUnnoticed) return { action: 'promote', reason: 'unnoticed', proof };
  if (facts.viewers === 0) return { action: 'promote', reason: 'nobody-watches', proof };
  const nextLook = new Date(now.getTime() + Math.min(HOLD_LOOK_MS, lifeMs(lease) / 45));
  return hold(holdReason(facts, attempt.tracks), earlier(nextLook, lastSafe));
}

/** True when the answer of `decideHandover` hangs on who watches; else nobody needs to be asked. */
export function dependsOnViewers(facts: Omit<HandoverFacts, 'viewers'>): boolean {
  const decision = decideHandover({ ...facts, viewers: null });
  return decision.action === 'hold' && decision.reason !== 'unprovable';
}

/** When a lease whose proof did not come about is looked at again. */
export function nextProofAt(attempt: ProofAttempt, camera: Pick<Camera, 'status'>, leaseLifeMs: number): Date {
  const waits = attempt.outcome === 'no-picture' && waitsForOthers(attempt.error, camera);
  const plainMs = waits ? CAMERA_STATE_POLL_MS : PROOF_RETRY_MS;
  const retryAfterMs = attempt.outcome === 'no-picture' ? (attempt.error.retryAfterMs ?? 0) : 0;
  return new Date(attempt.at.getTime() + Math.max(retryAfterMs, Math.min(plainMs, leaseLifeMs / 18)));
}

/** True when another look at the same URL would see the same, so that only another URL can help. */
export function isHopeless(
  attempt: Extract<ProofAttempt, { outcome: 'no-picture' }>,
  camera: Pick<Camera, 'status'>,
): boolean {
  if (waitsForOthers(attempt.error, camera)) return false;
  return attempt.error.failureClass !== 'retry' || attempt.tries >= TRIES;
}

/** True when only the camera's return, or a viewer's leaving, ends the hold: nobody knows when that is. */
export function holdsForLong(decision: HandoverDecision, camera: Pick<Camera, 'status'>): boolean {
  if (decision.action !== 'hold') return false;
  return decision.reason !== 'unprovable' || (decision.fault !== undefined && waitsForOthers(decision.fault, camera));
}

/** The fault says nothing about the URL: the camera is away, or the vendor lets no more streams through. */
function waitsForOthers({ failureClass }: CameraError, { status }: Pick<Camera, 'status'>): boolean {
  if (failureClass === 'camera-state' || failureClass === 'quota') return true;
  // The stream of an offline camera just brings nothing: no other URL would bring more.
  return failureClass === 'retry' && status === 'offline';
}

/** One look, even late: half of the time that is left after the last safe moment is enough for it. */
function lookUntil(lease: Parameters<typeof lastSafeMoment>[0]): Date {
  return new Date((lastSafeMoment(lease).getTime() + lease.expiresAt.getTime()) / 2);
}

function holdReason({ camera, viewers, movesFreely }: HandoverFacts, tracks: StreamTracks | null): HoldReason {
  const before = camera.lease?.tracks ?? null;
  const isCarried = isAlwaysPulled(camera.mode) || movesFreely === true;
  if (isCarried && before && tracks && !sameTracks(before, tracks)) return 'other-tracks';
  return viewers === null ? 'viewers-unknown' : 'watched';
}

function hold(reason: HoldReason, until: Date): HandoverDecision {
  return { action: 'hold', reason, until };
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
