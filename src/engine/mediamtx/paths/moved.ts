import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams, MovedStream } from '../../mediaEngine.js';
import { forwardingRevisions } from './forwardingRevisions.js';
import { leaseSource } from './pathSource.js';
import { isRelayLine } from './relayLine.js';
import { bridgedRevision, cameraOfPath, isSameButForward, type PathConfigs } from './pathConfig.js';

/**
 * Which cameras went from one lease to another, by these writes or beside them, and what viewers noticed of it. `shown`: the
 * leases that cameras showed before, where that is known.
 */
export function movedStreams(
  streams: DesiredStreams,
  changed: readonly string[],
  before: PathConfigs,
  after: PathConfigs,
  shown: ReadonlyMap<CameraId, number>,
): readonly MovedStream[] {
  const from = new Map([...forwardingRevisions(before), ...shown]);
  const to = forwardingRevisions(after);
  const cameras = new Set([...changed.map(cameraOfPath), ...shown.keys()]);
  return [...cameras].flatMap((cameraId): MovedStream[] => {
    const stream = streams.get(cameraId);
    const was = before.get(cameraId);
    const is = after.get(cameraId);
    if (!stream?.inForce || !was || !is) return [];
    const { revision } = stream.inForce;
    if (!isAlwaysPulled(stream.mode)) {
      // `RelayedCameras` reports what a relay showed.
      if (isRelayLine(cameraId, was)) return [];
      // From the feeder back to the cloud, or from one of them to the relay, is no other lease.
      const shows = was.source === leaseSource(stream.inForce) || bridgedRevision(cameraId, was) === revision;
      return shows || was.source === is.source ? [] : [{ cameraId, revision, how: 'swap' }];
    }
    const goesToRelay = isRelayLine(cameraId, is);
    const arrived = goesToRelay ? revision : to.get(cameraId);
    const hasMoved = arrived === revision && from.has(cameraId) && from.get(cameraId) !== revision;
    if (!hasMoved || isRelayLine(cameraId, was)) return [];
    return [{ cameraId, revision, how: goesToRelay ? 'swap' : isSameButForward(was, is) ? 'forward' : 'rebuild' }];
  });
}

/** Cameras by the names of their paths, each once. */
export function camerasOf(names: readonly string[]): readonly CameraId[] {
  return [...new Set(names.map(cameraOfPath))];
}
