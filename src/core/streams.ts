import type { Camera, CameraId, CameraMode } from './camera.js';
import type { Lease } from './lease.js';
import { lifeMs } from './renewal.js';

const HOUR_MS = 3_600_000;

export interface ServedStream {
  readonly mode: CameraMode;
  readonly inForce: Lease;
}

/** What an engine is to serve now: the unexpired lease of every enabled camera, not missing for longer than the grace. */
export function desiredStreams(cameras: Iterable<Camera>, now: Date): Map<CameraId, ServedStream> {
  const streams = new Map<CameraId, ServedStream>();
  for (const camera of cameras) {
    const end = servedUntil(camera);
    if (camera.lease !== null && end !== null && end > now) {
      streams.set(camera.id, { mode: camera.mode, inForce: camera.lease });
    }
  }
  return streams;
}

/** The next moment at which `desiredStreams` loses a camera by time alone; null: none does. */
export function nextStreamEnd(cameras: Iterable<Camera>, now: Date): Date | null {
  let next: Date | null = null;
  for (const camera of cameras) {
    const end = servedUntil(camera);
    if (end !== null && end > now && (next === null || end < next)) next = end;
  }
  return next;
}

function servedUntil(camera: Camera): Date | null {
  const lease = camera.lease;
  if (lease === null || !camera.enabled || camera.status === 'disabled') return null;
  if (camera.status !== 'missing') return lease.expiresAt;
  // A listing may forget a camera for a moment: its viewers are not cut off at once.
  const missingSince = camera.missingSince ?? camera.updatedAt;
  const graceEnd = missingSince.getTime() + Math.min(HOUR_MS, lifeMs(lease) / 7);
  return new Date(Math.min(graceEnd, lease.expiresAt.getTime()));
}
