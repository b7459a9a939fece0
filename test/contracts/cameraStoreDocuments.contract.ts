import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aLease, T0 } from '../support/builders.js';
import { documentOf } from '../support/store/handMadeDocuments.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import type { MakeHarness } from './cameraStore.contract.js';
import { aDiscovered, aPlan, claimOf } from './cameraStore.contract.js';

/** What every store promises about documents that are odd, and those that make no camera. */
export function describeDocuments(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: odd documents`, () => {
    let harness: StoreHarness;
    let warnings: string[];
    const open: StoreHarness['open'] = (options) =>
      harness.open({ warn: (message) => warnings.push(message), ...options });
    beforeEach(async () => {
      harness = await makeHarness();
      warnings = [];
      await harness.open();
    });
    afterEach(() => harness.close());

    it.each([2, '2.1', 'v3'])(
      'with a version of another program (%j) are adopted once and written as ours',
      async (version) => {
        await harness.insertByHand('gate', { ...documentOf('A1'), version });
        const store = await open();
        const [camera] = await store.all();
        expect(camera).toMatchObject({ id: 'gate', lastRevision: 1 });
        // One that another program counts with goes on from there: ours must not look like one that it wrote.
        const { version: stored } = await harness.readByHand('gate');
        expect(stored).toBe(typeof version === 'number' ? version + 1 : 1);
        expect(await store.all()).toEqual([camera]);
        expect(await store.update('gate', { name: 'Gate' }, T0)).toMatchObject({ name: 'Gate' });
        expect(await (await open()).get('gate')).toMatchObject({ name: 'Gate', lastRevision: 1 });
        expect(await store.claim('owner-a', ['gate'])).toHaveLength(1);
        expect(warnings).toEqual([]);
      },
    );

    it('whose version another program goes on writing as text stay cameras', async () => {
      const store = await open();
      await harness.insertByHand('gate', { ...documentOf('A1'), version: 'v1' });
      expect(await store.all()).toMatchObject([{ id: 'gate' }]);
      await harness.setByHand('gate', { version: 'v2', name: 'Theirs' });
      expect(await store.all()).toMatchObject([{ id: 'gate', name: 'Theirs' }]);
      expect(store.leftOut()).toEqual([]);
      expect(typeof (await harness.readByHand('gate'))['version']).toBe('number');
      await harness.setByHand('gate', { version: 'v3' });
      const claim = await claimOf(store, 'gate');
      expect((await store.saveLease(claim, aLease({ revision: 2 }), T0)).lease).toMatchObject({ revision: 2 });
    });

    it('that name the place of another camera are left out, and keep nobody from starting', async () => {
      const whole = { account: 'hik', channel: 1, vendor: 'hikconnect' };
      await harness.insertByHand('first', { ...documentOf('A1'), ...whole });
      await harness.insertByHand('second', { ...documentOf('A1'), ...whole });
      await harness.insertByHand('third', documentOf('A3'));
      const store = await open();
      expect((await store.all()).map(({ id }) => id)).toEqual(['first', 'third']);
      await store.all();
      expect(store.leftOut()).toMatchObject([{ id: 'second', deviceSerials: ['A1'], channel: 1 }]);
      expect(warnings).toEqual([
        'The stored camera second is left out: Another camera has the same account, device serial and channel.',
      ]);
      await harness.setByHand('second', { channel: 2 });
      await store.all();
      expect(store.leftOut()).toEqual([]);
      expect(await store.get('second')).toMatchObject({ source: { channel: 2 } });
    });

    it('are told with field and value until they are mended or gone', async () => {
      await harness.insertByHand('odd', { ...documentOf('A1'), status: 'weird' });
      await harness.insertByHand('other', { ...documentOf('A2'), status: 'weird' });
      const store = await open();
      expect(await store.all()).toEqual([]);
      const message = 'status has a wrong type or value: "weird"';
      expect(store.leftOut()).toMatchObject([
        { id: 'odd', deviceSerials: ['A1'], channel: 1, message, cure: expect.stringContaining('active') as string },
        { id: 'other' },
      ]);
      expect(warnings[0]).toBe(`The stored camera odd is left out: ${message}.`);
      await harness.setByHand('odd', { status: 'Online' });
      await harness.removeByHand('other');
      expect((await store.all()).map(({ id }) => id)).toEqual(['odd']);
      expect(store.leftOut()).toEqual([]);
      expect(warnings).toHaveLength(2);
    });

    it('of ours take what a hand wrote by what it means', async () => {
      const store = await open();
      await store.saveDiscovered(aPlan({ create: [aDiscovered(1)] }), T0);
      const { id } = aDiscovered(1);
      await harness.setByHand(id, { status: ' Offline', hikvisionEnabled: 'false', name: 'By\n hand' });
      await store.all();
      expect(await store.get(id)).toMatchObject({
        status: 'offline',
        enabled: false,
        name: 'By hand',
        origin: 'discovered',
      });
      expect(await harness.readByHand(id)).toMatchObject({ status: 'offline' });
      await harness.setByHand(id, { status: 'weird' });
      expect(await store.all()).toEqual([]);
      expect(store.leftOut()).toMatchObject([{ id, message: 'status has a wrong type or value: "weird"' }]);
    });
  });
}
