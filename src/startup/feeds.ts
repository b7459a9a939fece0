import { readFile } from 'node:fs/promises';
import { ConfigFeed } from '../compat/mtx/configFeed.js';
import type { ConfigResult } from '../config/config.js';
import { sourceNetworks } from '../core/camera/sourceNetworks.js';
import type { Clock, Random } from '../core/clock.js';
import type { MasterList } from '../core/feeds/masterItems.js';
import { textOfBytes } from '../core/textOfBytes.js';
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
}

interface SettingsParts extends Parts {
  /** See `watchedSettings`. */
  readonly readSettings: () => ConfigResult | null;
}

interface MtxParts extends Parts {
  /** Its `config.json`. */
  readonly file: string;
}

/** The lists of cameras that the settings file holds and names. */
export function createFeeds({ readSettings, ...parts }: SettingsParts): Feeds {
  const readFile = (): Promise<FileReading> => {
    const read = readSettings();
    if (read === null) return Promise.resolve({ kind: 'same' });
    if (read.config === null) return Promise.resolve({ kind: 'broken', mistakes: read.mistakes });
    const { cameraList: rows = null, lists = [] } = read.config;
    return Promise.resolve({ kind: 'read', rows, lists });
  };
  return new Feeds({ ...depsOf(parts), readFile });
}

/** The cameras of an old MTX-STREAMING. */
export function createMtxFeed({ file, ...parts }: MtxParts): ConfigFeed {
  return new ConfigFeed({ ...depsOf(parts), readFile: async () => textOfBytes(await readFile(file)) });
}

function depsOf({ clock, random, log, store, ownership, networks }: Parts) {
  const allowed = sourceNetworks(networks);
  // Nothing that a list gives is opened when it is stored.
  const urls = new UrlCameras({ clock, random, store, opening: null, networks: allowed });
  return {
    ...{ clock, log: log.child({ part: 'lists' }), store },
    cameras: feedCameras({ urls, store, clock }),
    ask: (list: MasterList, signal: AbortSignal) => askList(list, { clock, networks: allowed }, signal),
    isOurs: () => ownership.lists?.() ?? true,
  };
}
