import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { aLeaseEvent, at, T0 } from '../../../test/support/builders.js';
import { mongoDatabase, type Loose, type MongoDatabase } from '../../../test/support/store/mongoDatabase.js';
import { seededRandom } from '../../../test/support/store/storeHarness.js';
import type { Clock } from '../../core/clock.js';
import { messageOf, AppError } from '../../core/errors.js';
import { eventId } from '../../core/handover/leaseEvents.js';
import type { Pass } from '../../core/passes/pass.js';
import type { Store } from '../store.js';
import { pendingMigrations } from '../migrations.js';
import { createStore } from '../opening/createStore.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

const mongo = inject('mongodbUri');

const FORMER = ['owners', 'pictures', 'passes', 'events', 'records', 'migrations'] as const;
const DAY = 86_400_000;
const { ObjectId } = mongoose.Types;

/** Documents that other programs keep under names that camlease knows too, as awkward as possible. */
const foreign = (): Loose[] => [
  { _id: new ObjectId(), at: new Date('2020-01-01'), title: 'a concert' },
  { _id: 'text', at: new Date('2020-01-01'), cameraId: 'cam', step: 'obtained', message: 'nearly ours' },
  { _id: 7, startedAt: new Date('2020-01-01'), state: 'running', owner: 'a person' },
  { _id: 'alert/x', kind: 'alert', at: new Date('2020-01-01'), group: '', version: 1, body: '{}', extra: true },
  { _id: 'watched/y', kind: 'alert', at: new Date('2020-01-01'), group: '', version: 1, body: '{}' },
  { _id: { nested: 1 }, beat: 'four' },
  { _id: 'drum-beat', beat: 3, extra: null },
  { _id: 'front-door', jpeg: Buffer.from('not a picture'), takenAt: new Date('2020-01-01') },
  { _id: '20200101-create-users', name: 'create users', appliedAt: new Date('2020-01-01') },
  { _id: 99, name: 'of somebody', appliedAt: new Date('2020-01-01') },
  { _id: 'owner-of-a-boat', owner: 'anna', state: 'running', startedAt: new Date('2020-01-01'), body: '{"id":"boat"}' },
  {
    _id: 'cam2.1.obtained.asked',
    order: 'first',
    at: T0,
    cameraId: 'cam2',
    step: 'obtained',
    revision: 1,
    reason: 'asked',
    message: '',
  },
];

const aPass = (id: string, more: Partial<Pass> = {}): Pass => ({
  ...{ id, job: 'renew', state: 'succeeded', startedAt: T0, endedAt: T0, total: 0, done: 0, failed: 0, skipped: 0 },
  ...{ report: null, error: null },
  ...more,
});

const formerEvent = (cameraId: string, revision: number): Loose => {
  const event = { at: T0, cameraId, step: 'obtained', revision, reason: 'asked' } as const;
  return { _id: eventId(event), order: new ObjectId(), ...event, message: 'The cloud gave a lease.' };
};

const formerOwner = '0f8fad5b-d9cb-469f-a165-70867728950e';
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

describe.skipIf(mongo === null)('a database that others use', () => {
  let database: MongoDatabase;
  const stores: Store[] = [];
  const told: string[] = [];
  beforeEach(async () => {
    database = await mongoDatabase(mongo ?? '');
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    told.splice(0);
    await database.drop();
  });

  const openWith = async (clock: Clock): Promise<Store> => {
    const tell = (message: string): void => void told.push(message);
    const log = { warn: tell, info: tell };
    const store = createStore({
      ...{
        mongodbUri: database.uri,
        dataDir: '/nonexistent',
        vendors: vendorsWith(),
        clock,
        random: seededRandom(),
        log,
      },
    });
    stores.push(store);
    await store.open();
    return store;
  };
  /** A clock whose waits end at once; `meanwhile` runs during each of them. */
  const impatient = (meanwhile: (ms: number) => Promise<unknown> = () => Promise.resolve()): Clock => {
    const clock = new TurnedClock(T0);
    return {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      after(ms, run) {
        void meanwhile(ms).then(run);
        return () => undefined;
      },
    };
  };
  const refusalOf = (clock: Clock): Promise<AppError> =>
    openWith(clock).then(
      () => {
        throw new Error('it opened');
      },
      (thrown: unknown) => {
        if (thrown instanceof AppError) return thrown;
        throw thrown;
      },
    );

  it('keeps every document that camlease did not write, byte for byte, in every collection that it knows', async () => {
    const ours = FORMER.map((name) => `camlease_${name}`);
    const names = [...FORMER, 'cameras', 'users', ...ours.filter((name) => name !== 'camlease_migrations')];
    // Under our own prefix, a document with all fields of a pass or a record counts as ours.
    const likeOurs = new Set<unknown>(['owner-of-a-boat', 'alert/x', 'watched/y']);
    const strangers = (name: string): Loose[] =>
      foreign().filter(({ _id }) => !ours.includes(name) || !likeOurs.has(_id));
    for (const name of names) await database.insert(name, strangers(name));
    const before = new Map<string, Map<string, string>>();
    for (const name of names) before.set(name, await database.bytes(name));

    const store = await openWith(new TurnedClock(at(400 * DAY)));
    await store.create({ name: 'Gate', source: source('S1') }, T0);
    await store.addEvents([aLeaseEvent({ id: 'e1', at: T0 })]);
    await store.dropEventsBefore(at(500 * DAY));
    for (let n = 0; n < 3; n++) await store.savePass(aPass(`p${n}`), 'owner-1');
    await database.connection.collection('camlease_passes').insertMany(manyPasses(501));
    await store.savePass(aPass('last', { startedAt: at(DAY) }), 'owner-1');
    await store.interruptPasses('a person', T0);
    await store.records.putMany([{ kind: 'alert', id: 'z', group: '', at: T0, body: {} }]);
    for (const kind of ['alert', 'watched'] as const) await store.records.dropBefore(kind, at(500 * DAY));
    await store.livingOthers('owner-1');
    for (const { id } of await store.all()) await store.claim('owner-1', [id]);
    await store.all();

    for (const [name, documents] of before) {
      const after = await database.bytes(name);
      for (const [id, bytes] of documents) expect([name, id, after.get(id)]).toEqual([name, id, bytes]);
      if (!ours.includes(name) && name !== 'cameras') expect([name, after.size]).toEqual([name, documents.size]);
    }
  });

  it('is opened whatever stands in a migrations collection of others, and gets all indexes', async () => {
    await database.insert('migrations', [
      { _id: 1, name: 'create users' },
      { _id: 2, name: 'events' },
      { _id: 2000, name: 'far ahead' },
    ]);
    const before = await database.bytes('migrations');
    await openWith(new TurnedClock());
    expect(await database.bytes('migrations')).toEqual(before);
    const indexes = await database.connection.collection('cameras').indexes();
    const name = expect.stringMatching(/^camlease_identity(?:_of_ours)?$/) as unknown;
    expect(indexes).toContainEqual(expect.objectContaining({ name, unique: true }));
  });

  describe('and that an earlier camlease used', () => {
    const former = async (): Promise<void> => {
      const notes = [
        { _id: 1, name: 'first indexes', appliedAt: T0 },
        { _id: 2, name: 'events', appliedAt: T0 },
        { _id: 3, name: 'records', appliedAt: T0 },
      ];
      await database.insert('migrations', notes);
      await database.insert('owners', [{ _id: formerOwner, beat: 5 }]);
      await database.insert(
        'events',
        Array.from({ length: 1200 }, (_, n) => formerEvent('cam', n + 1)),
      );
      const { startedAt, state, ...pass } = aPass('p1');
      const body = JSON.stringify({ ...pass, startedAt, state });
      await database.insert('passes', [{ _id: 'p1', owner: formerOwner, state, startedAt, body }]);
      await database.insert('pictures', [{ _id: 'cam', jpeg, takenAt: T0 }]);
      const record = { kind: 'maintenance', group: 'g', at: T0, version: 3, body: '{"a":1}' };
      await database.insert('records', [{ _id: 'maintenance/m1', ...record }]);
      for (const name of FORMER) if (name !== 'migrations') await database.insert(name, foreign());
    };

    it('has everything of it copied by its shape, once, and the old collections stay', async () => {
      await former();
      const before = new Map(
        await Promise.all(FORMER.map(async (name) => [name, await database.bytes(name)] as const)),
      );
      const store = await openWith(impatient());
      expect(await store.eventsOf('cam', { limit: 2000 })).toHaveLength(1200);
      expect(await store.getPass('p1')).toEqual(aPass('p1'));
      expect(await store.getPicture('cam')).toEqual({ jpeg, takenAt: T0 });
      expect(await store.records.get('maintenance', 'm1')).toMatchObject({ version: 3, body: { a: 1 } });
      const counts = { records: 1, passes: 1, pictures: 1, events: 1200 };
      for (const [name, count] of Object.entries(counts))
        expect([name, (await database.bytes(`camlease_${name}`)).size]).toEqual([name, count]);
      expect(told.join('\n')).toMatch(
        /copied the collections records, passes, pictures, events of an earlier camlease/,
      );
      for (const name of FORMER) {
        const after = await database.bytes(name);
        for (const [id, bytes] of before.get(name) ?? []) expect([id, after.get(id)]).toEqual([id, bytes]);
      }

      told.splice(0);
      await store.records.remove('maintenance', 'm1');
      const again = await openWith(impatient());
      expect(await again.records.get('maintenance', 'm1')).toBeNull();
      expect(told).toEqual([]);
    });

    it('goes on where a process that was killed half-way left off', async () => {
      await former();
      const events = await database.read('events');
      const sorted = events
        .filter(({ _id }) => /^cam\.\d+\.obtained\.asked$/.test(String(_id)))
        .sort((a, b) => (String(a._id) < String(b._id) ? -1 : 1));
      await database.insert('camlease_events', sorted.slice(0, 700));
      const progress = { ended: { records: 1, passes: 1, pictures: 1 }, after: String(sorted[499]?._id), copied: 500 };
      const note = { name: 'collections with a prefix', by: 'a dead one', beat: 9, appliedAt: null, progress };
      await database.insert('camlease_migrations', [{ _id: 4, ...note }]);
      const store = await openWith(impatient());
      expect(await store.eventsOf('cam', { limit: 2000 })).toHaveLength(1200);
      expect(await store.getPass('p1')).toBeNull();
    });

    it('is left to the process that is at it', async () => {
      const note = { name: 'collections with a prefix', by: 'another', beat: 9, appliedAt: null };
      await database.insert('camlease_migrations', [{ _id: 4, ...note }]);
      const beat = (): Promise<unknown> => database.update('camlease_migrations', 4, { $inc: { beat: 1 } });
      expect(await refusalOf(impatient(beat))).toMatchObject({ code: 'STORE_IN_USE' });
      const end = (): Promise<unknown> => database.update('camlease_migrations', 4, { $set: { appliedAt: T0 } });
      await openWith(impatient(end));
    });

    it('is prepared once when two start at the same time', async () => {
      await former();
      const both = await Promise.allSettled([openWith(impatient()), openWith(impatient())]);
      const opened = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(opened.length).toBeGreaterThan(0);
      for (const one of both)
        if (one.status === 'rejected') expect(messageOf(one.reason)).toMatch(/is preparing this database/);
      expect((await database.bytes('camlease_events')).size).toBe(1200);
    });

    it('is not opened beside one that still runs, which is said with the cure and is over once it stopped', async () => {
      await former();
      const beat = (): Promise<unknown> => database.update('owners', formerOwner, { $inc: { beat: 1 } });
      const refusal = await refusalOf(impatient(beat));
      expect(refusal).toMatchObject({ code: 'STORE_IN_USE' });
      expect(refusal.message).toContain(formerOwner);
      expect(refusal.cure).toContain('Stop every camlease of the earlier version');
      // Nothing was migrated: the earlier camlease may start again.
      expect(pendingMigrations(KNOWN_BEFORE, await formerNotes())).toEqual([]);
      await openWith(impatient());
    });

    it('keeps the earlier one from starting afterwards, in its own words', async () => {
      await former();
      await openWith(impatient());
      const notes = await formerNotes();
      expect(() => pendingMigrations(KNOWN_BEFORE, notes)).toThrow(/written by a newer camlease/);
    });

    it('says so when an earlier one runs beside this one after all', async () => {
      await former();
      const clock = new TurnedClock(T0);
      const noWait = impatient();
      const store = await openWith({ ...noWait, monotonicMs: () => clock.monotonicMs() });
      await store.livingOthers('owner-1');
      await database.update('owners', formerOwner, { $inc: { beat: 1 } });
      await clock.advance(11_000);
      for (let look = 0; look < 2; look++) await store.livingOthers('owner-1');
      expect(
        told.filter((line) => /An earlier version of camlease runs on this database, too/.test(line)),
      ).toHaveLength(1);
    });
  });

  /** The notes, as the earlier camlease reads them. */
  const formerNotes = async (): Promise<number[]> => (await database.read('migrations')).map(({ _id }) => Number(_id));
});

const KNOWN_BEFORE = [1, 2, 3].map((id) => ({ id, name: '', run: () => undefined }));

function source(deviceSerial: string) {
  return { kind: 'cloud', vendor: 'hikconnect', account: 'default', deviceSerial, channel: 1, resourceId: '' } as const;
}

function manyPasses(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, n) => {
    const { startedAt, state, ...pass } = aPass(`many${n}`);
    return {
      _id: `many${n}` as never,
      owner: 'o',
      state,
      startedAt,
      body: JSON.stringify({ ...pass, startedAt, state }),
    };
  });
}
