import type { MediaMtxClient } from './client.js';
import type { PathReply } from './replies.js';

/** Up to this many paths are requested one by one, since a list of 10,000 paths takes a second. */
const FEW = 40;

/** The present state of these paths, by name; missing paths are left out. With over 40 names the answer holds all other paths too. */
export async function pathsNamed(
  client: Pick<MediaMtxClient, 'path' | 'paths'>,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, PathReply>> {
  if (names.length > FEW) return new Map((await client.paths(signal)).map((path) => [path.name, path]));
  const found = await Promise.all(names.map((name) => client.path(name, signal)));
  return new Map(found.flatMap((path) => (path ? [[path.name, path]] : [])));
}
