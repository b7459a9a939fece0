import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import mongoose from 'mongoose';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { ABOUT_FIELDS } from '../../../src/store/reading/aboutFields.js';
import type { Store } from '../../../src/store/store.js';
import type { StoreDriver } from '../../../src/store/driver.js';
import { MongoDriver } from '../../../src/store/mongo/mongoDriver.js';
import { createStore, SQLITE_FILE } from '../../../src/store/opening/createStore.js';
import { SqliteDriver } from '../../../src/store/sqlite/sqliteDriver.js';
import { T0 } from '../builders.js';
import { vendorsWith } from '../clouds/vendors.js';

export type HandMade = Readonly<Record<string, unknown>>;

/** The store's warning about mongo-java-server at each first start; it is not about a document. */
const OF_THE_SERVER = 'ignores the filter of an index';

export interface OpenOptions {
  readonly clock?: TurnedClock;
  readonly extraHosts?: readonly string[];
  readonly warn?: (message: string) => void;
}

/** A new database that several stores can open, and that a test can edit directly. */
export interface StoreHarness {
  /** Opens another store on the same database, as another process would. */
  open(options?: OpenOptions): Promise<Store>;
  insertByHand(id: string, document: HandMade): Promise<void>;
  setByHand(id: string, fields: HandMade): Promise<void>;
  removeByHand(id: string): Promise<void>;
  readByHand(id: string): Promise<HandMade>;
  /** Changes the database and a camera into the form of a camlease from before tracks and events. */
  makeOld(id: string): Promise<void>;
  /** A unique index on `cameras` that camlease did not make. */
  addUniqueIndex(name: string, field: string): Promise<void>;
  dropIndex(name: string): Promise<void>;
  /** Opens a driver on the same database. */
  driver(): Promise<StoreDriver>;
  close(): Promise<void>;
}

interface Place {
  readonly mongodbUri: string | null;
  readonly dataDir: string;
}

/** A random number generator that always starts the same. */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

interface Opener {
  readonly open: StoreHarness['open'];
  readonly driver: StoreHarness['driver'];
  readonly closeAll: () => Promise<void>;
}

function opener(place: Place): Opener {
  const stores: Array<Store | StoreDriver> = [];
  let seed = 0;
  return {
    async open({ clock = new TurnedClock(), extraHosts = [], warn = () => undefined } = {}) {
      const log = { warn: (message: string) => (message.includes(OF_THE_SERVER) ? undefined : warn(message)) };
      const store = createStore({
        ...place,
        vendors: vendorsWith(...extraHosts),
        clock,
        random: seededRandom(++seed),
        log,
      });
      stores.push(store);
      await store.open();
      return store;
    },
    async driver() {
      const { mongodbUri, dataDir } = place;
      const driver =
        mongodbUri === null
          ? new SqliteDriver(path.join(dataDir, SQLITE_FILE), () => T0)
          : new MongoDriver(mongodbUri, { clock: new TurnedClock(T0), log: { warn: () => undefined } });
      stores.push(driver);
      await driver.open();
      return driver;
    },
    async closeAll() {
      for (const store of stores) await store.close();
    },
  };
}

export interface SqliteHarness extends StoreHarness {
  readonly dataDir: string;
}

export async function sqliteHarness(): Promise<SqliteHarness> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-store-'));
  const { open, driver, closeAll } = opener({ mongodbUri: null, dataDir });
  const database = new Database(path.join(dataDir, SQLITE_FILE));
  const valueOf = (value: unknown): unknown => {
    if (typeof value === 'boolean') return Number(value);
    return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? JSON.stringify(value) : value;
  };
  return {
    dataDir,
    open,
    driver,
    async insertByHand(id, document) {
      const columns = new Set(database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(['cameras']));
      const inDetails = Object.entries(document).filter(([name]) => !columns.has(name));
      const row = {
        id,
        ...Object.fromEntries(Object.entries(document).filter(([name]) => columns.has(name))),
        details: JSON.stringify(Object.fromEntries(inDetails)),
      };
      const names = Object.keys(row);
      const sql = `INSERT INTO cameras (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
      database.prepare(sql).run(Object.values(row).map(valueOf));
    },
    async setByHand(id, fields) {
      const assignments = Object.keys(fields).map((name) => `${name} = ?`);
      const values = [...Object.values(fields).map(valueOf), id];
      database.prepare(`UPDATE cameras SET ${assignments.join(', ')} WHERE id = ?`).run(values);
    },
    async removeByHand(id) {
      database.prepare('DELETE FROM cameras WHERE id = ?').run([id]);
    },
    async readByHand(id) {
      return database.prepare('SELECT * FROM cameras WHERE id = ?').get([id]) as HandMade;
    },
    async makeOld(id) {
      const fields = "json_remove(details, '$.errorClipCheck', '$.whenGone', '$.lease.tracks', '$.candidate.tracks')";
      database.prepare(`UPDATE cameras SET details = ${fields} WHERE id = ?`).run([id]);
      const columns = ABOUT_FIELDS.map((column) => `ALTER TABLE cameras DROP COLUMN ${column};`);
      database.exec(`DROP TABLE events; DELETE FROM migrations WHERE id > 1; ${columns.join(' ')}`);
    },
    async addUniqueIndex(index, field) {
      database.exec(`CREATE UNIQUE INDEX ${index} ON cameras (${field})`);
    },
    async dropIndex(index) {
      database.exec(`DROP INDEX ${index}`);
    },
    async close() {
      await closeAll();
      database.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

export interface MongoHarness extends StoreHarness {
  /** Inserts a document with an `_id` of any type. */
  insertWithKey(key: unknown, document: HandMade): Promise<void>;
  removeWithKey(key: unknown): Promise<void>;
  /** Every document of `cameras`. */
  readAll(): Promise<HandMade[]>;
}

export async function mongoHarness(serverUri: string): Promise<MongoHarness> {
  const uri = new URL(serverUri);
  uri.pathname = `/camlease-test-${randomBytes(6).toString('hex')}`;
  const { open, driver, closeAll } = opener({ mongodbUri: uri.href, dataDir: '/nonexistent' });
  const connection = await mongoose.createConnection(uri.href, { serverSelectionTimeoutMS: 5000 }).asPromise();
  const cameras = connection.collection<{ _id: mongoose.Types.ObjectId | string }>('cameras');
  const keyOf = (id: string): mongoose.Types.ObjectId | string =>
    /^[0-9a-f]{24}$/.test(id) ? new mongoose.Types.ObjectId(id) : id;
  return {
    open,
    driver,
    async insertWithKey(key, document) {
      await cameras.insertOne({ _id: key as string, ...document });
    },
    async removeWithKey(key) {
      await cameras.deleteOne({ _id: key as string });
    },
    readAll: () => cameras.find({}).toArray(),
    async insertByHand(id, document) {
      await cameras.insertOne({ _id: keyOf(id), ...document });
    },
    async setByHand(id, fields) {
      await cameras.updateOne({ _id: keyOf(id) }, { $set: fields });
    },
    async removeByHand(id) {
      await cameras.deleteOne({ _id: keyOf(id) });
    },
    async readByHand(id) {
      return (await cameras.findOne({ _id: keyOf(id) })) ?? {};
    },
    async makeOld(id) {
      const fields = { errorClipCheck: 1, whenGone: 1, 'lease.tracks': 1, 'candidate.tracks': 1 } as const;
      await cameras.updateOne({ _id: keyOf(id) }, { $unset: fields });
      for (const name of ['owners', 'pictures', 'passes', 'events', 'records', 'migrations'])
        await connection.dropCollection(`camlease_${name}`).catch(() => undefined);
      await connection
        .collection<{ _id: number }>('migrations')
        .insertOne({ _id: 1, name: 'first indexes', appliedAt: T0 } as { _id: number });
    },
    async addUniqueIndex(index, field) {
      await cameras.createIndex({ [field]: 1 }, { name: index, unique: true }, {});
    },
    async dropIndex(index) {
      await cameras.dropIndex(index);
    },
    async close() {
      await closeAll();
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
