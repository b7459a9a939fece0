import path from 'node:path';
import type { CloudApi } from '../../../src/cloud/cloudApi.js';
import { createCloudApi } from '../../../src/cloud/vendors/createCloudApi.js';
import type { MediaEngine } from '../../../src/engine/mediaEngine.js';
import type { CameraId } from '../../../src/core/camera/camera.js';
import { createJobs, type Jobs } from '../../../src/jobs/createJobs.js';
import type { Schedule } from '../../../src/jobs/run/deps.js';
import { mustOwn } from '../../../src/jobs/replicas/ownedCloud.js';
import type { Ownership } from '../../../src/jobs/run/ownership.js';
import type { Log } from '../../../src/observe/logger.js';
import { createReplicas, type Replicas } from '../../../src/startup/replicas.js';
import { CachedCameraStore } from '../../../src/store/memory/cachedCameraStore.js';
import { CameraDocuments } from '../../../src/store/rules/cameraDocuments.js';
import type { Store } from '../../../src/store/store.js';
import { Claims } from '../../../src/store/rules/claims.js';
import { SQLITE_FILE } from '../../../src/store/opening/createStore.js';
import { DocumentCameraStore } from '../../../src/store/rules/documentCameraStore.js';
import { JOURNAL_FILE, JournalFile } from '../../../src/store/memory/journal.js';
import { OwnerWatch } from '../../../src/store/rules/ownerWatch.js';
import { SqliteDriver } from '../../../src/store/sqlite/sqliteDriver.js';
import { Machine } from './machine.js';
import { sharedDoor } from './sharedDoor.js';
import type { Amid } from './daySchedule.js';
import { overTheWire } from './wire.js';
import { wireOf } from './replicaWire.js';
import type { World } from './world.js';
import { vendorsWith } from '../../support/clouds/vendors.js';

const EXTRA_HOSTS = ['year.test'];
const RENEW_EVERY_MS = 10_000;
/** What a dead process had sent has arrived by then. */
const CLOSED_AFTER_MS = 60_000;
/** As the app waits for what is given back. */
const GIVE_BACK_MS = 1_000;

/** What a moment of a life may bring: a fault strikes amid it. */
export type OnMoment = (moment: Amid, replica: Replica, machine: Machine, ids: readonly CameraId[]) => void;

/** One camlease among several: a data folder and a name, and one life after the other. */
export class Replica {
  readonly owner: string;
  /** How wrong its machine's wall clock is. */
  wallOffsetMs = 0;
  machine: Machine | null = null;
  jobs: Jobs | null = null;
  store: CachedCameraStore | null = null;
  discover: (() => Promise<void>) | null = null;
  lives = 0;
  readonly #world: World;
  readonly #onMoment: OnMoment;
  #engine: MediaEngine | null = null;
  #clouds: CloudApi[] = [];
  #replicas: Replicas | null = null;
  #driver: SqliteDriver | null = null;
  readonly #drivers = new Set<SqliteDriver>();
  #journal: JournalFile | null = null;

  constructor(owner: string, world: World, onMoment: OnMoment) {
    this.owner = owner;
    this.#world = world;
    this.#onMoment = onMoment;
  }

  get isRunning(): boolean {
    return this.jobs !== null && this.machine?.isRunning === true && this.machine.stoppingSinceMs === null;
  }

  /** As the app does it with MongoDB. */
  async start(): Promise<void> {
    const { clock, chance, book, accounts, lifetimeSeconds } = this.#world;
    const { owner } = this;
    const machine = new Machine(`${owner}#${++this.lives}`, clock, () => this.wallOffsetMs);
    this.machine = machine;
    book.running(owner, machine);
    book.trace.note(`start ${machine.name}`);
    this.#world.happened(45_000);
    const log = this.#log(machine);
    const random = chance.next;
    const database = this.#open(machine, log);
    const journal = new JournalFile(path.join(this.#world.dataDir, owner, JOURNAL_FILE));
    const store = new CachedCameraStore(database, { journal, clock: machine, log, owner, isAlone: false });
    this.#journal = journal;
    await store.open();
    store.onChange(() => this.#world.happened());
    const replicas = createReplicas({ isShared: true, owner, accounts, clock: machine, log });
    const isLiving = (): boolean => machine.isAlive;
    const door = sharedDoor(this.#world, machine, {
      log,
      mayWrite: () => replicas.sharing?.mayWrite() === true,
      fence: () => replicas.sharing?.fence() ?? 0,
      onWrite: (marker) => book.owners.wrote(marker, owner, machine),
      onProved: (id) => this.#onMoment('proof', this, machine, [id]),
    });
    const ownership = await replicas.open(database, door);
    this.#clouds = this.#createClouds(machine, isLiving, ownership);
    [this.#engine, this.#replicas] = [door, replicas];
    let ids = 0;
    const jobs = createJobs({
      ...{ clock: machine, random, log, owner, store, ownership, engine: door, lifetimeSeconds },
      ...{ passes: database, events: database, pictures: database, records: database.records },
      newId: () => `${machine.name}-${++ids}`,
      accounts: new Map(this.#clouds.map((cloud) => [cloud.account, { cloud, streamBudget: 3 }])),
      shrink: null,
      schedule: this.#schedule(machine),
      watchesOutages: false,
      ...{ renewCron: '*/10 * * * * *', snapshotCron: '*/30 * * * *', discoverCron: '*/15 * * * *' },
      snapshotPeriodMs: 30 * 60_000,
    });
    await jobs.start();
    [this.store, this.jobs] = [store, jobs];
  }

  /** As by SIGTERM. */
  async stop(): Promise<void> {
    const { machine, jobs } = this;
    if (!machine?.isRunning || !jobs || machine.stoppingSinceMs !== null) return;
    this.#world.book.trace.note(`SIGTERM ${machine.name}`);
    this.#world.happened(45_000);
    machine.stoppingSinceMs = this.#world.clock.nowMs;
    const driver = this.#driver;
    await jobs.stop();
    for (const cloud of this.#clouds) cloud.close();
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => (cancel = machine.after(GIVE_BACK_MS, resolve)));
    await Promise.race([this.#replicas?.close(), limit]);
    cancel();
    await this.store?.close();
    await this.#engine?.stop();
    this.#forget();
    machine.die();
    this.#closeLater(driver);
  }

  /** As by `kill -9`. */
  kill(amid: string): void {
    const { machine } = this;
    if (!machine?.isAlive) return;
    const { book, engine } = this.#world;
    book.trace.note(`death of ${machine.name} amid ${amid}`);
    this.#world.happened(45_000);
    machine.die();
    book.gone(this.owner, machine);
    for (const cloud of this.#clouds) cloud.close();
    if (this.#engine) engine.close(this.#engine);
    this.#journal?.close();
    this.#forget();
    this.#closeLater(this.#driver);
  }

  /** At the end of the day. */
  close(): void {
    for (const driver of this.#drivers) void driver.close();
    this.#journal?.close();
  }

  #forget(): void {
    this.jobs = null;
    this.store = null;
    this.discover = null;
  }

  #closeLater(driver: SqliteDriver | null): void {
    if (!driver) return;
    this.#world.after(CLOSED_AFTER_MS, () => {
      this.#drivers.delete(driver);
      void driver.close();
    });
  }

  /** What `createStore` makes, with a wire before the driver. */
  #open(machine: Machine, log: Log): Store {
    const { dataDir, chance } = this.#world;
    const now = (): Date => machine.now();
    const plain = new SqliteDriver(path.join(dataDir, SQLITE_FILE), now);
    this.#driver = plain;
    this.#drivers.add(plain);
    const wire = wireOf(this.#world, machine, (moment, ids) => this.#onMoment(moment, this, machine, ids));
    const driver = overTheWire(plain, machine, wire);
    const random = chance.next;
    const documents = new CameraDocuments(
      driver,
      () => ({ vendors: vendorsWith(...EXTRA_HOSTS), random, now: now() }),
      log,
    );
    const owners = new OwnerWatch(driver, machine);
    const claims = new Claims(driver, documents, owners);
    return new DocumentCameraStore({ driver, documents, claims, owners, random });
  }

  #createClouds(machine: Machine, isLiving: () => boolean, ownership: Ownership): CloudApi[] {
    const { clouds, chance } = this.#world;
    return clouds.fleet.accounts.map(({ name, vendor, appKey, secret }) => {
      const http = clouds.client(name, vendor, isLiving, machine.name);
      const taken = async <T>(answer: T): Promise<T> => {
        await machine.taken();
        return answer;
      };
      http.interceptors.response.use(taken, async (error: unknown) => {
        throw await taken(error);
      });
      return createCloudApi(
        { name, vendor, appKey, secret, baseUrls: [clouds.baseUrl(vendor)] },
        {
          ...{ clock: machine, random: chance.next, http, extraHosts: EXTRA_HOSTS },
          beforeCall: () => mustOwn(ownership, name),
        },
      );
    });
  }

  /** A tick that falls into a running one is skipped. Listings are asked for by the day, when they have news. */
  #schedule(machine: Machine): Schedule {
    return (name, _expression, run) => {
      let isRunning = false;
      let isStopped = false;
      const tick = async (): Promise<void> => {
        if (isRunning || isStopped) return;
        isRunning = true;
        await run().catch((thrown: unknown) => this.#world.errors.push(`${machine.name} ${name}: ${String(thrown)}`));
        isRunning = false;
      };
      const again = (): void => {
        void tick();
        if (!isStopped) machine.after(RENEW_EVERY_MS, again);
      };
      if (name === 'renew') machine.after(RENEW_EVERY_MS, again);
      if (name === 'discover') this.discover = tick;
      return { skipped: 0, stop: () => (isStopped = true) };
    };
  }

  #log(machine: Machine): Log {
    const tell =
      (level: 'warn' | 'error') =>
      (message: string, fields?: Readonly<Record<string, unknown>>): void => {
        const error = fields?.['error'];
        const text = error instanceof Error ? `${message} ${error.stack ?? ''}` : message;
        if (level === 'error') this.#world.errors.push(`${machine.now().toISOString()} ${machine.name} ${text}`);
        this.#world.book.trace.note(`${machine.name} ${level}: ${message}`);
      };
    const log: Log = {
      ...{ debug: () => undefined, info: () => undefined, warn: tell('warn'), error: tell('error') },
      child: () => log,
    };
    return log;
  }
}
