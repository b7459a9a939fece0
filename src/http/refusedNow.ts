import type { CameraId } from '../core/camera.js';
import type { StreamRefusal } from '../core/health.js';
import { OVER_CAP } from '../core/relayReasons.js';
import type { HttpDeps } from './deps.js';

/** What was seen longer ago says nothing of now. */
const FRESH_MS = 30_000;

/** Why no player may be sent to a camera, from memory; null: the media server and its relay take it. */
export function refusedNow(
  { jobs, outages, clock }: Pick<HttpDeps, 'jobs' | 'outages' | 'clock'>,
  id: CameraId,
): StreamRefusal | null {
  const refused = jobs.engineState().refused.get(id);
  if (refused !== undefined) return refused;
  const seen = outages.lastSeen(id);
  const isOver = seen?.reason === 'over-cap' && clock.now().getTime() - seen.at.getTime() < FRESH_MS;
  return isOver ? OVER_CAP : null;
}
