import type { GivenSource } from '../../core/camera/cameraChange.js';
import { readSourceUrl } from '../../core/camera/sourceUrl.js';
import type { Clock } from '../../core/clock.js';
import type { FeedEntry } from '../../core/feeds/feedEntry.js';
import type { JobsStore } from '../run/deps.js';
import type { UrlCameras } from '../sources/urlCameras.js';
import type { FeedCameras } from './carryOut.js';

interface Deps {
  readonly urls: Pick<UrlCameras, 'create' | 'change'>;
  readonly store: Pick<JobsStore, 'update'>;
  readonly clock: Clock;
}

/** An opening of 10 s each would hold up a list of two hundred: the job opens them afterwards. */
const UNOPENED = { keep: true, opens: false } as const;

/** Gives what lists name to the one way in for cameras by URL. */
export function feedCameras({ urls, store, clock }: Deps): FeedCameras {
  return {
    create: (id, feed, entry) => urls.create({ id, feed, source: givenBy(entry), ...entry.settings }, UNOPENED),
    change: async (id, change, entry) => {
      if (entry !== null) await urls.change(id, givenBy(entry), UNOPENED);
      return Object.keys(change).length === 0 ? null : store.update(id, change, clock.now());
    },
  };
}

/** A login that the entry does not name is none: the stored one belongs to the address before. */
function givenBy({ url, login }: FeedEntry): GivenSource {
  if (login !== null) return { url, user: login.user, password: login.password };
  const address = readSourceUrl(url);
  return address.kind === 'address' && address.logins.length > 0 ? { url } : { url, login: null };
}
