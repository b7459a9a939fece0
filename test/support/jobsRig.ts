import type { PictureStore } from '../../src/store/pictureStore.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { onTestFinished } from 'vitest';
import { TurnedClock } from '../../simulator/clock/turnedClock.js';
import type { Camera } from '../../src/core/camera/camera.js';
import type { Pass, PassHandle } from '../../src/core/passes/pass.js';
import type { CloudApi } from '../../src/cloud/cloudApi.js';
import { createJobs, type CreateJobsDeps, type Jobs } from '../../src/jobs/createJobs.js';
import type { JobsAccount, JobsDeps, Schedule } from '../../src/jobs/run/deps.js';
import type { SourceOpening } from '../../src/core/streams/opening.js';
import type { Log } from '../../src/observe/logger.js';
import { CachedCameraStore } from '../../src/store/memory/cachedCameraStore.js';
import type { Store } from '../../src/store/store.js';
import { createStore, SQLITE_FILE } from '../../src/store/opening/createStore.js';
import { JOURNAL_FILE, JournalFile } from '../../src/store/memory/journal.js';
import { unanswered } from './store/awayStore.js';
import { FakeEngine } from './engine/fakeEngine.js';
import { seededRandom } from './store/storeHarness.js';
import { vendorsWith } from './clouds/vendors.js';

/** The jobs on a real SQLite file, with the given clouds, an engine in memory and a turned clock. */
export interface JobsRig {
  readonly clock: TurnedClock;
  readonly engine: FakeEngine;
  readonly jobs: Jobs;
  readonly store: CachedCameraStore;
  readonly pictures: PictureStore;
  readonly clouds: readonly CloudApi[];
  /** Sentences of the log at level warn and error, with the code or reason. */
  readonly warnings: string[];
  /** Lines of the jobs' log that are not warnings. */
  readonly infos: string[];
  /** The store's warnings about single documents. */
  readonly storeWarnings: readonly string[];
  camera(name: string): Camera;
  /** Writes columns of a camera's row directly, as an operator may. */
  editByHand(id: string, columns: Readonly<Record<string, string>>): void;
  /** Lets time pass until the pass has ended. */
  end(handle: PassHandle): Promise<Pass>;
  /** Makes the database stop answering, or answer again. */
  storeAway(isAway: boolean): void;
  /** Drops all objects as `kill -9` would, and makes new ones on the same data. */
  killAndRestart(changes?: Pick<RigOptions, 'fingerprint'>): Promise<JobsRig>;
}

export interface RigOptions extends Partial<
  Pick<JobsDeps, 'lifetimeSeconds' | 'owner' | 'ownership' | 'shrink' | 'snapshotPeriodMs' | 'watchesOutages'>
> {
  readonly clock?: TurnedClock;
  readonly engine?: FakeEngine;
  readonly clouds: (clock: TurnedClock) => readonly CloudApi[];
  readonly streamBudget?: number;
  readonly streamCap?: number;
  /** The fingerprint of every account; absent: changes of accounts are not checked. */
  readonly fingerprint?: string;
  /** Milliseconds between ticks by job; absent: that job has no ticks. */
  readonly ticks?: Partial<Record<'renew' | 'discover' | 'snapshot', number>>;
  readonly dataDir?: string;
  /** False: the store may have other users, as MongoDB; absent: true. */
  readonly isAlone?: boolean;
  /** Absent: started. */
  readonly start?: boolean;
  /** Absent: cameras with an address of their own are not opened. */
  readonly opening?: SourceOpening;
  readonly pictureOf?: CreateJobsDeps['pictureOf'];
}

export async function jobsRig(options: RigOptions): Promise<JobsRig> {
  const clock = options.clock ?? new TurnedClock();
  const dataDir = options.dataDir ?? newFolder();
  const random = seededRandom();
  const warnings: string[] = [];
  const infos: string[] = [];
  const storeWarnings: string[] = [];
  const { owner = 'owner-1' } = options;
  const plain = createStore({
    mongodbUri: null,
    dataDir,
    vendors: vendorsWith(),
    clock,
    random,
    log: { warn: (message) => void storeWarnings.push(message) },
  });
  const database = { away: false };
  const journal = new JournalFile(path.join(dataDir, JOURNAL_FILE));
  const reached = thatMayBeAway(plain, database);
  const store = new CachedCameraStore(reached, {
    ...{ journal, clock, log: aLog(warnings), owner },
    isAlone: options.isAlone ?? true,
  });
  await store.open();
  const engine = options.engine ?? new FakeEngine();
  if (options.opening) engine.opening = options.opening;
  await engine.start();
  const clouds = options.clouds(clock);
  let ids = 0;
  const started = clock.now().getTime();
  const alive = { now: true };
  const jobs = createJobs({
    ...{ clock: mortal(clock, alive), random, engine, owner, log: aLog(warnings, infos) },
    store,
    ...{ passes: reached, events: reached, pictures: reached, records: reached.records },
    newId: () => `pass-${started}-${++ids}`,
    accounts: new Map(clouds.map((cloud) => [cloud.account, accountOf(cloud, options)])),
    shrink: options.shrink ?? null,
    lifetimeSeconds: options.lifetimeSeconds ?? 604_800,
    // The outage watch's polls of every second would make turned weeks slow; it has tests of its own.
    watchesOutages: options.watchesOutages ?? false,
    schedule: turnedSchedule(mortal(clock, alive), options.ticks ?? {}),
    ...{ renewCron: 'renew', snapshotCron: 'snapshot', discoverCron: 'discover' },
    snapshotPeriodMs: options.snapshotPeriodMs ?? 30 * 60_000,
    ...(options.ownership && { ownership: options.ownership }),
    pictureOf: options.pictureOf ?? null,
  });
  if (options.start !== false) await jobs.start();
  onTestFinished(async () => {
    if (alive.now) await clock.runUntil(jobs.stop());
    for (const cloud of clouds) cloud.close();
    await store.close();
  });
  return {
    ...{ clock, engine, jobs, store, pictures: plain, clouds, warnings, infos, storeWarnings },
    camera(name) {
      const camera = store.peekAll().find((one) => one.name === name);
      if (!camera) throw new Error(`no camera is called ${name}`);
      return camera;
    },
    editByHand(id, columns) {
      const file = new Database(path.join(dataDir, SQLITE_FILE));
      const set = Object.keys(columns).map((name) => `${name} = ?`);
      file.prepare(`UPDATE cameras SET ${set.join(', ')} WHERE id = ?`).run([...Object.values(columns), id]);
      file.close();
    },
    storeAway(isAway) {
      database.away = isAway;
    },
    end: (handle) => clock.runUntil(handle.ended),
    async killAndRestart(changes = {}) {
      alive.now = false;
      for (const cloud of clouds) cloud.close();
      await plain.close();
      journal.close();
      return jobsRig({ ...options, ...changes, clock, dataDir, engine: new FakeEngine() });
    },
  };
}

function accountOf(cloud: CloudApi, { streamBudget = 3, streamCap, fingerprint }: RigOptions): JobsAccount {
  return { cloud, streamBudget, streamCap: streamCap ?? null, ...(fingerprint !== undefined && { fingerprint }) };
}

function thatMayBeAway(store: Store, database: { readonly away: boolean }): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        // The other methods answer from memory.
        if (database.away && name !== 'close' && name !== 'leftOut' && name !== 'refusedWrites')
          return unanswered(target, String(name), args);
        return Reflect.apply(value, target, args);
      };
    },
  });
}

/** A clock whose timers die with the process. */
function mortal(clock: TurnedClock, alive: { now: boolean }): TurnedClock {
  return Object.create(clock, {
    now: { value: () => clock.now() },
    monotonicMs: { value: () => clock.monotonicMs() },
    after: {
      value: (ms: number, run: () => void) =>
        clock.after(ms, () => {
          if (alive.now) run();
        }),
    },
  }) as TurnedClock;
}

function turnedSchedule(clock: TurnedClock, ticks: NonNullable<RigOptions['ticks']>): Schedule {
  return (name, _expression, run) => {
    const everyMs = (ticks as Partial<Record<string, number>>)[name];
    let cancel = (): void => undefined;
    let busy = false;
    let skipped = 0;
    const tick = (): void => {
      if (everyMs === undefined) return;
      cancel = clock.after(everyMs, tick);
      if (busy) {
        skipped += 1;
        return;
      }
      busy = true;
      void run().finally(() => (busy = false));
    };
    if (everyMs !== undefined) cancel = clock.after(everyMs, tick);
    return {
      stop: () => cancel(),
      get skipped() {
        return skipped;
      },
    };
  };
}

function aLog(warnings: string[], infos: string[] = []): Log {
  const keep = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    const error = fields?.['error'];
    warnings.push(error instanceof Error ? `${message} ${error.stack ?? ''}` : message);
  };
  const info = (message: string): void => void infos.push(message);
  const log: Log = { debug: () => undefined, info, warn: keep, error: keep, child: () => log };
  return log;
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-jobs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
