import type { CameraId } from '../../../core/camera/camera.js';
import { leaseOfPath, type PathConfigs } from './pathConfig.js';

/** The revision of the feeder that forwards to each camera's public path, by camera. */
export function forwardingRevisions(own: PathConfigs): Map<CameraId, number> {
  const revisions = new Map<CameraId, number>();
  for (const [name, { forward }] of own) {
    if (forward === undefined || forward.length === 0) continue;
    const lease = leaseOfPath(name);
    if (lease) revisions.set(lease.cameraId, lease.revision);
  }
  return revisions;
}
