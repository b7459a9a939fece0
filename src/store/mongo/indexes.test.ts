import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/turnedClock.js';
import { mongoDatabase, type MongoDatabase } from '../../../test/support/mongoDatabase.js';
import { mongoForTests } from '../../../test/support/mongoServer.js';
import type { MongoModels } from './models.js';
import { makeIndexes, serves, standsInTheWay, type FoundIndex } from './indexes.js';
import { MongoDriver } from './mongoDriver.js';
import { mongoError } from './mongoErrors.js';

const mongo = await mongoForTests();
afterAll(() => mongo?.stop());

const failed = (code: number, message = ''): Error =>
  Object.assign(new Error(message), { name: 'MongoServerError', code });

/** The driver at its seam, with what MongoDB 8 answers: the server of the tests knows neither conflicts of indexes nor rights. */
function modelsWith(there: readonly FoundIndex[], refuse: (name: string) => number | null): [MongoModels, string[]] {
  const made: string[] = [];
  const collection = {
    listIndexes: () => ({ toArray: () => Promise.resolve(there) }),
    createIndex(_keys: object, { name }: { name: string }): Promise<string> {
      const code = refuse(name);
      if (code !== null) return Promise.reject(failed(code, 'a dump of the driver'));
      made.push(name);
      return Promise.resolve(name);
    },
  };
  const model = { collection };
  return [{ cameras: model, passes: model, events: model, records: model } as unknown as MongoModels, made];
}

const makeWith = async (
  there: readonly FoundIndex[],
  refuse: (name: string) => number | null,
): Promise<[string[], string[]]> => {
  const told: string[] = [];
  const [models, made] = modelsWith(there, refuse);
  await makeIndexes(models, {
    log: { warn: (message, fields) => void told.push(`${message} ${JSON.stringify(fields)}`) },
  });
  return [made, told];
};

describe('indexes that somebody made before', () => {
  it('serve when they find the same, whatever their name', async () => {
    const serial = { hikvisionDeviceSerial: 1 };
    expect(serves({ name: 'serial_1', key: serial }, { keys: { hikvisionDeviceSerial: 1 } })).toBe(true);
    expect(serves({ name: 'a', key: { ...serial, x: 1 } }, { keys: { hikvisionDeviceSerial: 1 } })).toBe(false);
    expect(serves({ name: 'a', key: serial, hidden: true }, { keys: { hikvisionDeviceSerial: 1 } })).toBe(false);
    const identity = { keys: { identity: 1 }, unique: true } as const;
    expect(serves({ name: 'a', key: { identity: 1 }, unique: true, sparse: true }, identity)).toBe(true);
    expect(serves({ name: 'a', key: { identity: 1 }, unique: true }, identity)).toBe(false);
    const [made] = await makeWith([{ name: 'serial_1', key: serial }], () => null);
    expect(made).not.toContain('camlease_serial');
    expect(made).toContain('camlease_identity');
  });

  it('that conflict (85, 86) or may not be made (13) stop no start, and are told with the cure', async () => {
    for (const code of [85, 86, 13]) {
      const partial = { name: 'mine', key: { hikvisionDeviceSerial: 1 }, partialFilterExpression: {} };
      const [made, told] = await makeWith([partial], (name) => (name === 'camlease_serial' ? code : null));
      expect(made).toContain('camlease_group');
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(/camlease_serial.*hikvisionDeviceSerial.*cure/);
      expect(told[0]).not.toContain('dump');
    }
  });

  it('stop the start in words when the unique one on identity cannot be made', async () => {
    for (const code of [85, 86, 13, 11000]) {
      const making = makeWith([], (name) => (name === 'camlease_identity' ? code : null));
      await expect(making).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        message: expect.stringContaining('identity') as unknown,
      });
    }
    await expect(makeWith([], () => 4711)).rejects.toMatchObject({ code: 4711 });
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
      database = await mongoDatabase(mongo?.uri ?? '');
    });
    afterEach(() => database.drop());

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
    expect(atlas.message).toBe('The user in MONGODB_URI has not the right to insert at MongoDB at h.');
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
