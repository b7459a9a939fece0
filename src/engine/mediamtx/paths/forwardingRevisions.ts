import type { CameraId } from '../../../core/camera/camera.js';
import { leaseOfPath, type PathConfigs } from './pathConfig.js';

/** For each camera whose public path a feeder publishes to: the revision that this feeder pulls. */
export function forwardingRevisions(own: PathConfigs): Map<CameraId, number> {
  const revisions = new Map<CameraId, number>();
  for (const [name, { forward }] of own) {
    if (forward === undefined || forward.length === 0) continue;
    const lease = leaseOfPath(name);
    if (lease) revisions.set(lease.cameraId, lease.revision);
  }
  return revisions;
}
