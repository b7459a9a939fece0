import type { CameraId } from '../../core/camera.js';
import type { StreamState } from '../mediaEngine.js';
import type { PathReply } from './replies.js';

export interface SeenStreams {
  readonly cameraIds: Iterable<CameraId>;
  readonly revisionOf: (cameraId: CameraId) => number | null;
  /** null: could not be read. */
  readonly paths: readonly PathReply[] | null;
  readonly viewers: ReadonlyMap<string, number>;
}

/**
 * What MediaMTX's paths say about the cameras. An idle on-demand path says `online` too, so only tracks and readers tell
 * whether something flows or is about to.
 */
export function streamStates({ cameraIds, revisionOf, paths, viewers }: SeenStreams): Map<CameraId, StreamState> {
  const byName = new Map(paths?.map((path) => [path.name, path]));
  const states = new Map<CameraId, StreamState>();
  for (const cameraId of cameraIds) {
    const path = byName.get(cameraId);
    const watching = viewers.get(cameraId) ?? 0;
    states.set(cameraId, {
      revision: revisionOf(cameraId),
      flow: paths === null ? 'unknown' : flowOf(path, watching),
      bytesReceived: path?.inboundBytes ?? 0,
      viewers: watching,
    });
  }
  return states;
}

function flowOf(path: PathReply | undefined, viewers: number): StreamState['flow'] {
  if (!path) return 'idle';
  if (path.available && path.tracks2.length > 0) return 'flowing';
  return viewers > 0 || path.readers.length > 0 ? 'starting' : 'idle';
}
