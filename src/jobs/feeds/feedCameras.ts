import type { CameraStore } from '../../store/cameraStore.js';
import type { NewAddress } from '../../core/camera/cameraChange.js';
import { readSourceUrl } from '../../core/camera/sourceUrl.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { FeedEntry } from '../../core/feeds/feedEntry.js';
import type { FeedCameras } from './carryOut.js';

interface Deps {
  readonly store: Pick<CameraStore, 'create' | 'update'>;
  readonly clock: Clock;
}

/** Stores what lists give without opening it: an opening of 10 s each would hold up a list of two hundred. */
export function feedCameras({ store, clock }: Deps): FeedCameras {
  return {
    create: async (id, feed, entry) => {
      const source = { kind: 'url', revision: 1, ...addressOf(entry) } as const;
      return store.create({ id, feed, source, ...entry.settings }, clock.now());
    },
    change: async (id, change, entry) => {
      const address = entry === null ? {} : { source: addressOf(entry), failure: null };
      return store.update(id, { ...change, ...address }, clock.now());
    },
  };
}

/** Not opened yet. Throws REQUEST_INVALID for an address that cannot be read, which a plan has refused before. */
function addressOf(entry: FeedEntry): NewAddress {
  const address = readSourceUrl(entry.url);
  if (address.kind === 'fault') throw new AppError('REQUEST_INVALID', address.message, { cure: address.cure });
  return { url: address.url, login: entry.login ?? address.logins[0] ?? null, tracks: null, openedAt: null };
}
