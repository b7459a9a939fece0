import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CloudSource } from '../../src/core/camera/camera.js';
import { CAMERA_MODES } from '../../src/core/camera/camera.js';
import type { DiscoveredCamera, DiscoveryPlan } from '../../src/core/discovery/discovery.js';
import { dueAt } from '../../src/core/renewal/renewal.js';
import type { Claim, NewCamera, Promotion } from '../../src/store/cameraStore.js';
import type { Store } from '../../src/store/store.js';
import { aCandidate, aFailure, aLease, at, DAY, SOUND_TRACKS, T0 } from '../support/builders.js';
import type { StoreHarness } from '../support/store/storeHarness.js';

export type MakeHarness = () => Promise<StoreHarness>;

export function aSource(more: Partial<CloudSource> = {}): CloudSource {
  const plain = { account: 'hikvision', deviceSerial: 'AB1234567', channel: 1, resourceId: 'resource-1' } as const;
  return { kind: 'cloud', vendor: 'hikconnect', ...plain, ...more };
}

export function aNewCamera(more: Partial<NewCamera> = {}): NewCamera {
  return { name: 'Gate', source: aSource(), ...more };
}

export function aDiscovered(index: number, more: Partial<DiscoveredCamera> = {}): DiscoveredCamera {
  const id = index.toString(16).padStart(24, '0');
  const source = aSource({ deviceSerial: `S${String(index)}`, resourceId: `r${String(index)}` });
  return { id, name: `Camera ${String(index)}`, source, status: 'active', ...more };
}

export function aPlan(more: Partial<DiscoveryPlan> = {}): DiscoveryPlan {
  return { account: 'hikvision', create: [], update: [], missing: [], unchanged: 0, ...more };
}

/** Of a proven candidate of revision 2. */
export function aPromotion(id: string, more: Partial<Promotion> = {}): Promotion {
  return { id, revision: 2, proof: 'proven', tracks: null, ...more };
}

export async function claimOf(store: Pick<Store, 'claim'>, id: string, owner = 'owner-a'): Promise<Claim> {
  const [claim] = await store.claim(owner, [id]);
  if (!claim) throw new Error(`${id} could not be claimed`);
  return claim;
}

/** What every store promises about cameras and leases. */
export function describeCameraStore(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: cameras`, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(() => harness.close());

    it('gives back what was created, sorted by name and then id', async () => {
      const b = await store.create(aNewCamera({ name: 'B', source: aSource({ channel: 2 }) }), T0);
      const a2 = await store.create(aNewCamera({ name: 'A', id: 'zz', source: aSource({ channel: 3 }) }), T0);
      const a1 = await store.create(aNewCamera({ name: 'A', id: 'yy', source: aSource({ channel: 4 }) }), T0);
      expect(await store.all()).toEqual([a1, a2, b]);
      expect(await store.get(b.id)).toEqual(b);
      expect(b.id).toMatch(/^[0-9a-f]{24}$/);
      expect(b).toMatchObject({
        enabled: true,
        status: 'active',
        mode: 'on-demand',
        quality: 'auto',
        origin: 'hand-made',
      });
    });

    it('says null and false where there is no camera, whatever the id looks like', async () => {
      for (const id of ['nobody', '__proto__', '0123456789abcdef01234567', 'a/b', '{"$gt":""}', '한글', '']) {
        expect(await store.get(id)).toBeNull();
        expect(await store.update(id, { name: 'x' }, T0)).toBeNull();
        expect(await store.remove(id, T0)).toBe(false);
        expect(await store.claim('owner-a', [id])).toEqual([]);
        expect(await store.getPicture(id)).toBeNull();
      }
    });

    it('refuses a second camera with the same account, serial and channel, and one with the same id', async () => {
      const first = await store.create(aNewCamera(), T0);
      await expect(store.create(aNewCamera(), T0)).rejects.toMatchObject({ code: 'CAMERA_EXISTS' });
      const sameId = aNewCamera({ id: first.id, source: aSource({ channel: 9 }) });
      await expect(store.create(sameId, T0)).rejects.toMatchObject({ code: 'CAMERA_EXISTS' });
      await store.create(aNewCamera({ source: aSource({ account: 'another' }) }), T0);
      expect(await store.all()).toHaveLength(2);
      await expect(store.update(first.id, { account: 'another' }, T0)).rejects.toMatchObject({ code: 'CAMERA_EXISTS' });
    });

    it('refuses an id that cannot be a path name', async () => {
      for (const id of ['_lease', 'a/b', 'a.b', '한글', '', 'x'.repeat(65)]) {
        await expect(store.create(aNewCamera({ id }), T0)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
      }
    });

    it('changes only what is named', async () => {
      const camera = await store.create(aNewCamera({ labels: ['yard'] }), T0);
      const change = { name: 'Door', enabled: false, labels: ['a', 'b'], notice: 'look', resourceId: 'r2' };
      const updated = await store.update(camera.id, change, at(DAY));
      const source = aSource({ resourceId: 'r2' });
      expect(updated).toEqual({ ...camera, ...change, resourceId: undefined, source, updatedAt: at(DAY) });
      expect(await store.get(camera.id)).toEqual(updated);
    });

    it('keeps operators and odd names as plain text', async () => {
      const odd = ['$gt', '{"$gt":""}', '$where', 'a.b', '__proto__', "'; DROP TABLE cameras; --", '대문 🚪'];
      for (const [index, text] of odd.entries()) {
        const source = aSource({ deviceSerial: text, channel: index + 1, account: text, resourceId: text });
        const camera = await store.create(aNewCamera({ name: text, labels: [text], source }), T0);
        expect(await store.get(camera.id)).toMatchObject({ name: text, labels: [text], source });
      }
      expect(await store.all()).toHaveLength(odd.length);
      expect(await store.claim('$gt', ['{"$gt":""}'])).toEqual([]);
    });

    it('leaves a tombstone that discovery respects and a person revives', async () => {
      const camera = await store.create(aNewCamera({ lease: aLease({ revision: 3 }) }), T0);
      expect(await store.remove(camera.id, T0)).toBe(true);
      expect(await store.remove(camera.id, T0)).toBe(false);
      expect(await store.get(camera.id)).toBeNull();
      expect(await store.all()).toEqual([]);
      expect(await store.tombstones()).toEqual([{ account: 'hikvision', deviceSerial: 'AB1234567', channel: 1 }]);
      expect(await store.claim('owner-a', [camera.id])).toEqual([]);
      const discovered = aDiscovered(1, { id: camera.id, source: aSource() });
      expect(await store.saveDiscovered(aPlan({ create: [discovered] }), T0)).toMatchObject({ created: [] });

      const revived = await store.create(aNewCamera({ name: 'Again' }), at(DAY));
      expect(revived).toMatchObject({ id: camera.id, name: 'Again', lease: null, lastRevision: 3 });
      expect(await store.tombstones()).toEqual([]);
    });

    it('carries out a discovery plan, and says only what really changed', async () => {
      const plan = aPlan({ create: [aDiscovered(1), aDiscovered(2), aDiscovered(3)] });
      const ids = plan.create.map(({ id }) => id);
      expect(await store.saveDiscovered(plan, T0)).toEqual({ created: ids, updated: [], missing: [], refused: [] });
      expect(await store.saveDiscovered(plan, T0)).toEqual({ created: [], updated: [], missing: [], refused: [] });
      const [one = '', two = '', three = ''] = ids;
      expect(await store.get(one)).toMatchObject({ origin: 'discovered', source: aDiscovered(1).source });

      await store.update(two, { status: 'disabled' }, T0);
      const source = { ...aDiscovered(1).source, resourceId: 'moved' };
      const update = [
        { id: one, name: 'Renamed', source, status: 'offline' as const },
        { id: two, status: 'active' as const },
        { id: 'nobody', name: 'x' },
      ];
      const change = aPlan({ update, missing: [three, 'nobody'] });
      expect(await store.saveDiscovered(change, at(DAY))).toEqual({
        created: [],
        updated: [one],
        missing: [three],
        refused: [],
      });
      expect(await store.saveDiscovered(change, at(DAY))).toEqual({
        created: [],
        updated: [],
        missing: [],
        refused: [],
      });
      expect(await store.get(one)).toMatchObject({ name: 'Renamed', status: 'offline', source });
      expect(await store.get(two)).toMatchObject({ status: 'disabled' });
      expect(await store.get(three)).toMatchObject({ status: 'missing', missingSince: at(DAY) });
      await store.saveDiscovered(aPlan({ update: [{ id: three, status: 'active' }] }), at(2 * DAY));
      expect(await store.get(three)).toMatchObject({ status: 'active', missingSince: null });
    });

    it('passes over a listed camera whose account, serial and channel are taken, and goes on with the others', async () => {
      await store.create(aNewCamera(), T0);
      const plan = aPlan({ create: [aDiscovered(1), aDiscovered(2, { source: aSource() }), aDiscovered(3)] });
      const { created } = await store.saveDiscovered(plan, T0);
      expect(created).toEqual([aDiscovered(1).id, aDiscovered(3).id]);
      const clash = aPlan({
        update: [
          { id: aDiscovered(1).id, source: aSource() },
          { id: aDiscovered(3).id, name: 'C' },
        ],
      });
      expect((await store.saveDiscovered(clash, T0)).updated).toEqual([aDiscovered(3).id]);
    });

    it('looks again at a failed camera once the listing or a person changes something', async () => {
      await store.saveDiscovered(aPlan({ create: [aDiscovered(1, { status: 'offline' })] }), T0);
      const { id } = aDiscovered(1);
      const failure = aFailure({ code: 'EVZ20007', failureClass: 'camera-state', nextLookAt: null });
      await store.saveFailure(await claimOf(store, id), failure, T0);
      const failed = await store.get(id);
      expect(failed && dueAt(failed)).toBeNull();
      await store.saveDiscovered(aPlan({ update: [{ id, status: 'active' }] }), at(DAY));
      expect(await store.get(id)).toMatchObject({ failure: { ...failure, nextLookAt: at(DAY) } });
      const changed = await store.get(id);
      expect(changed && dueAt(changed)).toEqual(at(DAY));
    });

    it('keeps how each camera is carried, and whether it is checked for the error clip', async () => {
      for (const [index, mode] of CAMERA_MODES.entries()) {
        const camera = await store.create(
          aNewCamera({ name: mode, mode, source: aSource({ channel: index + 1 }) }),
          T0,
        );
        expect(camera).toMatchObject({ mode, errorClipCheck: true });
      }
      const source = aSource({ channel: 9 });
      const changing = await store.create(aNewCamera({ name: 'z', errorClipCheck: false, source }), T0);
      expect(changing).toMatchObject({ mode: 'on-demand', errorClipCheck: false });
      await store.update(changing.id, { mode: 'seamless', errorClipCheck: true }, T0);
      const modes = (await (await harness.open()).all()).map(({ name, mode, errorClipCheck }) => [
        name,
        mode,
        errorClipCheck,
      ]);
      const expected = CAMERA_MODES.map((mode) => [mode, mode, true]).sort();
      expect(modes).toEqual([...expected, ['z', 'seamless', true]]);
    });

    it('keeps what viewers get once the picture has been away for long', async () => {
      const ended = await store.create(aNewCamera({ name: 'a', whenGone: 'end' }), T0);
      const usual = await store.create(aNewCamera({ name: 'b', source: aSource({ channel: 2 }) }), T0);
      expect([ended.whenGone, usual.whenGone]).toEqual(['end', 'slate']);
      await store.update(usual.id, { whenGone: 'end' }, T0);
      await store.update(ended.id, { labels: ['gate'] }, T0);
      const stored = await (await harness.open()).all();
      expect(stored.map(({ name, whenGone }) => [name, whenGone])).toEqual([
        ['a', 'end'],
        ['b', 'end'],
      ]);
    });

    it('looks again at a camera that was refused for the error clip once a person overrules that', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      const refused = aFailure({ code: 'STREAM_ERROR_CLIP', failureClass: 'permanent', nextLookAt: null });
      await store.saveFailure(await claimOf(store, id), refused, T0);
      expect(await store.update(id, { labels: ['a'] }, at(DAY))).toMatchObject({ failure: refused });
      const overruled = await store.update(id, { errorClipCheck: false }, at(DAY));
      expect(overruled).toMatchObject({ errorClipCheck: false, failure: { ...refused, nextLookAt: at(DAY) } });
      const other = { ...refused, code: 'STREAM_NO_PICTURE' };
      await store.saveFailure(await claimOf(store, id), other, T0);
      expect(await store.update(id, { errorClipCheck: true }, at(DAY))).toMatchObject({ failure: other });
      expect(await store.update(id, { errorClipCheck: false }, at(DAY))).toMatchObject({ failure: other });
    });

    it('opens what a camlease before tracks, events and the relay wrote', async () => {
      const { id } = await store.create(aNewCamera({ mode: 'on-demand' }), T0);
      await store.saveLease(await claimOf(store, id), aLease({ tracks: SOUND_TRACKS }), T0);
      const camera = await store.saveCandidate(await claimOf(store, id), aCandidate(), T0);
      await store.close();
      await harness.makeOld(id);
      const document = await harness.readByHand(id);
      expect(JSON.stringify(document)).not.toMatch(/tracks|errorClipCheck|whenGone/);

      const reopened = await harness.open();
      expect(await reopened.all()).toEqual([{ ...camera, lease: aLease({ tracks: null }) }]);
      // Nothing was written for that alone.
      expect(await harness.readByHand(id)).toMatchObject({ version: document['version'] });
      const event = { id: 'e', at: T0, cameraId: id, step: 'proven', revision: 2, reason: 'due', message: '' } as const;
      await reopened.addEvents([event]);
      expect(await reopened.eventsOf(id, { limit: 9 })).toEqual([event]);
      const [promoted] = await reopened.promote([aPromotion(id, { tracks: SOUND_TRACKS })], T0);
      expect(promoted).toMatchObject({
        lease: { revision: 2, tracks: SOUND_TRACKS },
        errorClipCheck: true,
        whenGone: 'slate',
      });
    });

    it('takes in ten thousand cameras and gives them back', async () => {
      const create = Array.from({ length: 10_000 }, (_, index) => aDiscovered(index + 1));
      const { created } = await store.saveDiscovered(aPlan({ create }), T0);
      expect(created).toHaveLength(10_000);
      // Not all of them: the server that stands in for MongoDB searches from end to end for each.
      const update = create.slice(0, 300).map(({ id }) => ({ id, status: 'offline' as const }));
      expect((await store.saveDiscovered(aPlan({ update }), T0)).updated).toHaveLength(300);
      const all = await store.all();
      expect(all).toHaveLength(10_000);
      expect(all.filter(({ status }) => status === 'offline')).toHaveLength(300);
    }, 120_000);

    it('keeps a picture of each camera, up to 60 KB', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      await store.savePicture(id, { jpeg: Buffer.alloc(60 * 1024, 1), takenAt: T0 });
      await store.savePicture(id, { jpeg: Buffer.from([0xff, 0xd8, 0]), takenAt: at(DAY) });
      expect(await store.getPicture(id)).toEqual({ jpeg: Buffer.from([0xff, 0xd8, 0]), takenAt: at(DAY) });
      const tooLarge = { jpeg: Buffer.alloc(60 * 1024 + 1), takenAt: T0 };
      await expect(store.savePicture(id, tooLarge)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
      await store.remove(id, T0);
      expect(await store.getPicture(id)).toBeNull();
    });

    it('keeps the image that a person uploaded apart from the last picture, up to 256 KB', async () => {
      const { id } = await store.create(aNewCamera(), T0);
      expect(await store.getImage(id)).toBeNull();
      const image = { jpeg: Buffer.alloc(256 * 1024, 1), takenAt: T0 };
      await store.saveImage(id, image);
      await store.savePicture(id, { jpeg: Buffer.from([0xff, 0xd8, 0]), takenAt: at(DAY) });
      expect(await store.getImage(id)).toEqual(image);
      const tooLarge = { jpeg: Buffer.alloc(256 * 1024 + 1), takenAt: T0 };
      await expect(store.saveImage(id, tooLarge)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
      await store.removeImage(id);
      expect([await store.getImage(id), (await store.getPicture(id))?.jpeg.length]).toEqual([null, 3]);
      await store.saveImage(id, image);
      await store.remove(id, T0);
      expect(await store.getImage(id)).toBeNull();
    });
  });
}
