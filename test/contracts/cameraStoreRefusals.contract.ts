import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import { aLease, at, DAY, T0 } from '../support/builders.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import { aDiscovered, aNewCamera, aPlan, aSource, claimOf, type MakeHarness } from './cameraStore.contract.js';

export function describeRefusals(name: string, makeHarness: MakeHarness): void {
  describe(`documents that ${name} does not take`, () => {
    let harness: StoreHarness;
    let store: Store;
    let told: string[];
    beforeEach(async () => {
      harness = await makeHarness();
      told = [];
      store = await harness.open({ warn: (message) => told.push(message) });
    });
    afterEach(() => harness.close());

    const channel = (index: number, deviceSerial: string) =>
      aDiscovered(index, { source: aSource({ deviceSerial, channel: index }) });

    it('are named, and the others of a listing are stored', async () => {
      await harness.addUniqueIndex('hand_serial', 'hikvisionDeviceSerial');
      const create = [channel(1, 'DEVICE1'), channel(2, 'DEVICE1'), channel(3, 'DEVICE2')];
      const saved = await store.saveDiscovered(aPlan({ create }), T0);
      expect(saved.created).toEqual([create[0]?.id, create[2]?.id]);
      expect(saved.refused).toEqual([
        {
          cameraId: create[1]?.id,
          code: 'DOCUMENT_REFUSED',
          message: expect.stringContaining('hikvisionDeviceSerial') as unknown,
          cure: expect.stringContaining('a device has several channels') as unknown,
        },
      ]);
      expect(JSON.stringify(saved.refused)).not.toContain('DEVICE1');
      const again = await store.saveDiscovered(aPlan({ create }), T0);
      expect(again).toMatchObject({ created: [], refused: [{ cameraId: create[1]?.id }] });
      expect(told.filter((line) => line.includes(create[1]?.id ?? ''))).toHaveLength(1);
    });

    it('are said to who adds a camera by hand', async () => {
      await harness.addUniqueIndex('hand_serial', 'hikvisionDeviceSerial');
      await store.create(aNewCamera({ source: aSource({ channel: 1 }) }), T0);
      const second = store.create(aNewCamera({ source: aSource({ channel: 2 }) }), T0);
      await expect(second).rejects.toMatchObject({ code: 'DOCUMENT_REFUSED' });
    });

    it('are named when they change, and the others change', async () => {
      const [one, two] = [aDiscovered(1), aDiscovered(2)];
      await store.saveDiscovered(aPlan({ create: [one, two] }), T0);
      await harness.addUniqueIndex('hand_name', 'name');
      const update = [
        { id: one.id, name: 'Same' },
        { id: two.id, name: 'Same' },
      ];
      const saved = await store.saveDiscovered(aPlan({ update }), at(DAY));
      expect(saved.updated).toHaveLength(1);
      expect(saved.refused).toMatchObject([
        { code: 'DOCUMENT_REFUSED', message: expect.stringContaining('name') as unknown },
      ]);
      await expect(store.update(two.id, { name: 'Same' }, at(DAY))).rejects.toMatchObject({ code: 'DOCUMENT_REFUSED' });
      expect((await store.all()).map(({ id }) => id).sort()).toEqual([one.id, two.id]);
    });

    it('are known until the database takes them, and a claim that it takes says nothing of a name', async () => {
      const [one, two] = [aDiscovered(1), aDiscovered(2)];
      await store.saveDiscovered(aPlan({ create: [one, two] }), T0);
      expect(store.refusedWrites().size).toBe(0);
      await harness.addUniqueIndex('hand_name', 'name');
      const update = [{ id: two.id, name: one.name }];
      await store.saveDiscovered(aPlan({ update }), at(1));
      const refused = { code: 'DOCUMENT_REFUSED', message: expect.stringContaining('name') as unknown };
      expect(store.refusedWrites().get(two.id)).toMatchObject(refused);
      await store.release([await claimOf(store, two.id)]);
      expect(store.refusedWrites().get(two.id)).toMatchObject(refused);
      await store.update(two.id, { name: 'Another' }, at(2));
      expect(store.refusedWrites().size).toBe(0);
    });

    it('are known of a camera that could not be added until it is', async () => {
      await harness.addUniqueIndex('hand_serial', 'hikvisionDeviceSerial');
      const create = [channel(1, 'DEVICE1'), channel(2, 'DEVICE1')];
      await store.saveDiscovered(aPlan({ create }), T0);
      expect([...store.refusedWrites().keys()]).toEqual([create[1]?.id]);
      await harness.dropIndex('hand_serial');
      await store.saveDiscovered(aPlan({ create }), T0);
      expect(store.refusedWrites().size).toBe(0);
    });

    it('cost a stored camera nothing when another program rewrites it: it is served as it is understood', async () => {
      const [one, two] = [aDiscovered(1), aDiscovered(2)];
      await store.saveDiscovered(aPlan({ create: [one, two] }), T0);
      await harness.setByHand(one.id, { version: 900 });
      await store.all();
      await harness.addUniqueIndex('hand_version', 'version');
      // The next version of the second is the one that the first has.
      const { version } = await harness.readByHand(one.id);
      const url = aLease({ revision: 7 }).url;
      await harness.setByHand(two.id, { rtmpPath: url, version: Number(version) - 1 });
      const cameras = await store.all();
      expect(cameras.find(({ id }) => id === two.id)?.lease?.url).toBe(url);
      expect(store.leftOut()).toEqual([]);
      expect(store.refusedWrites().get(two.id)).toMatchObject({ code: 'DOCUMENT_REFUSED' });
    });

    it('are a single line in the log when they are many', async () => {
      await harness.addUniqueIndex('hand_serial', 'hikvisionDeviceSerial');
      const create = Array.from({ length: 40 }, (_, index) => channel(index + 1, 'DEVICE1'));
      const saved = await store.saveDiscovered(aPlan({ create }), T0);
      expect(saved.refused).toHaveLength(39);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain('39 stored cameras');
      await harness.dropIndex('hand_serial');
      for (let index = 0; index < 40; index++) await harness.insertByHand(`foreign-${index}`, { title: 'A chair' });
      await store.all();
      expect(told).toHaveLength(2);
      expect(told[1]).toMatch(/40 .*foreign-\d+ is left out/);
      await store.all();
      expect(told).toHaveLength(2);
    });

    it('keep no other camera from being claimed and leased', async () => {
      const [one, two, three] = [aDiscovered(1), aDiscovered(2), aDiscovered(3)];
      await store.saveDiscovered(aPlan({ create: [one, two, three] }), T0);
      for (const { id } of [one, three, three, three]) await store.release([await claimOf(store, id)]);
      // Their fences are 1, 0 and 3: the next one of the second is taken.
      await harness.addUniqueIndex('hand_fence', 'fence');
      const claims = await store.claim('owner-a', [two.id, three.id]);
      expect(claims.map(({ camera }) => camera.id)).toEqual([three.id]);
      await expect(store.claim('owner-a', [two.id])).rejects.toMatchObject({ code: 'DOCUMENT_REFUSED' });
      if (claims[0]) await store.saveLease(claims[0], aLease(), T0);
      expect((await store.get(three.id))?.lease).toEqual(aLease());
    });

    it('made by hand are left out of what is read, and stop no start', async () => {
      await store.close();
      const url = {
        hikvisionDeviceSerial: 'HAND1',
        hikvisionEnabled: true,
        name: 'Yard',
        account: 'hikvision',
        channel: 1,
      };
      await harness.insertByHand('hand-1', url);
      await harness.insertByHand('hand-2', url);
      await harness.insertByHand('hand-3', { ...url, channel: 2 });
      const opened = await harness.open({ warn: (message) => told.push(message) });
      expect((await opened.all()).map(({ id }) => id)).toHaveLength(2);
      expect(told.filter((line) => /hand-[12] is left out/.test(line))).toHaveLength(1);
    });

    it('that stand in the place of a listed camera are named', async () => {
      const create = [aDiscovered(1), aDiscovered(2)];
      await harness.insertByHand(aDiscovered(1).id, { title: 'of another program' });
      const saved = await store.saveDiscovered(aPlan({ create }), T0);
      expect(saved.created).toEqual([aDiscovered(2).id]);
      expect(saved.refused).toMatchObject([
        { cameraId: aDiscovered(1).id, cure: expect.stringContaining('_id') as unknown },
      ]);
    });
  });
}
