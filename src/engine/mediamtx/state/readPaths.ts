import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaMtxClient } from '../api/client.js';
import { pathsNamed } from '../api/pathsNamed.js';
import type { PathReply } from '../api/replies.js';
import { viewersByPath } from '../api/viewers.js';
import { leaseOfPath, type PathConfigs } from '../paths/pathConfig.js';

/** With up to this many paths, one list of all costs less than a request for each. */
const SMALL_SERVER = 500;
const VIEWERS_AGE_MS = 4_000;

interface ReadPaths {
  readonly streams: DesiredStreams;
  /** null: MediaMTX could not be asked. */
  readonly paths: readonly PathReply[] | null;
  readonly viewers: ReadonlyMap<string, number>;
}

export interface Wish {
  readonly which: 'all' | 'pulled';
  /** Cameras that somebody reads from the relay; null: there is no relay, or it could not be asked. */
  readonly read: ReadonlyMap<CameraId, unknown> | null;
  /** Names of paths whose source MediaMTX has opened for a reader. */
  readonly opened: ReadonlySet<string>;
}

/**
 * The present state of MediaMTX's paths, and the cameras that it covers. `pulled`: on a server with many paths only cameras that are
 * pulled, since a list of 10,000 idle paths takes a second.
 */
export async function readPaths(
  client: MediaMtxClient,
  told: DesiredStreams,
  own: PathConfigs,
  { which, read, opened }: Wish,
  signal?: AbortSignal,
): Promise<ReadPaths> {
  try {
    if (which === 'all' || own.size <= SMALL_SERVER) {
      // The sessions take eight lists; for `pulled`, lists of a moment ago will do.
      const maxAgeMs = which === 'all' ? 0 : VIEWERS_AGE_MS;
      const [paths, sessions] = await Promise.all([client.paths(signal), client.sessions(signal, maxAgeMs)]);
      return { streams: told, paths, viewers: viewersByPath(sessions) };
    }
    const viewers = viewersByPath(await client.sessions(signal));
    const isPulled = (cameraId: CameraId): boolean =>
      viewers.has(cameraId) || opened.has(cameraId) || read?.has(cameraId) === true;
    const streams = new Map([...told].filter(([cameraId, { mode }]) => isAlwaysPulled(mode) || isPulled(cameraId)));
    const found = await pathsNamed(client, [...streams.keys()].flatMap(namesOf(own)), signal);
    return { streams, paths: [...found.values()], viewers };
  } catch {
    return { streams: told, paths: null, viewers: new Map() };
  }
}

/** Returns the names of a camera's public path and of its feeders. */
function namesOf(own: PathConfigs): (cameraId: CameraId) => string[] {
  const feeders = new Map<CameraId, string[]>();
  for (const name of own.keys()) {
    const lease = leaseOfPath(name);
    if (lease) feeders.set(lease.cameraId, [...(feeders.get(lease.cameraId) ?? []), name]);
  }
  return (cameraId) => [cameraId, ...(feeders.get(cameraId) ?? [])];
}
