import type { MediaMtxClient } from './client.js';
import type { PathReply } from './replies.js';

/** Up to so many paths are asked for one by one: a list of 10,000 paths takes a second. */
const FEW = 40;

/** What these paths do now, by name; those that are not there are left out. A list brings others too. */
export async function lookAtPaths(
  client: Pick<MediaMtxClient, 'path' | 'paths'>,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, PathReply>> {
  if (names.length > FEW) return new Map((await client.paths(signal)).map((path) => [path.name, path]));
  const found = await Promise.all(names.map((name) => client.path(name, signal)));
  return new Map(found.flatMap((path) => (path ? [[path.name, path]] : [])));
}
