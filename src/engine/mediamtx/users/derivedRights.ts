import { DERIVED_KINDS, derivedPath } from '../../../core/streams/derivedPaths.js';
import type { GlobalConfigReply } from '../api/replies.js';
import { A_CAMERA, covers } from './openings.js';

const OF_CAMLEASE = /^camlease-/;

/**
 * True: whoever may watch a camera may watch its derived streams, whose names begin with an underscore. False also where MediaMTX asks another server
 * about rights, since that one may not know these names.
 */
export function mayWatchDerived({ authMethod, authInternalUsers }: GlobalConfigReply): boolean {
  if (authMethod !== 'internal') return false;
  const readers = authInternalUsers
    .filter(({ user }) => !OF_CAMLEASE.test(user))
    .map(({ permissions }) => permissions.filter(({ action }) => action === 'read').map(({ path }) => path))
    .filter((paths) => paths.length > 0);
  return readers.every((paths) =>
    DERIVED_KINDS.every((kind) => paths.some((path) => covers(path, derivedPath(kind, A_CAMERA)))),
  );
}
