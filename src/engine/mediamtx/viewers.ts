import type { SessionReply } from './replies.js';

/** What our own readers put into the query of the address they read, so that they are not taken for people. */
export const OWN_READ_QUERY = 'camlease=own';

/**
 * People watching, by path. From the session lists: a path's `readers` counts the HLS muxer, which stays for a minute after
 * the last viewer left.
 */
export function viewersByPath(sessions: readonly SessionReply[]): ReadonlyMap<string, number> {
  const viewers = new Map<string, number>();
  for (const { path } of sessions.filter(isViewer)) viewers.set(path, (viewers.get(path) ?? 0) + 1);
  return viewers;
}

/** True for people; false for who publishes and for readers of our own. */
export function isViewer({ query, state }: SessionReply): boolean {
  return state === 'read' && !query.split('&').includes(OWN_READ_QUERY);
}
