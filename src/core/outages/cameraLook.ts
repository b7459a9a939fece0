import { type Camera, isAlwaysPulled } from '../camera/camera.js';
import { isCloudCamera, isUnidentified, isUrlCamera } from '../camera/cameraSource.js';
import { NOTHING_COMES } from '../health/cameraTroubles.js';
import { liveVerdict, showsSomethingElse, type SeenStream } from '../health/health.js';
import { relaySentence } from '../health/relayReasons.js';
import { giverOf } from '../streams/pullTarget.js';
import { OFFLINE_REASON } from './outage.js';

/**
 * What one check of a camera says about whether it works.
 * - `outside`: nothing is expected of it: switched off, missing, just found, or nobody pulls it.
 * - `unknown`: the media server does not say.
 * - `starting`: a pull is about to begin, or has brought nothing yet. `why`: how its latest pull ended; absent: unknown.
 * - `moving`: bytes come. `movedMs`: when they were last seen to have grown (monotonic ms); null: just now.
 * - `dark`: it should work and does not.
 */
export type CameraLook =
  | { readonly kind: 'outside' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'starting'; readonly why?: string }
  | { readonly kind: 'moving'; readonly movedMs: number | null; readonly bytes: number | null }
  | { readonly kind: 'dark'; readonly reason: string; readonly message: string; readonly since: Date | null };

const OUTSIDE: CameraLook = { kind: 'outside' };

/**
 * Judges a camera for the outage watch. Bytes count before anything else: a camera that the cloud calls offline, and whose
 * picture comes all the same, works. `seen` null: the engine reports nothing of it.
 */
export function cameraLook(camera: Camera, seen: SeenStream | null, now: Date): CameraLook {
  if (!camera.enabled || camera.status === 'disabled' || camera.status === 'missing') return OUTSIDE;
  const isPulled = isAlwaysPulled(camera.mode) || (seen !== null && seen.flow !== 'idle' && seen.flow !== 'unknown');
  const verdict = liveVerdict(camera, now, seen?.refused ?? null);
  if (seen?.flow === 'flowing' && !isForeign(seen) && !showsSomethingElse(camera)) {
    return { kind: 'moving', movedMs: seen.movedMs ?? null, bytes: seen.bytesReceived ?? null };
  }
  if (!verdict.live) return withoutPicture(camera, verdict, isPulled, seen);
  if (seen?.flow === 'unknown') return { kind: 'unknown' };
  if (!isPulled) return OUTSIDE;
  const why = relaySentence(seen?.reason ?? null, giverOf(camera));
  if (seen?.flow === 'stopped') {
    return { kind: 'dark', ...nothingComes(why, camera), since: null };
  }
  return { kind: 'starting', ...(why !== '' && { why }) };
}

/** The reason and message of an outage in which nothing comes. `why`: the relay's sentences; empty: none. */
export function nothingComes(why = '', camera?: Camera): { readonly reason: string; readonly message: string } {
  const nothing =
    camera && isUrlCamera(camera)
      ? "Nothing comes from the camera's address."
      : 'The lease is valid, but nothing comes from the cloud.';
  const message = [nothing, why].join(' ').trim();
  return { reason: NOTHING_COMES.code, message };
}

/** True when another program's stream has the camera's path name. */
function isForeign({ revision, refused = null }: SeenStream): boolean {
  return revision === null && refused !== null;
}

function withoutPicture(
  camera: Camera,
  { reason, message }: { readonly reason: string; readonly message: string },
  isPulled: boolean,
  seen: SeenStream | null,
): CameraLook {
  const { lease, failure, status } = camera;
  if (status === 'offline') {
    return { kind: 'dark', reason: OFFLINE_REASON, message: 'The cloud says that the camera is offline.', since: null };
  }
  // No listing has shown the camera yet, or its first lease was not asked for yet.
  if (isUnidentified(camera)) return OUTSIDE;
  if (isCloudCamera(camera) && lease === null && failure === null) return OUTSIDE;
  // The bytes may say more than one failed proof.
  const failedLook = lease?.proof === 'failed' && !showsSomethingElse(camera);
  if (failedLook && seen?.flow === 'unknown') return { kind: 'unknown' };
  if (failedLook && isPulled && seen?.flow === 'starting') return { kind: 'starting' };
  return { kind: 'dark', reason, message, since: lease?.expiresAt ?? failure?.since ?? null };
}
