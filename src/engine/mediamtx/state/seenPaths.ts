import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../mediaEngine.js';
import type { MediaMtxClient } from '../api/client.js';
import { lookAtPaths } from '../api/pathLooks.js';
import type { PathReply } from '../api/replies.js';
import { viewersByPath } from '../api/viewers.js';
import { leaseOfPath, type PathConfigs } from '../paths/pathConfig.js';

/** Up to so many paths one list of all costs less than asking for each. */
const SMALL_SERVER = 500;
const VIEWERS_AGE_MS = 4_000;

interface SeenPaths {
  readonly streams: DesiredStreams;
  /** null: could not be read. */
  readonly paths: readonly PathReply[] | null;
  readonly viewers: ReadonlyMap<string, number>;
}

export interface Wish {
  readonly which: 'all' | 'pulled';
  /** Cameras that somebody reads from a relay; null: none is known. */
  readonly read: ReadonlyMap<CameraId, unknown> | null;
  /** Paths whose source MediaMTX opened because somebody asked. */
  readonly opened: ReadonlySet<string>;
}

/** What MediaMTX's paths do now; with `pulled` only those that somebody pulls, since ten thousand idle ones take a second to list. */
export async function seenPaths(
  client: MediaMtxClient,
  told: DesiredStreams,
  own: PathConfigs,
  { which, read, opened }: Wish,
  signal?: AbortSignal,
): Promise<SeenPaths> {
  try {
    if (which === 'all' || own.size <= SMALL_SERVER) {
      // Eight lists; who only asks whether bytes move may have those of a moment ago.
      const maxAgeMs = which === 'all' ? 0 : VIEWERS_AGE_MS;
      const [paths, sessions] = await Promise.all([client.paths(signal), client.sessions(signal, maxAgeMs)]);
      return { streams: told, paths, viewers: viewersByPath(sessions) };
    }
    const viewers = viewersByPath(await client.sessions(signal));
    const isPulled = (cameraId: CameraId): boolean =>
      viewers.has(cameraId) || opened.has(cameraId) || read?.has(cameraId) === true;
    const streams = new Map([...told].filter(([cameraId, { mode }]) => isAlwaysPulled(mode) || isPulled(cameraId)));
    const found = await lookAtPaths(client, [...streams.keys()].flatMap(namesOf(own)), signal);
    return { streams, paths: [...found.values()], viewers };
  } catch {
    return { streams: told, paths: null, viewers: new Map() };
  }
}

/** Its public path and its feeders. */
function namesOf(own: PathConfigs): (cameraId: CameraId) => string[] {
  const feeders = new Map<CameraId, string[]>();
  for (const name of own.keys()) {
    const lease = leaseOfPath(name);
    if (lease) feeders.set(lease.cameraId, [...(feeders.get(lease.cameraId) ?? []), name]);
  }
  return (cameraId) => [cameraId, ...(feeders.get(cameraId) ?? [])];
}
