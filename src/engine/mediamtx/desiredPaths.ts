import type { CameraId } from '../../core/camera.js';
import type { DesiredStreams, RefusedStream } from '../mediaEngine.js';
import { isPublicPathName, pullPath, type PathConfig } from './pathConfig.js';
import { pathSource } from './pathSource.js';

export interface DesiredPaths {
  readonly paths: ReadonlyMap<string, PathConfig>;
  /** Cameras that cannot be served, each with a sentence. */
  readonly refused: readonly RefusedStream[];
}

/**
 * The paths that these streams need at `now`: one for each camera with a living lease, pulled only while somebody watches.
 * A dead URL has no path: MediaMTX would try it every 5 s for ever.
 */
export function desiredPaths(streams: DesiredStreams, now: Date): DesiredPaths {
  const paths = new Map<CameraId, PathConfig>();
  const refused: RefusedStream[] = [];
  for (const [cameraId, { inForce }] of streams) {
    if (!inForce || inForce.expiresAt <= now) continue;
    const source = pathSource(inForce.url);
    if (!isPublicPathName(cameraId)) refused.push({ cameraId, ...BAD_NAME });
    else if (source === null) refused.push({ cameraId, ...BAD_SOURCE });
    else paths.set(cameraId, pullPath(source, 'watched'));
  }
  return { paths, refused };
}

const BAD_NAME = {
  message: "This camera's id cannot be a path name in MediaMTX.",
  cure: 'Give it an id of letters, digits, minus, dot and underscore that does not begin with an underscore.',
};

const BAD_SOURCE = {
  message: "This camera's live address is not one that MediaMTX can pull.",
  cure: 'Correct its address (rtmp://host/app/stream); a leased one is replaced at the next renewal.',
};
