import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { StreamRefusal } from '../../core/health/health.js';
import type { CameraTrouble } from '../../core/health/cameraTroubles.js';
import { pictureTrouble } from '../../core/outages/pictureTrouble.js';
import type { RelayReason } from '../../core/streams/relay.js';
import { OVER_CAP } from '../../core/health/relayReasons.js';
import type { HttpDeps } from '../route/deps.js';

/** An older look at the engine says nothing about now. */
const FRESH_MS = 30_000;

/**
 * Why the media server or its relay does not serve a camera, so that no player may be sent there; null: they serve it. From
 * memory.
 */
export function refusedNow(deps: Pick<HttpDeps, 'jobs' | 'outages' | 'clock'>, id: CameraId): StreamRefusal | null {
  const refused = deps.jobs.engineState().refused.get(id);
  if (refused !== undefined) return refused;
  return reasonNow(deps, id) === 'over-cap' ? OVER_CAP : null;
}

/** Why no pictures of a camera come, though a player may be sent there; null: no fault is known. From memory. */
export function troubleNow(deps: Pick<HttpDeps, 'outages' | 'clock'>, camera: Camera): CameraTrouble | null {
  return pictureTrouble(camera, deps.outages.openOf?.(camera.id) ?? null, reasonNow(deps, camera.id));
}

/** The relay's reason; null: it brings pictures, or was not asked lately. */
function reasonNow({ outages, clock }: Pick<HttpDeps, 'outages' | 'clock'>, id: CameraId): RelayReason | null {
  const seen = outages.lastSeen(id);
  return seen && clock.now().getTime() - seen.at.getTime() < FRESH_MS ? (seen.reason ?? null) : null;
}
