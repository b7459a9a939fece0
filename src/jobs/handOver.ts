import { nextFailure } from '../core/backoff.js';
import type { Camera, CameraId, Failure } from '../core/camera.js';
import type { CameraError } from '../core/errors.js';
import { decideHandover, isHopeless, nextProofAt, type HandoverDecision, type ProofAttempt } from '../core/handover.js';
import type { Lease } from '../core/lease.js';
import { teachesSubStream } from '../core/proof.js';
import { lastSafeMoment, lifeMs } from '../core/renewal.js';
import type { JobsDeps } from './deps.js';
import type { HandoverWatch } from './handoverWatch.js';
import type { Proofs } from './proofs.js';

export interface HandOverDeps extends Pick<
  JobsDeps,
  'clock' | 'random' | 'log' | 'store' | 'engine' | 'lifetimeSeconds'
> {
  readonly proofs: Proofs;
  readonly watch: HandoverWatch;
  /** The camera is due again at once. */
  readonly onDue: (id: CameraId) => void;
}

/** Cameras with something to look at, the candidates whose time runs out first. */
export function camerasToLookAt(cameras: Iterable<Camera>, now: Date): Camera[] {
  const urgency = (camera: Camera): number =>
    camera.candidate && camera.lease ? lastSafeMoment(camera.lease).getTime() : Number.POSITIVE_INFINITY;
  return [...cameras]
    .filter((camera) => (camera.candidate !== null ? isWanted(camera) : isUnseen(camera, now)))
    .map((camera) => ({ camera, at: urgency(camera) }))
    .sort((a, b) => (a.at === b.at ? 0 : a.at - b.at))
    .map(({ camera }) => camera);
}

/** A camera that is switched off or gone keeps its candidate, and no stream of the account is spent on it. */
function isWanted(camera: Camera): boolean {
  return camera.enabled && camera.status !== 'disabled' && camera.status !== 'missing';
}

/** Looks at one camera's new lease and carries out what is decided. Returns when to look again; null: at the next change. */
export async function lookAt(deps: HandOverDeps, camera: Camera): Promise<Date | null> {
  if (camera.candidate !== null) return handOver(deps, camera, camera.candidate);
  return camera.lease !== null && isUnseen(camera, deps.clock.now()) ? seeInForce(deps, camera, camera.lease) : null;
}

async function handOver(deps: HandOverDeps, camera: Camera, candidate: Lease): Promise<Date | null> {
  const { store, watch, log } = deps;
  const now = deps.clock.now();
  const attempt = attemptAt(deps, camera.id, candidate, now);
  const viewers = await viewersNow(deps, camera, attempt);
  const decision = decideHandover({ camera, viewers, swapsUnnoticed: deps.engine.swapsUnnoticed, attempt, now });
  const { id } = camera;
  const { revision } = candidate;
  const bound = { camera: id, revision, reason: reasonOf(decision) };
  switch (decision.action) {
    case 'none':
      return null;
    case 'prove':
      deps.proofs.start(camera, candidate);
      return null;
    case 'hold':
      watch.hold(id, revision);
      return decision.until;
    case 'promote':
    case 'force':
      await store.promote(id, revision, decision.proof, now);
      log.info(`Camera ${id} moves to its new lease.`, bound);
      break;
    case 'reject':
      await store.reject(id, revision, await learn(deps, camera, candidate, decision.error, now), now);
      log.warn(`Camera ${id} keeps its lease, the new one showed no picture: ${decision.error.message}`, bound);
      if (teachesSubStream(camera, candidate, decision.error)) deps.onDue(id);
      break;
  }
  watch.over(id);
  return null;
}

/** Nobody is asked for who watches when the answer would change nothing. */
async function viewersNow(deps: HandOverDeps, camera: Camera, attempt: ProofAttempt | null): Promise<number | null> {
  if (deps.watch.isForced(camera.id)) return 0;
  if (attempt?.outcome !== 'proven' || deps.engine.swapsUnnoticed) return null;
  return deps.engine.viewers(camera.id).catch(() => null);
}

/** A lease in force whose picture was not seen yet: a first one, or one that was promoted unproven. */
function isUnseen(camera: Camera, now: Date): boolean {
  const lease = camera.lease;
  if (lease === null || camera.candidate !== null || lease.expiresAt <= now) return false;
  if (!camera.enabled || camera.status !== 'active') return false;
  return lease.proof === 'pending' || lease.proof === 'unproven';
}

async function seeInForce(deps: HandOverDeps, camera: Camera, lease: Lease): Promise<Date | null> {
  const { store, proofs, watch } = deps;
  const now = deps.clock.now();
  const attempt = attemptAt(deps, camera.id, lease, now);
  if (attempt === null) {
    proofs.start(camera, lease);
    return null;
  }
  if (attempt.outcome === 'proven') {
    await store.recordProof(camera.id, lease.revision, 'proven', null, now);
    return null;
  }
  if (attempt.outcome === 'no-picture' && isSettled(attempt, camera, lease)) {
    const failure = await learn(deps, camera, lease, attempt.error, now);
    await store.recordProof(camera.id, lease.revision, 'failed', failure, now);
    deps.log.warn(`Camera ${camera.id} has a lease but no picture: ${attempt.error.message}`, {
      ...{ camera: camera.id, revision: lease.revision, code: attempt.error.code },
    });
    if (teachesSubStream(camera, lease, attempt.error)) deps.onDue(camera.id);
    return null;
  }
  watch.hold(camera.id, lease.revision);
  const nextTry = nextProofAt(attempt, camera, lifeMs(lease));
  if (nextTry > now) return nextTry;
  proofs.start(camera, lease);
  return null;
}

/** A camera that is away is said to have no picture once; one promoted unproven was known to be away. */
function isSettled(attempt: Extract<ProofAttempt, { outcome: 'no-picture' }>, camera: Camera, lease: Lease): boolean {
  return isHopeless(attempt, camera) || (attempt.error.failureClass === 'camera-state' && lease.proof === 'pending');
}

function attemptAt(deps: HandOverDeps, id: CameraId, lease: Lease, now: Date): ProofAttempt | null {
  const attempt = deps.proofs.attemptOf(id, lease.revision);
  if (attempt?.outcome === 'proven') return attempt;
  return deps.engine.status().ready ? attempt : { outcome: 'unable', at: now };
}

/** The failure to store; where the sub stream may help, that is remembered first, and the camera is due at once. */
async function learn(
  deps: HandOverDeps,
  camera: Camera,
  lease: Lease,
  error: CameraError,
  now: Date,
): Promise<Failure> {
  const failure = nextFailure(camera.failure, error, camera, deps.random, now, deps.lifetimeSeconds * 1000);
  if (!teachesSubStream(camera, lease, error)) return failure;
  await deps.store.update(camera.id, { learnedQuality: 'sub' }, now);
  return { ...failure, nextLookAt: now };
}

function reasonOf(decision: HandoverDecision): string {
  switch (decision.action) {
    case 'none':
    case 'prove':
      return decision.action;
    case 'reject':
      return decision.error.code;
    case 'promote':
    case 'force':
    case 'hold':
      return decision.reason;
  }
}
