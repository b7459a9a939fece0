import path from 'node:path';
import type { CloudApi } from '../../src/cloud/cloudApi.js';
import { createCloudApi } from '../../src/cloud/createCloudApi.js';
import type { Clock } from '../../src/core/clock.js';
import { AppError } from '../../src/core/errors.js';
import { lastSafeMoment, dueAt } from '../../src/core/renewal.js';
import type { MediaEngine } from '../../src/engine/mediaEngine.js';
import { createJobs, type Jobs } from '../../src/jobs/createJobs.js';
import type { Schedule } from '../../src/jobs/deps.js';
import type { Log } from '../../src/observe/logger.js';
import { unanswered } from '../support/awayStore.js';
import { CachedCameraStore } from '../../src/store/cachedCameraStore.js';
import type { CameraStore } from '../../src/store/cameraStore.js';
import { createStore } from '../../src/store/createStore.js';
import { JOURNAL_FILE, JournalFile } from '../../src/store/journal.js';
import type { RecordTable } from '../../src/store/recordTable.js';
import type { Chance } from './chance.js';
import type { YearClock } from './yearClock.js';
import type { YearClouds } from './yearClouds.js';
import type { YearEngine } from './yearEngine.js';

/** Ticks come on this grid, as by `RENEW_CRON`. */
const TICK_MS = 10_000;
/** After a tick that moved nothing, where the next would move nothing either. */
const IDLE_TICK_MS = 60_000;
/** Whatever is thought to be due, a tick comes this often. */
const COARSE_TICK_MS = 10 * 60_000;
const DISCOVER_MS = 15 * 60_000;
/** While listings bring no news. */
const COARSE_DISCOVER_MS = 12 * 3_600_000;
const OWNER = 'owner-1';
const OPEN_AGAIN_MS = 5_000;
/** Nobody edits the database by hand in this year: it is read as a whole this often, not every minute. */
const REFRESH_MS = 6 * 3_600_000;

/** What outlives camlease: the disk, the clouds, the media server, and the time. */
export interface Ground {
  readonly clock: YearClock;
  readonly chance: Chance;
  readonly clouds: YearClouds;
  readonly engine: YearEngine;
  readonly dataDir: string;
  /** Planned renewals, of cameras that nothing is wrong with, wait for a tick on this grid. */
  readonly calmTickMs: number;
  /** How wrong the machine's wall clock is. */
  wallOffsetMs: number;
  /** For how long the machine slept in all. */
  sleptMs: number;
  storeAway: number;
  ticksAway: number;
  /** A listing would bring news. */
  listingChanged: boolean;
  /** It would once the account that is in trouble is out of it; until then its listings say nothing, and cost the whole fleet's. */
  newsHeldBack: boolean;
  /** Some account is in trouble now. */
  isTroubled: () => boolean;
  readonly note: (line: string) => void;
  readonly log: (level: 'warn' | 'error', line: string) => void;
}

/** One life of camlease, from its start to its death: what a process has in memory. */
export class Life {
  readonly #ground: Ground;
  readonly #alive = { now: true };
  readonly #clock: Clock;
  readonly #ticks: { readonly renew: Tick; readonly discover: Tick };
  #plain: CameraStore | null = null;
  #journal: JournalFile | null = null;
  #store: CachedCameraStore | null = null;
  #jobs: Jobs | null = null;
  #engine: MediaEngine | null = null;
  #clouds: CloudApi[] = [];
  #ids = 0;
  #nextRenewMs: number | null = null;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#clock = processClock(ground, this.#alive);
    this.#ticks = { renew: new Tick(), discover: new Tick() };
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
    const { chance, dataDir, clouds, engine } = this.#ground;
    const random = chance.next;
    const log = this.#log();
    const clock = this.#clock;
    const extraHosts = ['year.test'];
    const plain = createStore({ mongodbUri: null, dataDir, extraHosts, clock, random, log });
    const journal = new JournalFile(path.join(dataDir, JOURNAL_FILE));
    const store = new CachedCameraStore(this.#thatMayBeAway(plain), {
      ...{ journal, clock, log, owner: 'owner-1' },
      isAlone: true,
    });
    [this.#plain, this.#journal] = [plain, journal];
    while (!(await opened(store))) {
      await new Promise<void>((resolve) => clock.after(OPEN_AGAIN_MS, resolve));
    }
    this.#clouds = clouds.fleet.accounts.map(({ name, vendor, appKey, secret }) =>
      createCloudApi(
        { name, vendor, appKey, secret, baseUrls: [clouds.baseUrl(vendor)] },
        { clock, random, http: clouds.client(name, vendor, this.isLiving), extraHosts },
      ),
    );
    const door = engine.door(this.isLiving);
    this.#engine = door;
    await door.start();
    store.onChange(() => {
      this.#nextRenewMs = null;
      this.#ground.clock.happened();
    });
    const started = this.#ground.clock.nowMs;
    const jobs = createJobs({
      ...{ clock, random, engine: door, owner: OWNER, log },
      store: this.#seldomRefreshed(store),
      newId: () => `pass-${started}-${++this.#ids}`,
      accounts: new Map(this.#clouds.map((cloud) => [cloud.account, { cloud, streamBudget: 3 }])),
      shrink: null,
      lifetimeSeconds: 604_800,
      schedule: this.#schedule,
      watchesOutages: false,
      ...{ renewCron: '*/10 * * * * *', snapshotCron: '*/30 * * * *', discoverCron: '*/15 * * * *' },
    });
    await jobs.start();
    [this.#store, this.#jobs] = [store, jobs];
    this.#ticks.renew.lastMs = this.#ground.clock.nowMs;
    this.#ticks.discover.lastMs = this.#ground.clock.nowMs;
    this.#ground.listingChanged = true;
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
    if (!this.#alive.now || this.#jobs === null || this.#ground.ticksAway > 0) return Number.POSITIVE_INFINITY;
    return Math.min(this.#renewAtMs(), this.#discoverAtMs());
  }

  /** Makes the ticks that are due now. */
  tick(): void {
    if (!this.#alive.now || this.#jobs === null || this.#ground.ticksAway > 0) return;
    const nowMs = this.#ground.clock.nowMs;
    if (this.#renewAtMs() <= nowMs) {
      this.#ticks.renew.make(nowMs, () => (this.#nextRenewMs = null));
      this.#nextRenewMs = null;
    }
    if (this.#discoverAtMs() <= nowMs) {
      this.#ground.listingChanged = false;
      this.#ticks.discover.make(nowMs, () => {
        if (this.#hasListedAll()) return;
        if (this.#ground.isTroubled()) this.#ground.newsHeldBack = true;
        else this.#ground.listingChanged = true;
      });
    }
  }

  /** False: the latest listing did not come through, so its news is still to be had. */
  #hasListedAll(): boolean {
    const pass = this.#jobs?.status().recent.find(({ job }) => job === 'discover');
    const report = pass?.report;
    return report !== undefined && report !== null && 'failedAccounts' in report && report.failedAccounts.length === 0;
  }

  #discoverAtMs(): number {
    const { busy, lastMs } = this.#ticks.discover;
    if (busy) return Number.POSITIVE_INFINITY;
    const everyMs = this.#ground.listingChanged ? DISCOVER_MS : COARSE_DISCOVER_MS;
    return (Math.floor(lastMs / everyMs) + 1) * everyMs;
  }

  #renewAtMs(): number {
    const { busy, lastMs } = this.#ticks.renew;
    if (busy) return Number.POSITIVE_INFINITY;
    this.#nextRenewMs ??= this.#findNextRenew(lastMs);
    return this.#nextRenewMs;
  }

  /** The first moment of the grid by which something is due; and now and then one by which nothing seems to be. */
  #findNextRenew(lastMs: number): number {
    const { wallOffsetMs, calmTickMs } = this.#ground;
    const usableFrom = new Map<string, number>();
    for (const { name, refused } of this.#jobs?.status().accounts ?? [])
      if (refused) usableFrom.set(name, refused.nextLookAt.getTime() - wallOffsetMs);
    let nextMs = lastMs + COARSE_TICK_MS;
    for (const camera of this.#store?.peekAll() ?? []) {
      const due = dueAt(camera)?.getTime();
      if (due === undefined) continue;
      const atMs = Math.max(due - wallOffsetMs, usableFrom.get(camera.source.account ?? '') ?? 0);
      // One that was due at the last tick already is held up by something.
      const dueMs = atMs <= lastMs ? lastMs + IDLE_TICK_MS : atMs;
      if (dueMs >= nextMs) continue;
      const isCalm = camera.failure === null && camera.lease !== null && camera.candidate === null;
      nextMs = Math.min(nextMs, isCalm && atMs > lastMs ? Math.ceil(dueMs / calmTickMs) * calmTickMs : dueMs);
    }
    return Math.max(lastMs + TICK_MS, Math.ceil(nextMs / TICK_MS) * TICK_MS);
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

  readonly #schedule: Schedule = (name, _expression, run) => {
    const tick = name === 'renew' ? this.#ticks.renew : name === 'discover' ? this.#ticks.discover : null;
    if (tick) tick.run = run;
    return {
      skipped: 0,
      stop: () => {
        if (tick) tick.run = null;
      },
    };
  };

  #seldomRefreshed(store: CachedCameraStore): CachedCameraStore {
    let refreshedMs = this.#ground.clock.nowMs;
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'refresh') return value.bind(target) as unknown;
        return async (): Promise<void> => {
          if (this.#ground.clock.nowMs - refreshedMs < REFRESH_MS) return;
          refreshedMs = this.#ground.clock.nowMs;
          await target.refresh();
        };
      },
    });
  }

  #thatMayBeAway(store: CameraStore): CameraStore {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (name === 'records') return this.#recordsThatMayBeAway(target.records);
        if (typeof value !== 'function') return value;
        if (name === 'close') return value.bind(target) as unknown;
        return (...args: unknown[]): unknown => {
          if (!this.#alive.now) return new Promise(() => undefined);
          if (this.#ground.storeAway > 0) return unanswered(target, String(name), args);
          return Reflect.apply(value, target, args);
        };
      },
    });
  }

  #recordsThatMayBeAway(records: RecordTable): RecordTable {
    return new Proxy(records, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (!this.#alive.now) return new Promise(() => undefined);
          if (this.#ground.storeAway > 0) return Promise.reject(away());
          return Reflect.apply(value, target, args);
        };
      },
    });
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

function away(): AppError {
  return new AppError('STORE_UNREACHABLE', 'The database does not answer.');
}

/** A tick that falls into a running one is skipped. */
class Tick {
  run: (() => Promise<void>) | null = null;
  busy = false;
  lastMs = 0;

  make(nowMs: number, onEnd: () => void): void {
    this.lastMs = nowMs;
    if (this.busy || !this.run) return;
    this.busy = true;
    const over = (): void => {
      this.busy = false;
      onEnd();
    };
    this.run().then(over, over);
  }
}

async function opened(store: CachedCameraStore): Promise<boolean> {
  try {
    await store.open();
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'STORE_UNREACHABLE') return false;
    throw thrown;
  }
}

/** The machine's clocks as one process sees them: its timers die with it. */
function processClock(ground: Ground, alive: { readonly now: boolean }): Clock {
  const { clock } = ground;
  return {
    now: () => new Date(clock.nowMs + ground.wallOffsetMs),
    monotonicMs: () => clock.monotonicMs() - ground.sleptMs,
    after: (ms, run) =>
      clock.afterAwake(ms, () => {
        if (alive.now) run();
      }),
  };
}
