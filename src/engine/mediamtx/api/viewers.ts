import { isPublicPathName } from '../paths/pathConfig.js';
import type { Session } from './client.js';

type Seen = Pick<Session, 'path' | 'state' | 'isOurs'>;

/**
 * People watching, by path name. Counted from the session lists, since a path's `readers` include the HLS muxer, which stays for a
 * minute after the last viewer left.
 */
export function viewersByPath(sessions: readonly Seen[]): ReadonlyMap<string, number> {
  const viewers = new Map<string, number>();
  for (const { path } of sessions.filter(isViewer)) viewers.set(path, (viewers.get(path) ?? 0) + 1);
  return viewers;
}

/** True for people who watch; false for publishers, for camlease's own sessions, and for readers of internal paths. */
export function isViewer({ path, state, isOurs }: Seen): boolean {
  return state === 'read' && isPublicPathName(path) && !isOurs;
}
