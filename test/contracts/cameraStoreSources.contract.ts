import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UrlSource } from '../../src/core/camera/camera.js';
import type { CameraStore, NewCamera } from '../../src/store/cameraStore.js';
import { aCandidate, aFailure, aLease, at, DAY, SOUND_TRACKS, T0 } from '../support/builders.js';
import type { HandMade, StoreHarness } from '../support/store/storeHarness.js';
import { aDiscovered, aNewCamera, aPlan, aPromotion, claimOf, type MakeHarness } from './cameraStore.contract.js';

const SOURCE: UrlSource = {
  kind: 'url',
  url: 'rtsp://127.0.0.1:9/yard?a=%20b',
  login: { user: 'user', password: 'se@cret#1' },
  revision: 1,
  tracks: SOUND_TRACKS,
  openedAt: T0,
};
const YARD: NewCamera = { id: 'yard', name: 'Yard', source: SOURCE };
const CLOUD_FIELDS = ['account', 'channel', 'hikvisionDeviceSerial', 'hikvisionResourceId', 'vendor'];

/** What every store promises about cameras of each kind of source. */
export function describeSources(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: sources`, () => {
    let harness: StoreHarness;
    let store: CameraStore;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(() => harness.close());
    const fieldsOf = async (...ids: readonly string[]): Promise<HandMade[]> => {
      const documents = await (await harness.driver()).readByIds(ids);
      return ids.map((id) => documents.find((one) => one.id === id)?.fields ?? {});
    };

    it('keeps a camera with an address of its own, whoever opens the database next', async () => {
      const camera = await store.create(YARD, T0);
      expect(camera).toMatchObject({ id: 'yard', source: SOURCE, lease: null, failure: null, notice: null });
      expect(await store.get('yard')).toEqual(camera);
      const other = await harness.open();
      expect(await other.all()).toEqual([camera]);
      expect(other.leftOut()).toEqual([]);
      const changed = await other.update('yard', { name: 'Back yard', account: 'hik', resourceId: 'r9' }, at(DAY));
      expect(changed).toEqual({ ...camera, name: 'Back yard', updatedAt: at(DAY) });
      expect(await (await harness.open()).all()).toEqual([changed]);
    });

    it('stores of it its address, and nothing of a cloud', async () => {
      await store.create(YARD, T0);
      const [stored = {}] = await fieldsOf('yard');
      expect(stored).toMatchObject({ urlSource: { address: SOURCE.url, revision: 1 }, rtmpPath: '' });
      expect(stored['identity'] ?? stored['dueAt'] ?? null).toBeNull();
      expect(CLOUD_FIELDS.filter((field) => (stored[field] ?? null) !== null)).toEqual([]);
    });

    it('opens a document whose login is inside its address, as before', async () => {
      await store.create(YARD, T0);
      const url = 'rtsp://user:secret@127.0.0.1:9/yard';
      const { details } = await harness.readByHand('yard');
      const urlSource = { url, revision: 3 };
      const inDetails = typeof details === 'string' && (JSON.parse(details) as HandMade);
      await harness.setByHand(
        'yard',
        inDetails ? { details: JSON.stringify({ ...inDetails, urlSource }) } : { urlSource },
      );
      const [found] = await (await harness.open()).all();
      const source = { kind: 'url', url, login: null, revision: 3, tracks: null, openedAt: null };
      expect(found?.source).toEqual(source);
      const changed = await (await harness.open()).update('yard', { name: 'Back yard' }, at(DAY));
      expect(changed?.source).toEqual(source);
      expect((await fieldsOf('yard'))[0]).toMatchObject({ urlSource: { address: url, login: null, revision: 3 } });
    });

    it('raises the revision with a new address or login, and forgets what the old one showed', async () => {
      await store.create({ ...YARD, failure: aFailure() }, T0);
      const same = await store.update('yard', { source: { ...SOURCE, tracks: null, openedAt: null } }, at(DAY));
      expect(same?.source).toEqual(SOURCE);
      const login = { user: 'user', password: '' };
      const next = { url: SOURCE.url, login, tracks: null, openedAt: null };
      const changed = await store.update('yard', { source: next, failure: null }, at(DAY));
      expect(changed).toMatchObject({ source: { kind: 'url', ...next, revision: 2 }, failure: null });
      expect(await (await harness.open()).all()).toEqual([changed]);
      await store.remove('yard', at(DAY));
      expect((await store.create(YARD, at(2 * DAY))).source).toMatchObject({ revision: 3 });
    });

    it('keeps what an opening of this revision found, and nothing of another', async () => {
      await store.create({ ...YARD, source: { ...SOURCE, tracks: null, openedAt: null } }, T0);
      const failure = aFailure({ code: 'SOURCE_LOGIN' });
      const failed = await store.recordOpening('yard', 1, { failure, tracks: null }, at(DAY));
      expect(failed).toMatchObject({ failure, source: { tracks: null, openedAt: null } });
      const opened = await store.recordOpening('yard', 1, { failure: null, tracks: SOUND_TRACKS }, at(2 * DAY));
      expect(opened).toMatchObject({ failure: null, source: { tracks: SOUND_TRACKS, openedAt: at(2 * DAY) } });
      expect(await store.recordOpening('yard', 2, { failure, tracks: null }, at(3 * DAY))).toBeNull();
      expect(await (await harness.open()).all()).toEqual([opened]);
    });

    it('keeps both readings of a login until an opening shows which of them the camera takes', async () => {
      const [login, otherLogin] = [
        { user: 'admin', password: 'a%20b' },
        { user: 'admin', password: 'a b' },
      ];
      await store.create({ ...YARD, source: { ...SOURCE, login, otherLogin, openedAt: null } }, T0);
      expect((await (await harness.open()).get('yard'))?.source).toMatchObject({ login, otherLogin });
      const opened = { failure: null, tracks: SOUND_TRACKS, login: otherLogin };
      const taken = (await store.recordOpening('yard', 1, opened, at(DAY)))?.source;
      expect(taken).toMatchObject({ login: otherLogin, revision: 2, openedAt: at(DAY) });
      expect(taken).not.toHaveProperty('otherLogin');
    });

    it('takes a lease that a person gives a cloud camera, and no address of its own', async () => {
      await store.create(aNewCamera({ id: 'gate', source: aDiscovered(1).source, lease: aLease() }), T0);
      const lease = aLease({ url: 'rtmp://vtm.ezvizlife.com/v3/openlive/new', urlId: '9' });
      const changed = await store.update('gate', { lease, source: { ...SOURCE, url: 'rtsp://h/x' } }, at(DAY));
      expect(changed).toMatchObject({
        lease: { url: lease.url, revision: 2 },
        lastRevision: 2,
        source: { kind: 'cloud' },
      });
      expect(changed?.retiredUrlIds).toContain('1');
    });

    it('keeps whether its sound is wanted', async () => {
      await store.create(YARD, T0);
      expect((await store.update('yard', { sound: 'off' }, T0))?.sound).toBe('off');
      expect((await (await harness.open()).all())[0]?.sound).toBe('off');
    });

    it('lets two have one address', async () => {
      const [yard, gate] = [await store.create(YARD, T0), await store.create({ ...YARD, id: 'gate' }, T0)];
      const third = await store.create({ name: 'Third', source: SOURCE }, T0);
      expect((await store.all()).map(({ id }) => id).sort()).toEqual([yard.id, gate.id, third.id].sort());
      await expect(store.create(YARD, T0)).rejects.toMatchObject({ code: 'CAMERA_EXISTS' });
    });

    it('leaves it alone when a listing names its id', async () => {
      const camera = await store.create(YARD, T0);
      const { source } = aDiscovered(1);
      const plan = aPlan({ update: [{ id: 'yard', name: 'Theirs', status: 'offline', source }] });
      expect(await store.saveDiscovered(plan, at(DAY))).toMatchObject({ updated: [] });
      expect(await store.get('yard')).toEqual(camera);
    });

    it('deletes it for good, its address with it, and takes it back under its id', async () => {
      await store.create(YARD, T0);
      expect(await store.remove('yard', at(DAY))).toBe(true);
      expect(await store.all()).toEqual([]);
      expect(await store.tombstones()).toEqual([]);
      expect(JSON.stringify(await fieldsOf('yard'))).not.toContain('cret#1');
      const again = await store.create({ ...YARD, source: { ...SOURCE, revision: 2 } }, at(2 * DAY));
      expect(await (await harness.open()).all()).toEqual([again]);
    });

    it('keeps the list that a camera came from, and its key there, also when the camera is deleted', async () => {
      const feed = { name: 'city', key: 'CAM 12/ü', said: { url: '0123456789ab', name: 'ba9876543210' } };
      const camera = await store.create({ ...YARD, feed }, T0);
      await store.create({ ...YARD, id: 'gate' }, T0);
      expect(await (await harness.open()).get('yard')).toEqual({ ...camera, feed });
      expect(await store.deletedFeedKeys()).toEqual([]);
      await store.remove('gate', at(DAY));
      await store.remove('yard', at(DAY));
      expect(await (await harness.open()).deletedFeedKeys()).toEqual([{ name: 'city', key: 'CAM 12/ü' }]);
      await store.create({ ...YARD, feed }, at(DAY));
      expect(await store.deletedFeedKeys()).toEqual([]);
    });

    it("leaves another program's rtmpPath out of it", async () => {
      const camera = await store.create(YARD, T0);
      await harness.setByHand('yard', { rtmpPath: 'rtmp://127.0.0.1/v3/openlive/A1_1_1?expire=4070908800&id=1' });
      expect(await (await harness.open()).all()).toEqual([camera]);
    });

    it('opens every form of a cloud camera unchanged, and writes it with the same fields', async () => {
      const ids = ['gate', 'door', 'shop'];
      for (const [index, id] of ids.entries()) {
        const { source } = aDiscovered(index);
        await store.create(
          aNewCamera({ id, name: id, source, labels: ['a'], lease: aLease({ tracks: SOUND_TRACKS }) }),
          T0,
        );
      }
      await store.saveCandidate(await claimOf(store, 'gate'), aCandidate(), T0);
      await store.promote([aPromotion('gate')], at(DAY));
      await store.saveFailure(await claimOf(store, 'door'), aFailure(), T0);
      await store.saveDiscovered(aPlan({ create: [aDiscovered(7)] }), T0);
      await store.remove('shop', T0);
      const before = await store.all();
      const documents = (): Promise<HandMade[]> => fieldsOf(...ids, aDiscovered(7).id);
      const stored = await documents();
      const other = await harness.open();
      expect(await other.all()).toEqual(before);
      expect(await documents()).toEqual(stored);
      await other.update('gate', { name: 'gate' }, at(DAY));
      expect(Object.keys((await documents())[0] ?? {}).sort()).toEqual(Object.keys(stored[0] ?? {}).sort());
      expect(JSON.stringify(stored)).not.toContain('urlSource');
      expect(JSON.stringify(stored)).not.toContain('"kind"');
    });
  });
}
