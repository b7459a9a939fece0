import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDiscovered, aPlan } from '../../../test/contracts/cameraStore.contract.js';
import { T0 } from '../../../test/support/builders.js';
import type { StoreHarness } from '../../../test/support/store/storeHarness.js';
import { sqliteHarness } from '../../../test/support/store/storeHarness.js';
import type { DocumentChange, StoreDriver } from '../driver.js';
import { CameraDocuments } from './cameraDocuments.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

describe('changing many documents', () => {
  let harness: StoreHarness;
  let driver: StoreDriver;
  let ids: string[];
  /** How many changes each round trip carried. */
  let trips: number[];
  /** How many documents each read asked for. */
  let reads: number[];
  beforeEach(async () => {
    harness = await sqliteHarness();
    driver = await harness.driver();
    const create = [1, 2, 3, 4, 5].map((index) => aDiscovered(index));
    await (await harness.open()).saveDiscovered(aPlan({ create }), T0);
    ids = create.map(({ id }) => id);
    trips = [];
    reads = [];
  });
  afterEach(() => harness.close());

  /** `meanwhile` writes right before each round trip. */
  function documentsWith(meanwhile: (trip: number) => Promise<void>): CameraDocuments {
    const replaceMany = async (changes: readonly DocumentChange[]): ReturnType<StoreDriver['replaceMany']> => {
      trips.push(changes.length);
      await meanwhile(trips.length);
      return driver.replaceMany(changes);
    };
    const readByIds = (asked: readonly string[]): ReturnType<StoreDriver['readByIds']> => {
      reads.push(asked.length);
      return driver.readByIds(asked);
    };
    const ours: Readonly<Record<string | symbol, unknown>> = { replaceMany, readByIds };
    const between = new Proxy(driver, {
      get(target, name) {
        const value: unknown = ours[name] ?? Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    return new CameraDocuments(between, () => ({ vendors: vendorsWith(), random: () => 0.5, now: T0 }), {
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

  it('reads what it has not seen yet, and all again once somebody else wrote anything', async () => {
    const documents = documentsWith(() => Promise.resolve());
    const named = async (name: string): Promise<void> => {
      await documents.changeMany(ids, (record) => ({ ...record, camera: { ...record.camera, notice: name } }));
    };
    await named('first');
    await named('second');
    expect(reads).toEqual([5]);

    await harness.setByHand(ids[2] ?? '', { name: 'By hand' });
    await named('third');
    expect(reads).toEqual([5, 5]);
    const cameras = await documents.all();
    expect(cameras.map(({ notice }) => notice)).toEqual(ids.map(() => 'third'));
    expect(cameras.filter(({ name }) => name === 'By hand')).toHaveLength(1);
    await named('fourth');
    expect(reads).toEqual([5, 5]);
  });

  it('does not take for known what a hand changed while it wrote', async () => {
    const documents = documentsWith((trip) =>
      trip === 1 ? harness.setByHand(ids[0] ?? '', { name: 'By hand' }) : Promise.resolve(),
    );
    const disabled = async (enabled: boolean): Promise<string[]> => {
      const changed = await documents.changeMany(ids, (record) => ({
        ...record,
        camera: { ...record.camera, enabled },
      }));
      return changed.map(({ camera }) => camera.name);
    };
    expect(await disabled(false)).not.toContain('By hand');
    expect(await disabled(true)).toContain('By hand');
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
