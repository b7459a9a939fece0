import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MovedStream } from '../../mediaEngine.js';
import { forwardingRevisions } from './forwardingRevisions.js';
import { targetSource } from './pathSource.js';
import { isRelayLine } from './relayLine.js';
import { bridgedRevision, cameraOfPath, isSameButForward, type PathConfigs } from './pathConfig.js';

/**
 * Which cameras went from one lease to another, by these writes or in the background, and what their viewers noticed. `changed`: names
 * of the written paths. `shown`: the revision that each fed camera showed before, where that is known.
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
      // `RelayedCameras` reports the moves of cameras that the relay carried.
      if (isRelayLine(cameraId, was)) return [];
      // A path that showed this lease already and now gets it from the cloud, a feeder or the relay did not change its lease.
      const shows = was.source === targetSource(stream.inForce) || bridgedRevision(cameraId, was) === revision;
      return shows || was.source === is.source ? [] : [{ cameraId, revision, how: 'swap' }];
    }
    const goesToRelay = isRelayLine(cameraId, is);
    const arrived = goesToRelay ? revision : to.get(cameraId);
    const hasMoved = arrived === revision && from.has(cameraId) && from.get(cameraId) !== revision;
    if (!hasMoved || isRelayLine(cameraId, was)) return [];
    return [{ cameraId, revision, how: goesToRelay ? 'swap' : isSameButForward(was, is) ? 'forward' : 'rebuild' }];
  });
}

/** The cameras that these paths belong to, each once. */
export function camerasOf(names: readonly string[]): readonly CameraId[] {
  return [...new Set(names.map(cameraOfPath))];
}
