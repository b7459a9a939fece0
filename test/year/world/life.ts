import path from 'node:path';
import type { CloudApi } from '../../../src/cloud/cloudApi.js';
import { createCloudApi } from '../../../src/cloud/vendors/createCloudApi.js';
import type { Clock } from '../../../src/core/clock.js';
import { lastSafeMoment } from '../../../src/core/renewal/renewal.js';
import type { MediaEngine } from '../../../src/engine/mediaEngine.js';
import { createJobs, type Jobs } from '../../../src/jobs/createJobs.js';
import type { Log } from '../../../src/observe/logger.js';
import type { Store } from '../../../src/store/store.js';
import { CachedCameraStore } from '../../../src/store/memory/cachedCameraStore.js';
import { JOURNAL_FILE, JournalFile } from '../../../src/store/memory/journal.js';
import { createStore } from '../../../src/store/opening/createStore.js';
import { processClock, type Ground } from './ground.js';
import { Ticks } from './ticks.js';
import { isOpened, seldomRefreshed, storeThatMayBeAway } from './yearStore.js';
import { vendorsWith } from '../../support/clouds/vendors.js';

const OWNER = 'owner-1';
const OPEN_AGAIN_MS = 5_000;

/** One life of camlease, from its start to its death: what a process has in memory. */
export class Life {
  readonly #ground: Ground;
  readonly #alive = { now: true };
  readonly #clock: Clock;
  readonly #ticks: Ticks;
  #plain: Store | null = null;
  #journal: JournalFile | null = null;
  #store: CachedCameraStore | null = null;
  #jobs: Jobs | null = null;
  #engine: MediaEngine | null = null;
  #clouds: CloudApi[] = [];
  #ids = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#clock = processClock(ground, this.#alive);
    this.#ticks = new Ticks(ground);
  }

  get store(): CachedCameraStore | null {
    return this.#store;
  }

  get jobs(): Jobs | null {
    return this.#jobs;
  }

  get isAlive(): boolean {
    return this.#alive.now;
  }

  readonly isLiving = (): boolean => this.#alive.now;

  /** As main does: the store is waited for, then everything begins. */
  async start(): Promise<void> {
    const { chance, dataDir, clouds, engine, callsPerHour } = this.#ground;
    const random = chance.next;
    const log = this.#log();
    const clock = this.#clock;
    const extraHosts = ['year.test'];
    const plain = createStore({ mongodbUri: null, dataDir, vendors: vendorsWith(...extraHosts), clock, random, log });
    const journal = new JournalFile(path.join(dataDir, JOURNAL_FILE));
    const reached = storeThatMayBeAway(this.#ground, this.isLiving, plain);
    const store = new CachedCameraStore(reached, {
      ...{ journal, clock, log, owner: 'owner-1' },
      isAlone: true,
    });
    [this.#plain, this.#journal] = [plain, journal];
    while (!(await isOpened(store))) {
      await new Promise<void>((resolve) => clock.after(OPEN_AGAIN_MS, resolve));
    }
    this.#clouds = clouds.fleet.accounts.map(({ name, vendor, appKey, secret }) =>
      createCloudApi(
        { name, vendor, appKey, secret, baseUrls: [clouds.baseUrl(vendor)] },
        { clock, random, http: clouds.client(name, vendor, this.isLiving), extraHosts },
      ),
    );
    const door = engine.door(this.isLiving, { clock, log, fence: () => 0 });
    this.#engine = door;
    await door.start();
    store.onChange(() => {
      this.#ticks.changed();
      this.#ground.clock.happened();
    });
    const started = this.#ground.clock.nowMs;
    const jobs = createJobs({
      ...{ clock, random, engine: door, owner: OWNER, log },
      store: seldomRefreshed(this.#ground, store),
      ...{ passes: reached, events: reached, pictures: reached, records: reached.records },
      newId: () => `pass-${started}-${++this.#ids}`,
      accounts: new Map(this.#clouds.map((cloud) => [cloud.account, { cloud, streamBudget: 3 }])),
      shrink: null,
      ...{ lifetimeSeconds: 604_800, callsPerHour },
      schedule: this.#ticks.schedule,
      watchesOutages: false,
      ...{ renewCron: '*/10 * * * * *', snapshotCron: '*/30 * * * *', discoverCron: '*/15 * * * *' },
      snapshotPeriodMs: 30 * 60_000,
    });
    await jobs.start();
    [this.#store, this.#jobs] = [store, jobs];
    this.#ticks.begin({ store, jobs });
  }

  /** As by SIGTERM. */
  async stop(): Promise<void> {
    await this.#jobs?.stop();
    await this.#engine?.stop();
    for (const cloud of this.#clouds) cloud.close();
    await this.#store?.close();
    this.#alive.now = false;
  }

  /** As by `kill -9`: nothing runs any more, and nothing is tidied up. */
  async kill(): Promise<void> {
    this.#alive.now = false;
    for (const cloud of this.#clouds) cloud.close();
    if (this.#engine) this.#ground.engine.close(this.#engine);
    await this.#plain?.close();
    this.#journal?.close();
  }

  /** When the next tick comes that may find something to do. */
  nextTickMs(): number {
    return this.#alive.now ? this.#ticks.nextMs() : Number.POSITIVE_INFINITY;
  }

  /** Makes the ticks that are due now. */
  tick(): void {
    if (this.#alive.now) this.#ticks.make();
  }

  /** The next moment at which time alone ends or moves something, in true time. */
  nextLeaseMomentMs(): number {
    const nowMs = this.#ground.clock.nowMs;
    let next = Number.POSITIVE_INFINITY;
    for (const { lease, candidate } of this.#store?.peekAll() ?? []) {
      if (lease === null) continue;
      const moments = candidate ? [lastSafeMoment(lease), lease.expiresAt] : [lease.expiresAt];
      for (const moment of moments) {
        const atMs = moment.getTime() - this.#ground.wallOffsetMs;
        if (atMs > nowMs && atMs < next) next = atMs;
      }
    }
    return next;
  }

  #log(): Log {
    const tell =
      (level: 'warn' | 'error') =>
      (message: string, fields?: Readonly<Record<string, unknown>>): void => {
        const error = fields?.['error'];
        if (this.#alive.now)
          this.#ground.log(level, error instanceof Error ? `${message} ${error.stack ?? ''}` : message);
      };
    const log: Log = {
      ...{ debug: () => undefined, info: () => undefined, warn: tell('warn'), error: tell('error') },
      child: () => log,
    };
    return log;
  }
}
