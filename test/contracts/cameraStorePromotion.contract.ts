import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Camera } from '../../src/core/camera/camera.js';
import type { Store } from '../../src/store/store.js';
import type { DocumentChange, StoreDriver } from '../../src/store/driver.js';
import { encodeCamera } from '../../src/store/reading/cameraDocument.js';
import type { CameraRecord } from '../../src/store/reading/cameraRecord.js';
import { aCamera, aCandidate, aFailure, aLease, at, DAY, SOUND_TRACKS, T0 } from '../support/builders.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import type { MakeHarness } from './cameraStore.contract.js';
import { aNewCamera, aPromotion, aSource, claimOf } from './cameraStore.contract.js';

function aRecord(index: number, more: Partial<Camera> = {}): CameraRecord {
  const id = index.toString(16).padStart(24, '0');
  const lease = aLease({ url: `rtmp://a.ys7.com/${String(index)}` });
  const camera = aCamera({ id, source: aSource({ deviceSerial: `S${String(index)}` }), lease, lastRevision: 2 });
  const waiting = { ...camera, candidate: aCandidate(), ...more };
  const stored = { rtmpPath: lease.url, claimOwner: null, fence: 0, deletedAt: null, version: 1 };
  return { camera: waiting, aboutAsRead: waiting.about, ...stored };
}

async function insert(driver: StoreDriver, records: readonly CameraRecord[]): Promise<string[]> {
  await driver.insert(records.map((record) => ({ id: record.camera.id, fields: encodeCamera(record) })));
  return records.map(({ camera }) => camera.id);
}

function byId(a: Camera, b: Camera): number {
  return a.id < b.id ? -1 : 1;
}

/** What every store promises about many promotions at a time. */
export function describePromotion(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: many promotions`, () => {
    let harness: StoreHarness;
    let driver: StoreDriver;
    let store: Store;
    beforeEach(async () => {
      harness = await makeHarness();
      driver = await harness.driver();
      store = await harness.open();
    });
    afterEach(() => harness.close());

    it('are made in one call, but for those whose revision is another or whose camera is gone', async () => {
      const records = [1, 2, 3, 4].map((index) => aRecord(index, { failure: aFailure() }));
      const [one = '', two = '', three = '', four = ''] = await insert(driver, records);
      await store.reject(three, 2, aFailure(), T0);
      await store.remove(four, T0);
      const promoted = await store.promote(
        [
          aPromotion(one, { tracks: SOUND_TRACKS }),
          aPromotion(two, { revision: 1 }),
          aPromotion(three),
          aPromotion(four),
          aPromotion('nobody'),
        ],
        at(5 * DAY),
      );
      expect(promoted).toMatchObject([
        {
          id: one,
          lease: { ...aCandidate(), proof: 'proven', provenAt: at(5 * DAY), tracks: SOUND_TRACKS },
          candidate: null,
          failure: null,
          retiredUrlIds: ['1'],
        },
      ]);
      expect(promoted).toEqual([await store.get(one)]);
      expect(await store.get(two)).toMatchObject({ lease: { revision: 1 }, candidate: { revision: 2 } });
      expect(await store.get(three)).toMatchObject({ lease: { revision: 1 }, candidate: null });
      expect(await store.get(four)).toBeNull();
    });

    it('of which two name one camera take the one with its revision', async () => {
      const [id = ''] = await insert(driver, [aRecord(1)]);
      const wanted = aPromotion(id, { proof: 'unproven' });
      const promoted = await store.promote(
        [aPromotion(id, { revision: 1 }), wanted, aPromotion(id, { revision: 3 })],
        T0,
      );
      expect(promoted).toMatchObject([{ lease: { revision: 2, proof: 'unproven', tracks: null } }]);
      expect(await store.promote([], T0)).toEqual([]);
    });

    it('are more than fit into one round trip', async () => {
      const ids = await insert(
        driver,
        Array.from({ length: 1100 }, (_, index) => aRecord(index + 1)),
      );
      const promoted = await store.promote(
        ids.map((id) => aPromotion(id)),
        T0,
      );
      expect(promoted).toHaveLength(1100);
      const all = await store.all();
      expect(all.every(({ lease, candidate }) => lease?.revision === 2 && candidate === null)).toBe(true);
      expect([...promoted].sort(byId)).toEqual([...all].sort(byId));
    }, 60_000);

    it('do not lose what others write of some of them at the same time', async () => {
      const ids = await insert(
        driver,
        Array.from({ length: 30 }, (_, index) => aRecord(index + 1)),
      );
      const other = await harness.open();
      const [, , promoted] = await Promise.all([
        other.update(ids[3] ?? '', { name: 'Meanwhile' }, T0),
        other.update(ids[17] ?? '', { notice: 'Meanwhile' }, T0),
        store.promote(
          ids.map((id) => aPromotion(id)),
          T0,
        ),
      ]);
      expect(promoted.map(({ id }) => id).sort()).toEqual(ids);
      for (const id of ids) expect(await store.get(id)).toMatchObject({ lease: { revision: 2 } });
      expect(await store.get(ids[3] ?? '')).toMatchObject({ name: 'Meanwhile' });
      expect(await store.get(ids[17] ?? '')).toMatchObject({ notice: 'Meanwhile' });
    });

    it('by two at the same time are each made once', async () => {
      const ids = await insert(
        driver,
        Array.from({ length: 30 }, (_, index) => aRecord(index + 1)),
      );
      const other = await harness.open();
      const both = await Promise.all([
        store.promote(
          ids.map((id) => aPromotion(id)),
          T0,
        ),
        other.promote(
          ids.map((id) => aPromotion(id, { proof: 'unproven' })),
          T0,
        ),
      ]);
      const promoted = both.flat().map(({ id }) => id);
      expect(promoted.sort()).toEqual(ids);
    });

    it('do not hold up the camera whose candidate was replaced by a lease of another program', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      await store.saveCandidate(await claimOf(store, id), aCandidate(), T0);
      const url = `rtmp://vtm.ezvizlife.com/v3/openlive/K1_1_1?expire=${String(at(9 * DAY).getTime() / 1000)}&id=77`;
      await harness.setByHand(id, { rtmpPath: url });
      expect(await store.promote([aPromotion(id)], T0)).toEqual([]);
      await store.all();
      expect(await store.get(id)).toMatchObject({ lease: { revision: 3, urlId: '77' }, candidate: null });
    });
  });

  describe(`${name}: many writes in one round trip`, () => {
    let harness: StoreHarness;
    let driver: StoreDriver;
    beforeEach(async () => {
      harness = await makeHarness();
      driver = await harness.driver();
    });
    afterEach(() => harness.close());

    const changesOf = async (records: readonly CameraRecord[]): Promise<DocumentChange[]> => {
      const found = await driver.readByIds(records.map(({ camera }) => camera.id));
      const documents = new Map(found.map((document) => [document.id, document]));
      return records.flatMap((record) => {
        const before = documents.get(record.camera.id);
        return before ? [{ before, after: encodeCamera({ ...record, version: record.version + 1 }) }] : [];
      });
    };

    it('say of each what became of it, in their order', async () => {
      const records = [1, 2, 3, 4].map((index) => aRecord(index, { candidate: null }));
      await insert(driver, records);
      const renamed = records.map((record) => ({ ...record, camera: { ...record.camera, name: 'Renamed' } }));
      const [one, two, three, four] = renamed;
      if (!one || !two || !three || !four) throw new Error('four were made');
      const clash = { ...three, camera: { ...three.camera, source: one.camera.source } };
      const changes = await changesOf([one, two, clash, four]);
      const meanwhile = { ...two, camera: { ...two.camera, name: 'Meanwhile' } };
      for (const change of await changesOf([meanwhile])) expect(await driver.replace(change)).toBe('written');

      expect(await driver.replaceMany(changes)).toEqual(['written', 'conflict', 'identity-taken', 'written']);
      const late = changes.map(({ before, after }) => ({ before, after: { ...after, name: 'Late' } }));
      expect(await driver.replaceMany(late)).toEqual(['conflict', 'conflict', 'identity-taken', 'conflict']);
      expect(await driver.replaceMany([])).toEqual([]);
      const names = (await driver.readByIds(records.map(({ camera }) => camera.id))).map(
        ({ fields }) => fields['name'],
      );
      expect(names.sort()).toEqual(['Gate', 'Meanwhile', 'Renamed', 'Renamed']);
    });
  });
}
