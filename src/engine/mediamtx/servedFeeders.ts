import { type CameraId, isAlwaysPulled } from '../../core/camera.js';
import type { Lease } from '../../core/lease.js';
import type { DesiredStreams } from '../mediaEngine.js';
import type { ServedFeeder } from './feederWatch.js';
import { forwards, leasePathName, type PathConfigs } from './pathConfig.js';
import type { RtspAddress } from './rtsp.js';
import type { WantedCarriage } from './spliceCarrier.js';

/** The feeders in force that are there. */
export function servedFeeders(
  streams: DesiredStreams,
  own: PathConfigs,
  isSpliced: (cameraId: CameraId) => boolean,
): readonly ServedFeeder[] {
  return [...streams].flatMap(([cameraId, { mode, inForce }]) => {
    if (!isAlwaysPulled(mode) || !inForce) return [];
    const feeder = leasePathName(cameraId, inForce.revision);
    const config = own.get(feeder);
    if (!config) return [];
    return [{ cameraId, feeder, isPublished: forwards(config) || isSpliced(cameraId) }];
  });
}

/** True when the lease is pulled by a feeder, or is to be. */
export function hasFeeder(streams: DesiredStreams, cameraId: CameraId, { revision }: Lease): boolean {
  const stream = streams.get(cameraId);
  if (!stream || !isAlwaysPulled(stream.mode)) return false;
  return stream.inForce?.revision === revision || stream.candidate?.revision === revision;
}

/** What the splice should carry: seamless cameras whose feeder and public path are there. */
export function carriagesOf(
  streams: DesiredStreams,
  own: PathConfigs,
  rtsp: RtspAddress,
): ReadonlyMap<CameraId, WantedCarriage> {
  const carriages = new Map<CameraId, WantedCarriage>();
  for (const [cameraId, { mode, inForce }] of streams) {
    if (mode !== 'seamless' || !inForce || own.get(cameraId)?.alwaysAvailable !== true) continue;
    if (!own.has(leasePathName(cameraId, inForce.revision))) continue;
    const from = rtsp.readFrom(cameraId, inForce.revision);
    const to = rtsp.publishTo(cameraId);
    if (from !== null && to !== null)
      carriages.set(cameraId, { from, to, revision: inForce.revision, expiresAt: inForce.expiresAt });
  }
  return carriages;
}

/** What is left of the lease in force that ends first; null: none lives. */
export function shortestLeaseMs(streams: DesiredStreams, now: Date): number | null {
  const ends = [...streams.values()].flatMap(({ inForce }) => (inForce ? [inForce.expiresAt.getTime()] : []));
  const left = ends.map((endMs) => endMs - now.getTime()).filter((ms) => ms > 0);
  return left.length === 0 ? null : left.reduce((shortest, ms) => Math.min(shortest, ms));
}
