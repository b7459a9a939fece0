import type { Camera, CameraId, CameraMode } from './camera.js';
import type { Lease } from './lease.js';
import { lifeMs } from './renewal.js';

const HOUR_MS = 3_600_000;

export interface ServedStream {
  readonly mode: CameraMode;
  /** null: expired; a camera that is not on-demand is served on with its slate. */
  readonly inForce: Lease | null;
  /** The candidate while it is being proven. */
  readonly candidate: Lease | null;
}

/**
 * What an engine is to serve now: the unexpired lease of every enabled camera, not missing for longer than the grace. An expired
 * lease goes; a camera that is not on-demand keeps its address all the same. `proving` says which candidates are being looked
 * at: only those are worth a stream.
 */
export function desiredStreams(
  cameras: Iterable<Camera>,
  now: Date,
  proving: (id: CameraId, revision: number) => boolean = () => false,
): Map<CameraId, ServedStream> {
  const streams = new Map<CameraId, ServedStream>();
  for (const camera of cameras) {
    const stream = servedStream(camera, now, proving);
    if (stream) streams.set(camera.id, stream);
  }
  return streams;
}

/** The next moment at which `desiredStreams` loses something by time alone; null: none does. */
export function nextStreamEnd(cameras: Iterable<Camera>, now: Date): Date | null {
  let next: Date | null = null;
  for (const camera of cameras) {
    for (const end of [servedUntil(camera), camera.lease?.expiresAt ?? null]) {
      if (end !== null && end > now && (next === null || end < next)) next = end;
    }
  }
  return next;
}

function servedStream(
  camera: Camera,
  now: Date,
  proving: (id: CameraId, revision: number) => boolean,
): ServedStream | null {
  const { lease, candidate, mode } = camera;
  const end = servedUntil(camera);
  if (lease === null || end === null || end <= now) return null;
  const inForce = lease.expiresAt > now ? lease : null;
  if (mode === 'on-demand') return inForce && { mode, inForce, candidate: null };
  const looked = candidate !== null && candidate.expiresAt > now && proving(camera.id, candidate.revision);
  return { mode, inForce, candidate: looked ? candidate : null };
}

/** When the camera's address goes; null: it has none. */
function servedUntil(camera: Camera): Date | null {
  const lease = camera.lease;
  if (lease === null || !camera.enabled || camera.status === 'disabled') return null;
  const isKept = camera.mode !== 'on-demand';
  if (camera.status !== 'missing') return isKept ? FOR_EVER : lease.expiresAt;
  // A listing may forget a camera for a moment: its viewers are not cut off at once.
  const missingSince = camera.missingSince ?? camera.updatedAt;
  const graceEndMs = missingSince.getTime() + Math.min(HOUR_MS, lifeMs(lease) / 7);
  return new Date(isKept ? graceEndMs : Math.min(graceEndMs, lease.expiresAt.getTime()));
}

const FOR_EVER = new Date(8_640_000_000_000_000);
