import { readDerivedPath } from '../../../core/streams/derivedPaths.js';
import { isPublicPathName } from '../paths/pathConfig.js';
import type { Session } from './client.js';

type Seen = Pick<Session, 'path' | 'state' | 'isOurs'>;

/**
 * People watching, by path name; those of a derived path watch its camera. Counted from the session lists, since a path's `readers` include the HLS muxer, which stays for a
 * minute after the last viewer left.
 */
export function viewersByPath(sessions: readonly Seen[]): ReadonlyMap<string, number> {
  const viewers = new Map<string, number>();
  for (const { path } of sessions.filter(isViewer)) {
    const camera = readDerivedPath(path)?.cameraId ?? path;
    viewers.set(camera, (viewers.get(camera) ?? 0) + 1);
  }
  return viewers;
}

/** True for people who watch; false for publishers, for camlease's own sessions, and for readers of internal paths. */
export function isViewer({ path, state, isOurs }: Seen): boolean {
  const isWatchable = isPublicPathName(path) || readDerivedPath(path) !== null;
  return state === 'read' && isWatchable && !isOurs;
}
