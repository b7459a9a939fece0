import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDiscovered, aPlan } from '../../test/contracts/cameraStore.contract.js';
import { T0 } from '../../test/support/builders.js';
import type { StoreHarness } from '../../test/support/storeHarness.js';
import { sqliteHarness } from '../../test/support/storeHarness.js';
import { CameraDocuments } from './cameraDocuments.js';
import type { DocumentChange, StoreDriver } from './driver.js';

describe('changing many documents', () => {
  let harness: StoreHarness;
  let driver: StoreDriver;
  let ids: string[];
  /** How many changes each round trip carried. */
  let trips: number[];
  beforeEach(async () => {
    harness = await sqliteHarness();
    driver = await harness.driver();
    const create = [1, 2, 3, 4, 5].map((index) => aDiscovered(index));
    await (await harness.open()).saveDiscovered(aPlan({ create }), T0);
    ids = create.map(({ id }) => id);
    trips = [];
  });
  afterEach(() => harness.close());

  /** `meanwhile` writes right before each round trip. */
  function documentsWith(meanwhile: (trip: number) => Promise<void>): CameraDocuments {
    const replaceMany = async (changes: readonly DocumentChange[]): ReturnType<StoreDriver['replaceMany']> => {
      trips.push(changes.length);
      await meanwhile(trips.length);
      return driver.replaceMany(changes);
    };
    const between = new Proxy(driver, {
      get(target, name) {
        const value: unknown = name === 'replaceMany' ? replaceMany : Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    return new CameraDocuments(between, () => ({ extraHosts: [], random: () => 0.5, now: T0 }), {
      warn: () => undefined,
    });
  }

  it('tries again only those that somebody else wrote in between, on what is there then', async () => {
    const documents = documentsWith(async (trip) => {
      if (trip === 1) for (const id of [ids[1], ids[3]]) await harness.setByHand(id ?? '', { version: 7 });
      if (trip === 2) await harness.setByHand(ids[3] ?? '', { name: 'Theirs', version: 8 });
    });
    const changed = await documents.changeMany(ids, (record) => ({
      ...record,
      camera: { ...record.camera, name: `${record.camera.name}!` },
    }));
    expect(trips).toEqual([5, 2, 1]);
    expect(changed.map(({ camera }) => camera.id).sort()).toEqual(ids);
    const names = (await documents.all()).map(({ name }) => name).sort();
    expect(names).toEqual(['Camera 1!', 'Camera 2!', 'Camera 3!', 'Camera 5!', 'Theirs!']);
  });

  it('keeps what a hand wrote into another column meanwhile', async () => {
    const documents = documentsWith(() => harness.setByHand(ids[0] ?? '', { name: 'By hand' }));
    await documents.changeMany(ids.slice(0, 1), (record) => ({
      ...record,
      camera: { ...record.camera, enabled: false },
    }));
    expect(await harness.readByHand(ids[0] ?? '')).toMatchObject({ name: 'By hand', hikvisionEnabled: 0 });
  });

  it('leaves one alone that no longer wants it, and gives up on one that is always overtaken', async () => {
    let version = 100;
    const overtaking = (): Promise<void> => harness.setByHand(ids[0] ?? '', { version: ++version, status: 'offline' });
    const once = documentsWith((trip) => (trip === 1 ? overtaking() : Promise.resolve()));
    const changed = await once.changeMany(ids, (record) =>
      record.camera.status === 'active' ? { ...record, camera: { ...record.camera, name: 'Active' } } : null,
    );
    expect(changed.map(({ camera }) => camera.id)).toEqual(ids.slice(1));
    expect(trips).toEqual([5]);

    const always = documentsWith(overtaking);
    await expect(always.changeMany(ids, (record) => ({ ...record }))).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
