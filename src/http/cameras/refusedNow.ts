import type { CameraId } from '../../core/camera/camera.js';
import type { StreamRefusal } from '../../core/health/health.js';
import type { Trouble } from '../../core/health/cameraTroubles.js';
import { pictureTrouble } from '../../core/outages/pictureTrouble.js';
import type { RelayReason } from '../../core/streams/relay.js';
import { OVER_CAP } from '../../core/health/relayReasons.js';
import type { HttpDeps } from '../route/deps.js';

/** What was seen longer ago says nothing of now. */
const FRESH_MS = 30_000;

/** Why no player may be sent to a camera, from memory; null: the media server and its relay take it. */
export function refusedNow(deps: Pick<HttpDeps, 'jobs' | 'outages' | 'clock'>, id: CameraId): StreamRefusal | null {
  const refused = deps.jobs.engineState().refused.get(id);
  if (refused !== undefined) return refused;
  return reasonNow(deps, id) === 'over-cap' ? OVER_CAP : null;
}

/** Why nothing comes of a camera to which a player may be sent all the same, from memory; null: nothing is known to be wrong. */
export function troubleNow(deps: Pick<HttpDeps, 'outages' | 'clock'>, id: CameraId): Trouble | null {
  return pictureTrouble(deps.outages.openOf?.(id) ?? null, reasonNow(deps, id));
}

/** null: the relay brings pictures, or was not asked for long. */
function reasonNow({ outages, clock }: Pick<HttpDeps, 'outages' | 'clock'>, id: CameraId): RelayReason | null {
  const seen = outages.lastSeen(id);
  return seen && clock.now().getTime() - seen.at.getTime() < FRESH_MS ? (seen.reason ?? null) : null;
}
