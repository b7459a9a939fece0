import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import axios from 'axios';
import { VENDORS } from '../../cloud/vendors/registry.js';
import type { Config } from '../../config/config.js';
import { askUntil } from '../../core/async/askUntil.js';
import { within } from '../../core/async/deadline.js';
import { Vendors } from '../../core/camera/vendors.js';
import { AppError } from '../../core/errors.js';
import { desiredStreams } from '../../core/streams/streams.js';
import type { Ownership } from '../../jobs/run/ownership.js';
import { createMediaProcess } from '../../media/process/mediaProcess.js';
import { CachedCameraStore } from '../../store/memory/cachedCameraStore.js';
import { JOURNAL_FILE, JournalFile } from '../../store/memory/journal.js';
import { createStore } from '../../store/opening/createStore.js';
import type { AppParts } from '../appParts.js';
import { openStore } from '../openStore.js';
import { openDataDir } from '../place/dataDir.js';
import { Releasers } from '../releasers.js';
import { createReplicas } from '../replicas.js';
import { createEngine } from './createEngine.js';

/** Longer than a dead replica keeps what it owned. */
const OWNER_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;
const GIVE_BACK_MS = 1_000;

/** One run that writes MediaMTX's lines so that a camlease without a relay can continue with them. */
export interface DirectLines {
  /** Returns a sentence that says what was done. Throws `AppError` with a cure. `stop` is safe at any moment. */
  start(): Promise<string>;
  stop(): Promise<void>;
}

type Parts = Pick<
  AppParts,
  'clock' | 'random' | 'log' | 'redactor' | 'environment' | 'pid' | 'packageRoot' | 'vendors'
>;

/** Serves the cameras as they are stored, without the relay; leases, proves and moves nothing. */
export function createDirectLines(config: Config, parts: Parts): DirectLines {
  const { clock, random, log, redactor } = parts;
  const vendors = new Vendors(parts.vendors ?? VENDORS, config.cloudExtraHosts);
  const releasers = new Releasers((message) => log.warn(message));
  const stopping = new AbortController();
  const { signal } = stopping;

  const start = async (): Promise<string> => {
    const dataDir = openDataDir(config.dataDir, parts.pid, randomUUID);
    releasers.add('data folder', () => dataDir.unlock());
    const media = createMediaProcess({ clock });
    releasers.add('media process', () => media.stop());
    await media.start();
    const accounts = config.accounts.map(({ name }) => name);
    const isShared = config.mongodbUri !== null;
    const replicas = createReplicas({ isShared, owner: dataDir.owner, accounts, clock, log });
    const engine = await createEngine({
      config: { ...config, relay: { use: 'off', url: null, port: 0, secret: null } },
      ...(replicas.sharing && { sharing: replicas.sharing }),
      ...{ http: axios.create({ proxy: false }), clock, log, media, vendors, environment: parts.environment },
      newSecret: () => randomBytes(24).toString('base64url'),
      keepSecret: (text) => redactor.register(text),
      templatePath: path.join(parts.packageRoot, 'mediamtx.yml'),
    });
    if (engine.settle === undefined)
      return 'Nothing was written: camlease serves these cameras with its embedded engine, not with MediaMTX.';
    releasers.add('engine', () => engine.stop());
    await engine.start();
    const database = createStore({ ...config, vendors, clock, random, log });
    const journal = new JournalFile(path.join(dataDir.path, JOURNAL_FILE));
    const isAlone = database.kind === 'sqlite';
    const store = new CachedCameraStore(database, { journal, clock, log, owner: dataDir.owner, isAlone });
    releasers.add('store', () => store.close());
    await openStore(store, clock, log, signal, () => Promise.resolve());
    releasers.add('ownership', () => within(clock, GIVE_BACK_MS, replicas.close()));
    await owned(await replicas.open(database, engine));
    const streams = desiredStreams(store.peekAll(), clock.now());
    const { changed, refused } = await engine.apply(streams, signal);
    await engine.settle(signal);
    const left = refused.map(({ cameraId, message, cure }) => ` Camera ${cameraId}: ${message} ${cure}`);
    return `MediaMTX pulls all cameras itself now; ${changed.length} lines were changed.${left.join('')}`;
  };

  /** Waits until this process owns MediaMTX's lines: other replicas would write theirs back. */
  const owned = async (ownership: Ownership): Promise<void> => {
    const asking = { clock, everyMs: LOOK_EVERY_MS, withinMs: OWNER_WITHIN_MS, signal };
    if (await askUntil(asking, () => ownership.engine())) return;
    throw new AppError('STORE_IN_USE', 'Another camlease on the same database writes the paths of MediaMTX.', {
      cure: 'Stop every camlease on this database, then run this again.',
    });
  };

  return {
    start,
    async stop() {
      stopping.abort(new Error('camlease is stopping'));
      await releasers.release();
    },
  };
}
