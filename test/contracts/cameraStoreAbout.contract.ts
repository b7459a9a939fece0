import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOTHING_ABOUT, type CameraAbout } from '../../src/core/camera/cameraAbout.js';
import type { CameraStore } from '../../src/store/cameraStore.js';
import { at, aUrlCamera, DAY, HOUR, T0 } from '../support/builders.js';
import type { StoreHarness } from '../support/store/storeHarness.js';
import { aNewCamera, type MakeHarness } from './cameraStore.contract.js';

const ABOUT: CameraAbout = {
  location: 'Deck 3',
  city: '부산',
  coordinates: { lat: 35.1, lng: 129.04 },
  image: '/images/1764540000000-0a1b2c3d.jpg',
  members: ['507f1f77bcf86cd799439011', 'u-2'],
  attributes: { zone: 'north', height: '4 m' },
  aqiApiKey: 'key-of-air',
};
/** A document as the Hikvision guide's server wrote it, with a field of which camlease knows nothing. */
const OLD = {
  name: 'Harbour',
  rtmpPath: '',
  hikvisionDeviceSerial: 'AB7654321',
  hikvisionResourceId: 'r7',
  hikvisionEnabled: true,
  status: 'active',
  location: ' Pier 2 ',
  city: 'Busan',
  coordinates: { lat: '35.1', lng: 129 },
  image: '/images/1700000000000.jpg',
  members: [{ $oid: '507f1f77bcf86cd799439011' }, 'u-2', 7],
  aqi_api_key: 'key-of-air',
};

/** What every store promises about what people note of cameras. */
export function describeAbout(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: notes about cameras`, () => {
    let harness: StoreHarness;
    let store: CameraStore;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(() => harness.close());

    it('keeps them, changes each alone, and takes them back', async () => {
      const created = await store.create(aNewCamera({ about: ABOUT }), T0);
      expect(created.about).toEqual(ABOUT);
      expect((await (await harness.open()).get(created.id))?.about).toEqual(ABOUT);
      await store.update(created.id, { about: { city: 'Seoul', coordinates: null, attributes: {} } }, at(HOUR));
      await store.update(created.id, { name: 'Other' }, at(DAY));
      const changed = { ...ABOUT, city: 'Seoul', coordinates: null, attributes: {} };
      const read = await (await harness.open()).get(created.id);
      expect(read).toMatchObject({ name: 'Other', about: changed });
      const bare = await store.create({ name: 'Bare', source: aUrlCamera().source }, T0);
      expect((await (await harness.open()).get(bare.id))?.about).toEqual(NOTHING_ABOUT);
    });

    it('reads those of an old document where they are, and leaves their form as it was', async () => {
      await harness.insertByHand('507f1f77bcf86cd799439012', OLD);
      const before = await harness.readByHand('507f1f77bcf86cd799439012');
      const [camera] = await (await harness.open()).all();
      expect(camera?.about).toEqual({
        location: 'Pier 2',
        city: 'Busan',
        coordinates: { lat: 35.1, lng: 129 },
        image: '/images/1700000000000.jpg',
        members: ['507f1f77bcf86cd799439011', 'u-2', '7'],
        attributes: {},
        aqiApiKey: 'key-of-air',
      });
      const other = await harness.open();
      await other.update('507f1f77bcf86cd799439012', { about: { city: 'Ulsan' } }, at(HOUR));
      const after = await harness.readByHand('507f1f77bcf86cd799439012');
      const { location, coordinates, members, image } = before;
      expect(after).toMatchObject({ location, coordinates, members, image, aqi_api_key: 'key-of-air', city: 'Ulsan' });
    });

    it('takes no note that it cannot read, and leaves it in the document', async () => {
      const odd = { ...OLD, coordinates: { lat: 'north' }, members: 'none', image: '/images/../x.jpg' };
      await harness.insertByHand('gate', odd);
      const [camera] = await (await harness.open()).all();
      expect(camera?.about).toMatchObject({
        coordinates: null,
        members: [],
        image: null,
        city: 'Busan',
      });
      expect(JSON.stringify((await harness.readByHand('gate'))['coordinates'])).toContain('north');
    });

    it('keeps none of a camera that was deleted', async () => {
      const { id } = await store.create(aNewCamera({ about: ABOUT }), T0);
      await store.remove(id, at(HOUR));
      expect(JSON.stringify(await harness.readByHand(id))).not.toMatch(/key-of-air|Deck 3|u-2/);
      const again = await store.create(aNewCamera({ about: { city: 'Seoul' } }), at(DAY));
      expect((await (await harness.open()).get(again.id))?.about).toEqual({ ...NOTHING_ABOUT, city: 'Seoul' });
    });
  });
}
