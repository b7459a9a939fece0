import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import { forwards, leasePathName, type PathConfigs } from '../paths/pathConfig.js';
import { isRelayLine } from '../paths/relayLine.js';
import type { ServedFeeder } from './feederWatch.js';

/** The feeders of leases in force that MediaMTX has. */
export function servedFeeders(streams: DesiredStreams, own: PathConfigs): readonly ServedFeeder[] {
  return [...streams].flatMap(([cameraId, { mode, inForce }]) => {
    if (!isAlwaysPulled(mode) || !inForce) return [];
    const feeder = leasePathName(cameraId, inForce.revision);
    const config = own.get(feeder);
    if (!config) return [];
    return [{ cameraId, feeder, isPublished: forwards(config) }];
  });
}

/** True when a feeder pulls the lease, now or after the next write. */
export function hasFeeder(
  streams: DesiredStreams,
  own: PathConfigs,
  cameraId: CameraId,
  { revision }: PullTarget,
): boolean {
  const stream = streams.get(cameraId);
  if (!stream || !isAlwaysPulled(stream.mode)) return false;
  const line = own.get(cameraId);
  if (line && isRelayLine(cameraId, line)) return false;
  return stream.inForce?.revision === revision || stream.candidate?.revision === revision;
}

/** Milliseconds until the first of the leases in force ends; null: no lease is alive. */
export function shortestLeaseMs(streams: DesiredStreams, now: Date): number | null {
  const ends = [...streams.values()].flatMap(({ inForce }) => (inForce?.endsAt ? [inForce.endsAt.getTime()] : []));
  const left = ends.map((endMs) => endMs - now.getTime()).filter((ms) => ms > 0);
  return left.length === 0 ? null : left.reduce((shortest, ms) => Math.min(shortest, ms));
}
