import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { aNewCamera, aPromotion, aSource, claimOf } from '../../../test/contracts/cameraStore.contract.js';
import { aLease, at, DAY, T0 } from '../../../test/support/builders.js';
import { sqliteHarness, type StoreHarness } from '../../../test/support/store/storeHarness.js';
import { AppError } from '../../core/errors.js';
import type { Store } from '../store.js';
import { CachedCameraStore } from './cachedCameraStore.js';
import { JournalFile, type Journal } from './journal.js';

describe('promotions that hold before the database has them', () => {
  let harness: StoreHarness;
  let database: Store;
  let clock: TurnedClock;
  let folder: string;
  let file: string;
  let isAway: boolean;
  let warnings: string[];
  beforeEach(async () => {
    harness = await sqliteHarness();
    database = await harness.open();
    clock = new TurnedClock();
    folder = mkdtempSync(path.join(tmpdir(), 'camlease-journal-'));
    file = path.join(folder, 'journal');
    isAway = false;
    warnings = [];
  });
  afterEach(async () => {
    await harness.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function opened(journal: Journal = new JournalFile(file), isAlone = true): Promise<CachedCameraStore> {
    const promote: Store['promote'] = (promotions, now) =>
      isAway ? Promise.reject(new AppError('STORE_UNREACHABLE', 'away')) : database.promote(promotions, now);
    const store = new Proxy(database, {
      get(target, name) {
        if (name === 'promote') return promote;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const log = { warn: (message: string) => void warnings.push(message) };
    const cached = new CachedCameraStore(store, { journal, clock, log, owner: 'owner-1', isAlone });
    await cached.open();
    return cached;
  }

  async function aRenewed(cached: CachedCameraStore, channel = 1): Promise<string> {
    const { id } = await cached.create(aNewCamera({ source: aSource({ channel }) }), T0);
    await cached.saveLease(await claimOf(cached, id), aLease(), T0);
    await cached.saveCandidate(await claimOf(cached, id), aLease({ revision: 2 }), T0);
    return id;
  }

  const stored = async (id: string): Promise<number | undefined> => (await database.get(id))?.lease?.revision;

  it('are in memory at once and in the database a moment later, the same to the letter', async () => {
    const cached = await opened();
    const id = await aRenewed(cached);
    const [promoted] = await cached.promote([aPromotion(id)], at(DAY));
    expect(promoted?.lease?.revision).toBe(2);
    expect(await stored(id)).toBe(1);
    expect(readFileSync(file, 'utf8')).toContain(id);
    await clock.advance(1_000);
    await cached.refresh();
    expect(await stored(id)).toBe(2);
    expect(cached.peek(id)).toEqual(promoted);
    expect(await database.get(id)).toEqual(promoted);
    expect(readFileSync(file, 'utf8')).toBe('');
    await cached.close();
  });

  it('are in the database before anybody reads, writes or claims one of the cameras there', async () => {
    const cached = await opened();
    const ids = [];
    for (let channel = 1; channel <= 4; channel++) ids.push(await aRenewed(cached, channel));
    const [read = '', written = '', claimed = '', all = ''] = ids;
    await cached.promote([aPromotion(read)], T0);
    expect((await cached.get(read))?.lease?.revision).toBe(2);
    await cached.promote([aPromotion(written)], T0);
    expect(await cached.update(written, { name: 'New' }, T0)).toMatchObject({ name: 'New', lease: { revision: 2 } });
    await cached.promote([aPromotion(claimed)], T0);
    expect((await claimOf(cached, claimed)).camera.lease?.revision).toBe(2);
    await cached.promote([aPromotion(all)], T0);
    expect((await cached.all()).map(({ lease }) => lease?.revision)).toEqual([2, 2, 2, 2]);
    await cached.close();
  });

  it('survive the death of the process, and a line that it tore', async () => {
    const cached = await opened();
    const id = await aRenewed(cached);
    await cached.promote([aPromotion(id)], at(DAY));
    appendFileSync(file, '{"seq":2,"at":"2026-01-0');
    // From here on the first store is not used any more, as after a crash.
    const next = await opened();
    expect(next.peek(id)?.lease).toMatchObject({ revision: 2, provenAt: at(DAY) });
    expect(await stored(id)).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('');
    await next.close();
  });

  it('wait in the journal while the database is away, are said to, and are written when it is back', async () => {
    const cached = await opened();
    const id = await aRenewed(cached);
    isAway = true;
    await cached.promote([aPromotion(id)], T0);
    await clock.advance(20_000);
    expect(cached.peek(id)?.lease?.revision).toBe(2);
    expect(warnings[0]).toMatch(/in the journal, but not in the database yet/);
    await expect(cached.update(id, { name: 'New' }, T0)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    isAway = false;
    await clock.advance(10_000);
    await cached.refresh();
    expect(await stored(id)).toBe(2);
    await cached.close();
  });

  it('give way to what another process made of the camera meanwhile', async () => {
    const cached = await opened();
    const [id, other] = [await aRenewed(cached), await aRenewed(cached, 2)];
    await cached.promote([aPromotion(id), aPromotion(other)], T0);
    await database.saveCandidate(await claimOf(database, id), aLease({ revision: 3 }), at(DAY));
    await clock.advance(1_000);
    await cached.refresh();
    expect(cached.peek(id)).toMatchObject({ lease: { revision: 1 }, candidate: { revision: 3 } });
    expect(cached.peek(other)?.lease?.revision).toBe(2);
    await cached.close();
  });

  it('go straight to the database when no journal can be kept', async () => {
    const full: Journal = {
      open: () => [],
      append: () => {
        throw new Error('ENOSPC');
      },
      end: () => undefined,
      close: () => undefined,
    };
    const cached = await opened(full);
    const id = await aRenewed(cached);
    expect(await cached.promote([aPromotion(id)], T0)).toHaveLength(1);
    expect(await stored(id)).toBe(2);
    await cached.close();
  });

  it('are not lost when the journal holds what nobody can read', async () => {
    writeFileSync(file, 'nonsense\n{"seq":"x"}\n\u0000\n');
    const cached = await opened();
    const id = await aRenewed(cached);
    await cached.promote([aPromotion(id)], T0);
    await cached.close();
    await database.open();
    expect(await stored(id)).toBe(2);
  });
});
