import type { Camera, CameraId } from '../../core/camera/camera.js';
import { isFromAhead } from '../../core/renewal/renewal.js';

/** One pass takes so many, as it does of what is due. */
const MOST = 250;

/**
 * Cameras that failed at a moment which is yet to come: the clock was wrong then and has been set back, and the wait that it chose
 * would be too long by as much.
 */
export function failedAhead(cameras: Iterable<Camera>, now: Date): CameraId[] {
  const failed = [...cameras].filter(({ failure }) => failure !== null && isFromAhead(failure.at, now));
  return failed.slice(0, MOST).map(({ id }) => id);
}
