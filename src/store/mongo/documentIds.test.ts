import { afterAll, describe, expect, it } from 'vitest';
import mongoose from 'mongoose';
import { documentOf } from '../../../test/support/handMadeDocuments.js';
import { mongoForTests } from '../../../test/support/mongoServer.js';
import { mongoHarness } from '../../../test/support/storeHarness.js';
import { T0 } from '../../../test/support/builders.js';

const mongo = await mongoForTests();
const { Types, mongo: bson } = mongoose;
const UUID = '6b0cefd9-ab7c-4d84-8c65-600960096009';

/** Keys as MongoDB's own shell and other programs make them, and the id of the camera; null: none can be one. */
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
  afterAll(() => mongo?.stop());

  it.each(kinds)('that is %s has one camera or one sentence', async (_kind, key, id) => {
    const harness = await mongoHarness(mongo?.uri ?? '');
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
});
