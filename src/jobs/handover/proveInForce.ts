import type { Camera } from '../../core/camera/camera.js';
import type { Lease } from '../../core/camera/lease.js';
import { messageOf, type CameraError } from '../../core/errors.js';
import { isHopeless, nextProofAt, type ProofAttempt } from '../../core/handover/handover.js';
import { teachesSubStream } from '../../core/handover/proof.js';
import { lifeMs } from '../../core/renewal/renewal.js';
import { attemptAt, learn, type HandOverDeps } from './handOverCandidates.js';

const STORE_RETRY_MS = 5_000;

/** Cameras whose lease in force is not proven yet: a first lease, or one that was promoted unproven. */
export function camerasToProveInForce(cameras: Iterable<Camera>, now: Date): Camera[] {
  return [...cameras].filter((camera) => isUnseen(camera, now));
}

function isUnseen(camera: Camera, now: Date): boolean {
  const lease = camera.lease;
  // Most leases are proven, so this check comes first: every step of the media loop goes through all cameras.
  if (lease === null || lease.proof === 'proven' || lease.proof === 'failed') return false;
  if (camera.candidate !== null || !camera.enabled || camera.status !== 'active') return false;
  return lease.expiresAt > now;
}

/** Proves the lease in force and stores the result. Returns when to come again; null: at the next change. */
export async function proveInForce(deps: HandOverDeps, camera: Camera): Promise<Date | null> {
  const now = deps.clock.now();
  const { lease } = camera;
  if (lease === null || !isUnseen(camera, now)) return null;
  try {
    return await see(deps, camera, lease, now);
  } catch (thrown) {
    deps.log.warn(
      `The result of checking the picture of camera ${camera.id} could not be stored: ${messageOf(thrown)}`,
      {
        camera: camera.id,
      },
    );
    return new Date(now.getTime() + STORE_RETRY_MS);
  }
}

async function see(deps: HandOverDeps, camera: Camera, lease: Lease, now: Date): Promise<Date | null> {
  const { store, watch, leaseLog } = deps;
  const { revision } = lease;
  const attempt = attemptAt(deps, camera.id, lease, now);
  if (attempt === null) {
    prove(deps, camera, lease);
    return null;
  }
  if (attempt.outcome === 'proven') {
    await store.recordProof(camera.id, revision, { proof: 'proven', failure: null, tracks: attempt.tracks }, now);
    watch.over(camera.id);
    return null;
  }
  if (attempt.outcome === 'no-picture' && isSettled(attempt, camera, lease)) {
    const { error } = attempt;
    const failure = await learn(deps, camera, lease, error, now);
    await store.recordProof(camera.id, revision, { proof: 'failed', failure, tracks: null }, now);
    watch.over(camera.id);
    const bound = { camera: camera.id, revision, code: error.code };
    deps.log.warn(`Camera ${camera.id} has a lease but no picture: ${error.message}`, bound);
    leaseLog.record({ cameraId: camera.id, step: 'rejected', revision, reason: error.code, message: error.message });
    if (teachesSubStream(camera, lease, error)) deps.onDue(camera.id);
    return null;
  }
  const nextTry = nextProofAt(attempt, camera, lifeMs(lease));
  const fault = attempt.outcome === 'no-picture' && { fault: attempt.error };
  if (nextTry > now) {
    watch.decided(camera.id, revision, { action: 'hold', reason: 'unprovable', until: nextTry, ...fault });
    return nextTry;
  }
  prove(deps, camera, lease, fault);
  return null;
}

/** `fault`: what the previous proof of this lease found. */
function prove(
  { proofs, watch }: HandOverDeps,
  camera: Camera,
  lease: Lease,
  fault: { readonly fault: CameraError } | false = false,
): void {
  const waits = !proofs.start(camera, lease) && { waitsFor: 'no-free-stream' as const };
  watch.decided(camera.id, lease.revision, { action: 'prove', ...fault, ...waits });
}

/**
 * Whether a failed proof is final. The first lease of a camera that is away fails at its first proof; one that was
 * promoted unproven is proven again and again, since the camera was known to be away.
 */
function isSettled(attempt: Extract<ProofAttempt, { outcome: 'no-picture' }>, camera: Camera, lease: Lease): boolean {
  return isHopeless(attempt, camera) || (attempt.error.failureClass === 'camera-state' && lease.proof === 'pending');
}
