import type { Camera, CameraId } from '../../core/camera/camera.js';
import { isFromAhead } from '../../core/renewal/renewal.js';

/** Cameras in one pass, as many as of one account's due cameras. */
const MOST = 250;

/**
 * Cameras whose failure is dated in the future: the clock was wrong then and has been set back since, so their next try is
 * too far away.
 */
export function futureDatedFailures(cameras: Iterable<Camera>, now: Date): CameraId[] {
  const failed = [...cameras].filter(({ failure }) => failure !== null && isFromAhead(failure.at, now));
  return failed.slice(0, MOST).map(({ id }) => id);
}
