import type { CameraId } from '../../core/camera.js';
import type { DesiredStreams, MovedStream } from '../mediaEngine.js';
import { forwardingRevisions } from './carriedCameras.js';
import { bridgedRevision, cameraOfPath, isSameButForward, type PathConfigs } from './pathConfig.js';

/** Which cameras a write took from one lease to another, and what that meant for those who watch. */
export function movedStreams(
  streams: DesiredStreams,
  changed: readonly string[],
  before: PathConfigs,
  after: PathConfigs,
): readonly MovedStream[] {
  const from = forwardingRevisions(before);
  const to = forwardingRevisions(after);
  const cameras = new Set(changed.map(cameraOfPath));
  return [...cameras].flatMap((cameraId): MovedStream[] => {
    const stream = streams.get(cameraId);
    const was = before.get(cameraId);
    const is = after.get(cameraId);
    if (!stream?.inForce || !was || !is) return [];
    const { revision } = stream.inForce;
    if (stream.mode === 'on-demand') {
      // From the feeder back to the cloud is no other lease.
      const isSame = was.source === is.source || bridgedRevision(cameraId, was) === revision;
      return isSame ? [] : [{ cameraId, revision, how: 'swap' }];
    }
    const hasMoved = to.get(cameraId) === revision && from.has(cameraId) && from.get(cameraId) !== revision;
    if (!hasMoved) return [];
    return [{ cameraId, revision, how: isSameButForward(was, is) ? 'forward' : 'rebuild' }];
  });
}

/** Cameras by the names of their paths, each once. */
export function camerasOf(names: readonly string[]): readonly CameraId[] {
  return [...new Set(names.map(cameraOfPath))];
}
