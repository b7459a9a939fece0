import { isCloudCamera } from '../../core/camera/cameraSource.js';
import { describe, expect, inject, it } from 'vitest';
import mongoose from 'mongoose';
import { documentOf } from '../../../test/support/store/handMadeDocuments.js';
import { mongoHarness } from '../../../test/support/store/storeHarness.js';
import { aPlan } from '../../../test/contracts/cameraStore.contract.js';
import { T0 } from '../../../test/support/builders.js';

const mongo = inject('mongodbUri');
const { Types, mongo: bson } = mongoose;
const UUID = '6b0cefd9-ab7c-4d84-8c65-600960096009';

/** Keys as MongoDB's own shell and other programs make them, and the camera's id; null: the key can be no id. */
const kinds: readonly [string, unknown, string | null][] = [
  ['an ObjectId', new Types.ObjectId('65a1b2c3d4e5f60718293a4b'), '65a1b2c3d4e5f60718293a4b'],
  ['24 hex digits as text', '75a1b2c3d4e5f60718293a4b', '75a1b2c3d4e5f60718293a4b'],
  ['text', 'front-door', 'front-door'],
  ['a number', 7, '7'],
  ['a long number', bson.Long.fromNumber(9_007_199_254), '9007199254'],
  ['a UUID', new bson.UUID(UUID), UUID],
  ['text with a blank', 'Front Door', null],
  ['a number with a point', 1.5, null],
  ['a negative number', -7, null],
  ['an embedded document', { device: 'A1', channel: 1 }, null],
  ['a date', new Date(0), null],
];

describe.skipIf(mongo === null)('a document with an _id of any kind', () => {
  it.each(kinds)('that is %s has one camera or one sentence', async (_kind, key, id) => {
    const harness = await mongoHarness(mongo ?? '');
    const warnings: string[] = [];
    try {
      await harness.insertWithKey(key, documentOf('A1'));
      const store = await harness.open({ warn: (message) => warnings.push(message) });
      if (id === null) {
        expect(await store.all()).toEqual([]);
        expect(store.leftOut()).toMatchObject([{ deviceSerials: ['A1'], channel: 1 }]);
        expect(warnings).toEqual([expect.stringContaining('cannot be a path name')]);
        return;
      }
      expect(await store.all()).toMatchObject([{ id }]);
      expect(await store.update(id, { name: 'New' }, T0)).toMatchObject({ id, name: 'New' });
      expect(await store.claim('owner-a', [id])).toHaveLength(1);
      expect(await store.get(id)).toMatchObject({ name: 'New' });
      expect(await store.all()).toHaveLength(1);
      expect(await store.remove(id, T0)).toBe(true);
    } finally {
      await harness.close();
    }
  });

  it('and of another with the same text leaves one camera, and writes go to that one only', async () => {
    const harness = await mongoHarness(mongo ?? '');
    const id = '65a1b2c3d4e5f60718293a4b';
    try {
      await harness.insertWithKey(id, documentOf('COPY'));
      await harness.insertWithKey(new Types.ObjectId(id), documentOf('FIRST'));
      await harness.insertWithKey('7', { ...documentOf('OURS'), name: 'Text' });
      const earlier = await harness.open();
      await earlier.close();
      await harness.insertWithKey(7, documentOf('LATER'));
      const store = await harness.open();
      const serials = async (): Promise<unknown[]> =>
        (await store.all())
          .filter(isCloudCamera)
          .map((camera) => [camera.id, camera.source.deviceSerial])
          .sort();
      const served = [
        [id, expect.stringMatching(/FIRST|COPY/) as unknown],
        ['7', 'OURS'],
      ];
      expect(await serials()).toEqual(served);
      const [before] = await serials();
      expect(
        store
          .leftOut()
          .map((one) => one.id)
          .sort(),
      ).toEqual([`${id} (as text)`, '7 (as a number)']);
      await store.saveDiscovered(aPlan({ update: [{ id: '7', name: 'New' }] }), T0);
      await store.update(id, { name: 'New' }, T0);
      expect(await store.claim('owner-a', [id, '7'])).toHaveLength(2);
      expect((await harness.readAll()).filter(({ name }) => name === 'New')).toHaveLength(2);
      expect((await serials())[0]).toEqual(before);
      // A camera deleted in camlease stays deleted, and the other document is reported with its cure.
      expect(await store.remove('7', T0)).toBe(true);
      expect(await serials()).toEqual([before]);
      const left = store.leftOut().find((one) => one.id === '7 (as a number)');
      expect(left).toMatchObject({ deviceSerials: ['LATER'], cure: expect.stringContaining('another _id') as string });
      expect(await store.update('7', { name: 'Again' }, T0)).toBeNull();
      // Once one of the two is gone from the database, the other one is the camera.
      await harness.removeWithKey('7');
      expect((await serials()).at(-1)).toEqual(['7', 'LATER']);
      expect(store.leftOut()).toHaveLength(1);
    } finally {
      await harness.close();
    }
  });
});

it.skipIf(mongo === null).each([
  { version: 'x', fence: 'y' },
  { version: 'x', fence: 3, lastRevision: null },
  { version: { major: 1 }, lastRevision: 'z' },
])('fields of others that are called like ours (%j) stop no start', async (fields) => {
  const harness = await mongoHarness(mongo ?? '');
  try {
    await harness.insertWithKey('gate', { ...documentOf('A1'), ...fields });
    const store = await harness.open();
    expect(await store.all()).toMatchObject([{ id: 'gate', source: { deviceSerial: 'A1' } }]);
    expect(await store.update('gate', { name: 'New' }, T0)).toMatchObject({ name: 'New' });
  } finally {
    await harness.close();
  }
});

it.skipIf(mongo === null).each([false, 0, ''])('a deletedAt of %j is told, and costs no link', async (deletedAt) => {
  const harness = await mongoHarness(mongo ?? '');
  const warnings: string[] = [];
  try {
    await harness.insertWithKey('gate', { ...documentOf('A1'), deletedAt });
    const store = await harness.open({ warn: (message) => warnings.push(message) });
    expect(await store.all()).toEqual([]);
    expect(store.leftOut()).toMatchObject([{ id: 'gate', deviceSerials: ['A1'], channel: 1 }]);
    expect(warnings).toEqual([
      `The stored camera gate is left out: deletedAt has a wrong type or value: ${JSON.stringify(deletedAt)}.`,
    ]);
    await harness.setByHand('gate', { deletedAt: null });
    expect(await store.all()).toMatchObject([{ id: 'gate' }]);
    expect(store.leftOut()).toEqual([]);
  } finally {
    await harness.close();
  }
});
