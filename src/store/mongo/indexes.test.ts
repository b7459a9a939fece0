import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { mongoDatabase, type MongoDatabase } from '../../../test/support/store/mongoDatabase.js';
import { seededRandom } from '../../../test/support/store/storeHarness.js';
import { T0 } from '../../../test/support/builders.js';
import type { MongoModels } from './connection/models.js';
import type { FoundIndex } from './identityIndex.js';
import { makeIndexes, serves, standsInTheWay } from './indexes.js';
import { MongoDriver } from './mongoDriver.js';
import { mongoError } from './connection/mongoErrors.js';
import { createStore } from '../opening/createStore.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

const mongo = inject('mongodbUri');

const failed = (code: number, message = ''): Error =>
  Object.assign(new Error(message), { name: 'MongoServerError', code });

interface Seam {
  /** True: a server that obeys index filters; false: one that lists them and ignores them. */
  readonly knowsPartial?: boolean;
  /** The error code with which the server refuses to make the index of this name; null: it makes it. */
  readonly refuse?: (name: string, dropped: readonly string[]) => number | null;
}

/**
 * The driver replaced at its seam, with the answers of MongoDB 8: the server of the tests knows neither conflicts of indexes nor
 * rights.
 */
function modelsWith(there: readonly FoundIndex[], { knowsPartial = true, refuse = () => null }: Seam = {}) {
  const [made, dropped] = [[] as string[], [] as string[]];
  const options = new Map<string, object>();
  const collection = {
    listIndexes: () => ({ toArray: () => Promise.resolve(there) }),
    findOne: () => Promise.resolve(null),
    createIndex(_keys: object, given: { name: string }): Promise<string> {
      const code = refuse(given.name, dropped);
      if (code !== null) return Promise.reject(failed(code, 'a dump of the driver'));
      made.push(given.name);
      options.set(given.name, given);
      return Promise.resolve(given.name);
    },
    dropIndex: (name: string) => Promise.resolve(void dropped.push(name)),
  };
  const seen = new Set<string>();
  const probe = {
    createIndex: () => Promise.resolve('probe'),
    insertOne({ value, ours }: { value?: string; ours?: string }): Promise<object> {
      const isCounted = ours !== undefined || !knowsPartial;
      if (isCounted && seen.has(String(value))) return Promise.reject(failed(11000));
      if (isCounted) seen.add(String(value));
      return Promise.resolve({ insertedId: 'one' });
    },
    drop: () => Promise.resolve(true),
  };
  const model = { collection };
  const connection = { collection: () => probe };
  const models = { cameras: model, passes: model, events: model, records: model, connection } as unknown as MongoModels;
  return { models, made, dropped, options };
}

const makeWith = async (there: readonly FoundIndex[], seam: Seam = {}) => {
  const told: string[] = [];
  const { models, ...seen } = modelsWith(there, seam);
  await makeIndexes(models, {
    log: { warn: (message, fields) => void told.push(`${message} ${JSON.stringify(fields)}`) },
  });
  return { ...seen, told };
};

const FORMER: FoundIndex = { name: 'camlease_identity', key: { identity: 1 }, unique: true, sparse: true };

describe('the unique index on identity', () => {
  it('looks at documents of camlease alone, and takes the place of the one of former versions', async () => {
    for (const there of [[], [FORMER]]) {
      const { made, dropped, options, told } = await makeWith(there);
      expect(made).toContain('camlease_identity_of_ours');
      expect(options.get('camlease_identity_of_ours')).toEqual({
        name: 'camlease_identity_of_ours',
        unique: true,
        partialFilterExpression: {
          identity: { $type: 'string' },
          version: { $type: 'number' },
          fence: { $type: 'number' },
          lastRevision: { $type: 'number' },
        },
      });
      expect([dropped, told]).toEqual([there.map(({ name }) => name), []]);
    }
  });

  it('is made after the former one went where a server has one index for the same fields', async () => {
    const refuse = (name: string, dropped: readonly string[]): number | null =>
      name === 'camlease_identity_of_ours' && dropped.length === 0 ? 85 : null;
    const { made, dropped } = await makeWith([FORMER], { refuse });
    expect([made.slice(0, 1), dropped.slice(0, 1)]).toEqual([['camlease_identity_of_ours'], ['camlease_identity']]);
  });

  it('comes back as it was where the new one cannot be made after all', async () => {
    const refuse = (name: string, dropped: readonly string[]): number | null =>
      name !== 'camlease_identity_of_ours' ? null : dropped.length === 0 ? 85 : 11000;
    const { models, made } = modelsWith([FORMER], { refuse });
    await expect(makeIndexes(models, { log: { warn: () => undefined } })).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    });
    expect(made).toEqual(['camlease_identity']);
  });

  it('is what it was before on a server that shows the filter of an index and does not go by it, which is said', async () => {
    const fresh = await makeWith([], { knowsPartial: false });
    expect(fresh.made).toContain('camlease_identity');
    expect(fresh.made).not.toContain('camlease_identity_of_ours');
    expect(fresh.told.join()).toMatch(/applies to documents of other programs.*another collection/);
    const former = await makeWith([FORMER], { knowsPartial: false });
    expect([former.made.includes('camlease_identity'), former.dropped, former.told]).toEqual([false, [], []]);
  });

  it('of somebody else is enough, and stays', async () => {
    const { made, dropped } = await makeWith([{ ...FORMER, name: 'of_mine' }]);
    expect([made.filter((name) => name.startsWith('camlease_identity')), dropped]).toEqual([[], []]);
  });
});

describe('indexes that somebody made before', () => {
  it('serve when they find the same, whatever their name', async () => {
    const serial = { hikvisionDeviceSerial: 1 };
    expect(serves({ name: 'serial_1', key: serial }, { keys: { hikvisionDeviceSerial: 1 } })).toBe(true);
    expect(serves({ name: 'a', key: { ...serial, x: 1 } }, { keys: { hikvisionDeviceSerial: 1 } })).toBe(false);
    expect(serves({ name: 'a', key: serial, hidden: true }, { keys: { hikvisionDeviceSerial: 1 } })).toBe(false);
    const { made } = await makeWith([{ name: 'serial_1', key: serial }]);
    expect(made).not.toContain('camlease_serial');
    expect(made).toContain('camlease_started');
  });

  it('that conflict (85, 86) or may not be made (13) stop no start, and are told with the cure', async () => {
    for (const code of [85, 86, 13]) {
      const partial = { name: 'mine', key: { hikvisionDeviceSerial: 1 }, partialFilterExpression: {} };
      const refuse = (name: string): number | null => (name === 'camlease_serial' ? code : null);
      const { made, told } = await makeWith([partial], { refuse });
      expect(made).toContain('camlease_group');
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(/camlease_serial.*hikvisionDeviceSerial.*cure/);
      expect(told[0]).not.toContain('dump');
    }
  });

  it('stop the start in words when the unique one on identity cannot be made', async () => {
    for (const code of [85, 86, 13, 11000]) {
      const making = makeWith([], { refuse: (name) => (name === 'camlease_identity_of_ours' ? code : null) });
      await expect(making).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        message: expect.stringContaining('identity') as unknown,
      });
    }
    await expect(makeWith([], { refuse: () => 4711 })).rejects.toMatchObject({ code: 4711 });
  });

  it('that are unique on what two cameras share are named at the start', () => {
    const unique = (key: object, more: object = {}): FoundIndex => ({
      name: 'x',
      key: { ...key },
      unique: true,
      ...more,
    });
    expect(standsInTheWay(unique({ hikvisionDeviceSerial: 1 }))).toBe(true);
    expect(standsInTheWay(unique({ rtmpPath: 1 }, { sparse: true }))).toBe(true);
    expect(standsInTheWay(unique({ slug: 1 }))).toBe(true);
    expect(standsInTheWay(unique({ slug: 1 }, { sparse: true }))).toBe(false);
    expect(standsInTheWay(unique({ hikvisionDeviceSerial: 1, channel: 1 }))).toBe(false);
    expect(standsInTheWay(unique({ identity: 1 }))).toBe(false);
    expect(standsInTheWay({ name: 'x', key: { hikvisionDeviceSerial: 1 } })).toBe(false);
  });

  describe.skipIf(mongo === null)('on a server', () => {
    let database: MongoDatabase;
    beforeEach(async () => {
      database = await mongoDatabase(mongo ?? '');
    });
    afterEach(() => database.drop());

    it('of ours refuse no document of others, whatever it has in fields of ours', async () => {
      const cameras = database.connection.collection('cameras');
      // As the previous version made it.
      await cameras.createIndex({ identity: 1 }, { name: 'camlease_identity', unique: true, sparse: true }, {});
      const told: string[] = [];
      const log = { warn: (message: string): void => void told.push(message) };
      const store = createStore({
        ...{ mongodbUri: database.uri, dataDir: '/nonexistent', vendors: vendorsWith(), random: seededRandom(), log },
        clock: new TurnedClock(),
      });
      await store.open();
      const source = {
        kind: 'cloud',
        vendor: 'hikconnect',
        account: 'default',
        deviceSerial: 'S1',
        channel: 1,
        resourceId: '',
      } as const;
      await store.create({ name: 'Gate', source }, T0);
      const [ours] = await cameras.find({ hikvisionDeviceSerial: 'S1' }).toArray();
      const names = (await cameras.indexes()).map(({ name }) => name);
      const isPartial = names.includes('camlease_identity_of_ours');
      const strangers = [
        { hikvisionDeviceSerial: 'S1' },
        { hikvisionDeviceSerial: 'S1', dueAt: ['never'] },
        { hikvisionDeviceSerial: 'S1', version: 3 },
        ...(isPartial
          ? [1, 2].map(() => ({ hikvisionDeviceSerial: 'S1', identity: ours?.['identity'] as string }))
          : []),
        ...(isPartial ? [1, 2].map(() => ({ identity: null })) : []),
      ];
      for (const stranger of strangers) await cameras.insertOne(stranger);
      expect(await cameras.countDocuments()).toBe(strangers.length + 1);
      // No two of our documents can have the same identity.
      const twin = { ...ours, _id: new mongoose.Types.ObjectId() };
      await expect(cameras.insertOne(twin)).rejects.toMatchObject({ code: 11000 });
      expect(names).toContain(isPartial ? 'camlease_identity_of_ours' : 'camlease_identity');
      expect(names.filter((name) => name?.startsWith('camlease_identity'))).toHaveLength(1);
      await store.close();
      const again = new MongoDriver(database.uri, { clock: new TurnedClock(), log });
      await again.open();
      await again.close();
      // Without partial indexes, camlease warns as soon as another program's document has the field.
      await cameras.insertOne({ identity: 'a passport' });
      await again.open();
      await again.close();
      expect(told.filter((line) => line.includes('applies to documents of other programs'))).toHaveLength(
        isPartial ? 0 : 1,
      );
      expect((await database.connection.db?.listCollections().toArray())?.map(({ name }) => name)).not.toContain(
        'camlease_index_probe',
      );
    });

    it('keep a database open, and are named', async () => {
      const cameras = database.connection.collection('cameras');
      await cameras.createIndex({ hikvisionDeviceSerial: 1 }, { name: 'serial_of_mine', unique: true }, {});
      const told: string[] = [];
      const log = { warn: (message: string): void => void told.push(message) };
      const driver = new MongoDriver(database.uri, { clock: new TurnedClock(), log });
      await driver.open();
      await driver.close();
      expect(told.join('\n')).toMatch(/unique index serial_of_mine on hikvisionDeviceSerial/);
      expect((await cameras.indexes()).map(({ name }) => name)).not.toContain('camlease_serial');
    });
  });
});

describe('rights that are missing', () => {
  it('are said as command and collection, with the cure, and nothing else of the server', () => {
    const atlas = mongoError(
      failed(8000, 'user is not allowed to do action [insert] on [shop.cameras]'),
      'MongoDB at h',
    );
    expect(atlas.message).toBe('The user in MONGODB_URI may not insert at MongoDB at h.');
    const denied =
      'not authorized on shop to execute command { update: "camlease_owners", updates: [ { q: "SECRET" } ] }';
    const error = mongoError(failed(13, denied), 'MongoDB at h');
    expect(error).toMatchObject({ code: 'STORE_REFUSED' });
    expect(error.message).toContain('update in camlease_owners');
    expect(error.cure).toContain('readWrite');
    expect(error.message).not.toContain('SECRET');
    expect(mongoError(failed(18, 'Authentication failed.'), 'h').message).toContain('refused the login');
    expect(mongoError(failed(166, 'Namespace shop.cameras is a view'), 'h').message).toContain('view');
  });
});
