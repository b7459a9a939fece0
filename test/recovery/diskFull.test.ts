import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../simulator/clock/turnedClock.js';
import { AppError } from '../../src/core/errors.js';
import type { Store } from '../../src/store/store.js';
import { CachedCameraStore } from '../../src/store/memory/cachedCameraStore.js';
import { JournalFile, type JournalDisk } from '../../src/store/memory/journal.js';
import { sqliteError } from '../../src/store/sqlite/sqliteErrors.js';
import { aNewCamera, aPromotion, aSource, claimOf } from '../contracts/cameraStore.contract.js';
import { aLease, at, DAY, T0 } from '../support/builders.js';
import { sqliteHarness, type StoreHarness } from '../support/store/storeHarness.js';

let folder: string;
let file: string;
/** How much of a line still fits; null: there is room. */
let room: number | null;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'camlease-full-'));
  file = path.join(folder, 'journal.ndjson');
  room = null;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const disk: JournalDisk = {
  append(handle, text) {
    appendFileSync(handle, room === null ? text : text.slice(0, room));
    if (room !== null) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  },
  sync: () => undefined,
};
const text = (): string => readFileSync(file, 'utf8');

describe('a journal on a full disk', () => {
  it.each([1, 30, 100_000])('is as it was when only %i characters of a line fit', (fits) => {
    const journal = new JournalFile(file, disk);
    journal.open();
    const held = { id: 'a', as: 'lease' as const, lease: aLease({ revision: 2 }) };
    journal.append({ held }, T0, true);
    const before = text();
    room = fits;
    expect(() => journal.append({ held: { ...held, id: 'b' } }, T0, true)).toThrow('no space left');
    expect(text()).toBe(before);
    room = null;
    journal.append({ held: { ...held, id: 'c' } }, T0, true);
    const read = new JournalFile(file).open();
    expect(read.map((entry) => ('held' in entry ? entry.held.id : null))).toEqual(['a', 'c']);
  });
});

describe('a full disk', () => {
  let harness: StoreHarness;
  let database: Store;
  let clock: TurnedClock;
  let isFull: boolean;
  let warnings: string[];
  beforeEach(async () => {
    harness = await sqliteHarness();
    database = await harness.open();
    clock = new TurnedClock();
    isFull = false;
    warnings = [];
  });
  afterEach(() => harness.close());

  async function opened(): Promise<CachedCameraStore> {
    const store = new Proxy(database, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown =>
          isFull
            ? Promise.reject(new AppError('DISK_FULL', 'The disk is full.', { cure: 'Free some space.' }))
            : Reflect.apply(value, target, args);
      },
    });
    const log = { warn: (message: string) => void warnings.push(message) };
    const journal = new JournalFile(file, disk);
    const cached = new CachedCameraStore(store, { journal, clock, log, owner: 'owner-1', isAlone: false });
    await cached.open();
    return cached;
  }

  it('under database and journal both does not make a camera dark: its lease holds in memory, and is written when there is room', async () => {
    const cached = await opened();
    const { id } = await cached.create(aNewCamera({ source: aSource({ channel: 1 }) }), T0);
    await cached.saveLease(await claimOf(cached, id), aLease(), T0);
    isFull = true;
    room = 40;
    const held = cached.holdLease(
      { id, as: 'lease', lease: aLease({ revision: 2, obtainedAt: at(7 * DAY) }) },
      at(7 * DAY),
    );
    expect(held?.lease?.revision).toBe(2);
    expect(cached.peek(id)?.lease?.revision).toBe(2);
    await clock.advance(60_000);
    expect(text().trim()).toBe('');
    expect(warnings.filter((line) => line.includes('a restart would lose them'))).toHaveLength(1);
    // Room for the journal first, then for the database.
    room = null;
    await clock.advance(10_000);
    expect(text()).toContain(held?.lease?.url);
    isFull = false;
    await clock.advance(10_000);
    expect((await database.get(id))?.lease?.url).toBe(held?.lease?.url);
    expect(text()).toBe('');
    await cached.close();
  });

  it('of the database lets promotions hold by the journal', async () => {
    const cached = await opened();
    const { id } = await cached.create(aNewCamera({ source: aSource({ channel: 1 }) }), T0);
    await cached.saveLease(await claimOf(cached, id), aLease(), T0);
    await cached.saveCandidate(await claimOf(cached, id), aLease({ revision: 2 }), T0);
    isFull = true;
    expect(await cached.promote([aPromotion(id)], at(DAY))).toMatchObject([{ lease: { revision: 2 } }]);
    isFull = false;
    await clock.advance(10_000);
    expect((await database.get(id))?.lease?.revision).toBe(2);
    await cached.close();
  });

  it('is told as such by SQLite, and what was there stays readable', () => {
    const small = new Database(path.join(folder, 'small.sqlite'));
    small.exec('CREATE TABLE t (x TEXT); PRAGMA max_page_count = 3');
    small.prepare('INSERT INTO t VALUES (?)').run('kept');
    const fill = (): void => void small.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(100_000));
    let thrown: unknown = null;
    try {
      fill();
    } catch (error) {
      thrown = error;
    }
    expect(sqliteError(thrown, 'small.sqlite')).toMatchObject({ code: 'DISK_FULL', cure: 'Free some space.' });
    expect(small.prepare('SELECT x FROM t').pluck().all([])).toEqual(['kept']);
    small.close();
  });
});
