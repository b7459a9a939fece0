import { type Camera, isAlwaysPulled } from '../camera/camera.js';
import { sameTracks, type StreamTracks } from '../camera/tracks.js';
import type { CameraError } from '../errors.js';
import { lastSafeMoment, lifeMs } from '../renewal/renewal.js';

const MINUTE_MS = 60_000;
/** How often the viewers of a watched camera are read again: they may leave at any time. */
const HOLD_LOOK_MS = 10_000;
const PROOF_RETRY_MS = 5_000;
const CAMERA_STATE_POLL_MS = 5 * MINUTE_MS;
/** Proofs of a candidate that fail by a passing fault before it is rejected. */
const TRIES = 3;

/** The result of a lease's latest proof; `unable`: no proof was possible (the engine is away). */
export type ProofAttempt =
  | { readonly outcome: 'proven'; readonly at: Date; readonly tracks: StreamTracks | null }
  | { readonly outcome: 'unable'; readonly at: Date }
  | { readonly outcome: 'no-picture'; readonly at: Date; readonly tries: number; readonly error: CameraError };

/** What `decideHandover` decides by. */
export interface HandoverFacts {
  readonly camera: Camera;
  /** People watching now; null: could not be read, which counts as watched. */
  readonly viewers: number | null;
  /** True when the engine can move this camera from its lease to the candidate without dropping viewers. */
  readonly swapsUnnoticed: boolean;
  /**
   * True when the engine moves this camera without a write to the media server, so that viewers notice nothing but other
   * tracks; absent: it does not.
   */
  readonly movesFreely?: boolean;
  /** The operator asked for the new lease now, even if that drops viewers. */
  readonly asked: boolean;
  /** The latest proof of the candidate; null: none yet. */
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

/** Why a candidate waits; `other-tracks`: its sound or codec is another, so that its promotion drops viewers. */
export const HOLD_REASONS = ['watched', 'viewers-unknown', 'other-tracks', 'unprovable'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/**
 * How an engine moved a camera from one lease to the next. `swap` drops the viewers of a camera that the media server
 * pulls by itself, or that goes over to the relay; `rebuild` drops the viewers of a camera whose stream has other tracks
 * now; `relay` and `forward` drop nobody.
 */
export const SWAP_HOWS = ['swap', 'relay', 'forward', 'rebuild'] as const;
export type SwapHow = (typeof SWAP_HOWS)[number];

export type HandoverDecision =
  | { readonly action: 'none' }
  | {
      readonly action: 'prove';
      /** What the previous proof found; absent: this is the first. */
      readonly fault?: CameraError;
      /** Set while the proof waits for one of the account's streams. */
      readonly waitsFor?: 'no-free-stream';
    }
  | { readonly action: 'promote'; readonly reason: MoveReason; readonly proof: 'proven' | 'unproven' }
  | {
      readonly action: 'hold';
      readonly reason: HoldReason;
      readonly until: Date;
      /** Why the latest proof found no picture; absent: no proof was possible, or it found one. */
      readonly fault?: CameraError;
    }
  | { readonly action: 'reject'; readonly error: CameraError };

/**
 * What to do with a camera's candidate: prove it, then promote it when no viewer notices, or at the last safe moment even
 * if viewers are dropped.
 */
export function decideHandover(facts: HandoverFacts): HandoverDecision {
  const { camera, attempt, now } = facts;
  const { lease, candidate } = camera;
  if (candidate === null) return { action: 'none' };
  const proof = attempt?.outcome === 'proven' ? 'proven' : 'unproven';
  // No living lease can be lost: promote at once, and prove the lease in force, like a first one.
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

/** True when the decision depends on whether somebody watches; else the engine need not be asked. */
export function dependsOnViewers(facts: Omit<HandoverFacts, 'viewers'>): boolean {
  const decision = decideHandover({ ...facts, viewers: null });
  return decision.action === 'hold' && decision.reason !== 'unprovable';
}

/** When a lease is proven again whose proof found no picture or was not possible. */
export function nextProofAt(attempt: ProofAttempt, camera: Pick<Camera, 'status'>, leaseLifeMs: number): Date {
  const waits = attempt.outcome === 'no-picture' && waitsForOthers(attempt.error, camera);
  const plainMs = waits ? CAMERA_STATE_POLL_MS : PROOF_RETRY_MS;
  const retryAfterMs = attempt.outcome === 'no-picture' ? (attempt.error.retryAfterMs ?? 0) : 0;
  return new Date(attempt.at.getTime() + Math.max(retryAfterMs, Math.min(plainMs, leaseLifeMs / 18)));
}

/** True when another proof of the same URL would end the same way, so that only another URL can help. */
export function isHopeless(
  attempt: Extract<ProofAttempt, { outcome: 'no-picture' }>,
  camera: Pick<Camera, 'status'>,
): boolean {
  if (waitsForOthers(attempt.error, camera)) return false;
  return attempt.error.failureClass !== 'retry' || attempt.tries >= TRIES;
}

/** True when only the camera's return, or a viewer's leaving, ends the hold, at an unknown time. */
export function holdsForLong(decision: HandoverDecision, camera: Pick<Camera, 'status'>): boolean {
  if (decision.action !== 'hold') return false;
  return decision.reason !== 'unprovable' || (decision.fault !== undefined && waitsForOthers(decision.fault, camera));
}

/** True when the fault says nothing about the URL: the camera is away, or the vendor lets no more streams through. */
function waitsForOthers({ failureClass }: CameraError, { status }: Pick<Camera, 'status'>): boolean {
  if (failureClass === 'camera-state' || failureClass === 'quota') return true;
  // An offline camera's stream brings nothing, and another URL would bring no more.
  return failureClass === 'retry' && status === 'offline';
}

/** Until when a first proof is started: half of the time after the last safe moment is enough for one. */
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
