import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { AppError } from '../../core/errors.js';
import { pendingMigrations } from '../migrations.js';
import { hostsOf, isSameDatabase } from '../mongo/connection/connectionString.js';
import type { DescribedStore } from './createStore.js';
import { createStore, SQLITE_FILE } from './createStore.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

describe('opening a store', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-open-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const storeAt = (mongodbUri: string | null): DescribedStore => {
    const parts = {
      vendors: vendorsWith(),
      clock: new TurnedClock(),
      random: () => 0.5,
      log: { warn: () => undefined },
    };
    return createStore({ mongodbUri, dataDir, ...parts });
  };

  const failureOf = async (store: DescribedStore): Promise<AppError> => {
    try {
      await store.open();
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error('it opened');
  };

  it('makes the SQLite file for its own user only, and opens it again', async () => {
    const store = storeAt(null);
    await store.open();
    await store.ping();
    await store.close();
    expect(statSync(path.join(dataDir, SQLITE_FILE)).mode & 0o077).toBe(0);
    await store.open();
    await store.open();
    expect(await store.all()).toEqual([]);
    await store.close();
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('refuses the database of a newer camlease with a sentence', async () => {
    const store = storeAt(null);
    await store.open();
    await store.close();
    const database = new Database(path.join(dataDir, SQLITE_FILE));
    database.exec("INSERT INTO migrations (id, name, appliedAt) VALUES (99, 'of the future', '')");
    database.close();
    const failure = await failureOf(store);
    expect(failure).toMatchObject({ code: 'STORE_REFUSED' });
    expect(failure.message).toContain('schema 99');
  });

  it('refuses the database file of another program before it writes anything, whatever its tables are called', async () => {
    const file = path.join(dataDir, SQLITE_FILE);
    for (const sql of [
      'CREATE TABLE events (at INTEGER, title TEXT); INSERT INTO events VALUES (1, 1)',
      "CREATE TABLE migrations (id INTEGER, name TEXT); INSERT INTO migrations VALUES (1, 'create users')",
      'CREATE TABLE cameras (id TEXT)',
    ]) {
      const database = new Database(file);
      database.exec(sql);
      database.close();
      const before = readFileSync(file);
      const failure = await failureOf(storeAt(null));
      expect(failure.code).toBe('STORE_REFUSED');
      expect(failure.message).toContain('another program');
      expect(failure.cure).toContain('DATA_DIR');
      expect(readFileSync(file).equals(before)).toBe(true);
      rmSync(file);
    }
  });

  it('runs what is missing of the migrations, in order, and again what was not noted', () => {
    const known = [1, 2, 3].map((id) => ({ id, name: '', run: () => undefined }));
    expect(pendingMigrations(known, [1]).map(({ id }) => id)).toEqual([2, 3]);
    expect(pendingMigrations(known, [1, 3]).map(({ id }) => id)).toEqual([2]);
    expect(pendingMigrations(known, [1, 2, 3])).toEqual([]);
  });

  it('says plainly that a file is no database', async () => {
    writeFileSync(path.join(dataDir, SQLITE_FILE), 'not a database, '.repeat(200));
    const failure = await failureOf(storeAt(null));
    expect(failure.code).toBe('STORE_REFUSED');
    expect(failure.cure).toContain('backup');
  });

  it('says plainly that a folder is in the way', async () => {
    const file = path.join(dataDir, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const parts = {
      vendors: vendorsWith(),
      clock: new TurnedClock(),
      random: () => 0.5,
      log: { warn: () => undefined },
    };
    const store = createStore({ mongodbUri: null, dataDir: file, ...parts });
    expect(await failureOf(store)).toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('names the hosts and never the login of a MongoDB that does not answer', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const uri = `mongodb://someone:p%40ssw0rd@127.0.0.1:${String(port)}/camlease?serverSelectionTimeoutMS=300`;
    const store = storeAt(uri);
    expect(store.describe()).toBe(`MongoDB at 127.0.0.1:${String(port)}`);
    const failure = await failureOf(store);
    expect(failure.code).toBe('STORE_UNREACHABLE');
    expect(failure.message).toContain(`127.0.0.1:${String(port)}`);
    expect(failure.message).toContain('ECONNREFUSED');
    expect(failure.cure).toContain('MONGODB_URI');
    expect(JSON.stringify([failure, failure.message, failure.cure, String(failure.cause)])).not.toMatch(
      /p%40ss|p@ss|someone/,
    );
  });

  it('says of a broken MONGODB_URI that it is broken, without repeating it', async () => {
    for (const uri of ['mongo://u:secret@h/db', 'mongodb://u:sec/ret@h/db', 'mongodb://']) {
      const failure = await failureOf(storeAt(uri));
      expect(failure.code).toBe('CONFIG_INVALID');
      expect(`${failure.message} ${failure.cure ?? ''} ${storeAt(uri).describe()}`).not.toMatch(/secret|sec\/ret/);
    }
  });

  it('tells hosts from logins in connection strings', () => {
    expect(hostsOf('mongodb://u:p@a:1,b.example:2/db?x=1')).toBe('a:1,b.example:2');
    expect(hostsOf('mongodb+srv://cluster.example/db')).toBe('cluster.example');
    expect(hostsOf('mongodb://[::1]:27017')).toBe('[::1]:27017');
    expect(hostsOf('mongodb://u:p@ss/w?rd@host/db')).toBe('host');
    expect(hostsOf('mongodb://u:p')).toBeNull();
    expect(isSameDatabase('mongodb://u:p@H:27017/x', 'mongodb://h/x?y=1')).toBe(true);
    expect(isSameDatabase('mongodb://a,b/x', 'mongodb://b:27017,a/x')).toBe(true);
    expect(isSameDatabase('mongodb://h/x', 'mongodb://h/y')).toBe(false);
    expect(isSameDatabase('mongodb://h', 'mongodb://h/test')).toBe(true);
  });
});
