import type { ConfigResult } from '../config/config.js';
import { sourceNetworks } from '../core/camera/sourceNetworks.js';
import type { Clock, Random } from '../core/clock.js';
import { feedCameras } from '../jobs/feeds/feedCameras.js';
import { Feeds, type FileReading } from '../jobs/feeds/feeds.js';
import type { Ownership } from '../jobs/run/ownership.js';
import { UrlCameras } from '../jobs/sources/urlCameras.js';
import { askList } from '../lists/askList.js';
import type { Log } from '../observe/logger.js';
import type { CachedCameraStore } from '../store/memory/cachedCameraStore.js';

interface Parts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: CachedCameraStore;
  readonly ownership: Ownership;
  /** `SOURCE_NETWORKS`: networks that may be dialled though nobody means them as a rule. */
  readonly networks: string;
  /** See `watchedSettings`. */
  readonly readSettings: () => ConfigResult | null;
}

/** The lists of cameras that the settings file holds and names. */
export function createFeeds({ clock, random, log, store, ownership, networks, readSettings }: Parts): Feeds {
  const allowed = sourceNetworks(networks);
  // Nothing that a list gives is opened when it is stored.
  const urls = new UrlCameras({ clock, random, store, opening: null, networks: allowed });
  const readFile = (): Promise<FileReading> => {
    const read = readSettings();
    if (read === null) return Promise.resolve({ kind: 'same' });
    if (read.config === null) return Promise.resolve({ kind: 'broken', mistakes: read.mistakes });
    const { cameraList: rows = null, lists = [] } = read.config;
    return Promise.resolve({ kind: 'read', rows, lists });
  };
  return new Feeds({
    ...{ clock, log: log.child({ part: 'lists' }), store, readFile },
    cameras: feedCameras({ urls, store, clock }),
    ask: (list, signal) => askList(list, { clock, networks: allowed }, signal),
    isOurs: () => ownership.lists?.() ?? true,
  });
}
