import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import mongoose from 'mongoose';
import { TurnedClock } from '../../simulator/turnedClock.js';
import type { CameraStore } from '../../src/store/cameraStore.js';
import { createStore, SQLITE_FILE } from '../../src/store/createStore.js';

export type HandMade = Readonly<Record<string, unknown>>;

export interface OpenOptions {
  readonly clock?: TurnedClock;
  readonly extraHosts?: readonly string[];
  readonly warn?: (message: string) => void;
}

/** One database of its own, which several stores open and a hand edits. */
export interface StoreHarness {
  /** Another store (another process, as it were) on the same database. */
  open(options?: OpenOptions): Promise<CameraStore>;
  insertByHand(id: string, document: HandMade): Promise<void>;
  setByHand(id: string, fields: HandMade): Promise<void>;
  readByHand(id: string): Promise<HandMade>;
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

function opener(place: Place): { open: StoreHarness['open']; closeAll: () => Promise<void> } {
  const stores: CameraStore[] = [];
  let seed = 0;
  return {
    async open({ clock = new TurnedClock(), extraHosts = [], warn = () => undefined } = {}) {
      const store = createStore({ ...place, extraHosts, clock, random: seededRandom(++seed), log: { warn } });
      stores.push(store);
      await store.open();
      return store;
    },
    async closeAll() {
      for (const store of stores) await store.close();
    },
  };
}

export async function sqliteHarness(): Promise<StoreHarness> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-store-'));
  const { open, closeAll } = opener({ mongodbUri: null, dataDir });
  const database = new Database(path.join(dataDir, SQLITE_FILE));
  const valueOf = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);
  return {
    open,
    async insertByHand(id, document) {
      const names = ['id', ...Object.keys(document)];
      const sql = `INSERT INTO cameras (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
      database.prepare(sql).run([id, ...Object.values(document).map(valueOf)]);
    },
    async setByHand(id, fields) {
      const assignments = Object.keys(fields).map((name) => `${name} = ?`);
      const values = [...Object.values(fields).map(valueOf), id];
      database.prepare(`UPDATE cameras SET ${assignments.join(', ')} WHERE id = ?`).run(values);
    },
    async readByHand(id) {
      return database.prepare('SELECT * FROM cameras WHERE id = ?').get([id]) as HandMade;
    },
    async close() {
      await closeAll();
      database.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

export async function mongoHarness(serverUri: string): Promise<StoreHarness> {
  const uri = new URL(serverUri);
  uri.pathname = `/camlease-test-${randomBytes(6).toString('hex')}`;
  const { open, closeAll } = opener({ mongodbUri: uri.href, dataDir: '/nonexistent' });
  const connection = await mongoose.createConnection(uri.href, { serverSelectionTimeoutMS: 5000 }).asPromise();
  const cameras = connection.collection<{ _id: mongoose.Types.ObjectId | string }>('cameras');
  const keyOf = (id: string): mongoose.Types.ObjectId | string =>
    /^[0-9a-f]{24}$/.test(id) ? new mongoose.Types.ObjectId(id) : id;
  return {
    open,
    async insertByHand(id, document) {
      await cameras.insertOne({ _id: keyOf(id), ...document });
    },
    async setByHand(id, fields) {
      await cameras.updateOne({ _id: keyOf(id) }, { $set: fields });
    },
    async readByHand(id) {
      return (await cameras.findOne({ _id: keyOf(id) })) ?? {};
    },
    async close() {
      await closeAll();
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
