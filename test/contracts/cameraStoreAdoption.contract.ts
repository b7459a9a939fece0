import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dueAt } from '../../src/core/renewal/renewal.js';
import { aLease, at, DAY, T0 } from '../support/builders.js';
import type { HandMade, StoreHarness } from '../support/store/storeHarness.js';
import type { MakeHarness } from './cameraStore.contract.js';
import { aDiscovered, aNewCamera, aPlan, claimOf } from './cameraStore.contract.js';

const HAND_MADE_ID = '65a1b2c3d4e5f60718293a4b';

function cloudUrl(expiresAt: Date, host = 'vtm.ezvizlife.com'): string {
  const expire = String(Math.floor(expiresAt.getTime() / 1000));
  return `rtmp://${host}:1935/v3/openlive/K12345678_2_2?expire=${expire}&id=786192075142131712&t=abc`;
}

function sixFields(more: HandMade = {}): HandMade {
  return {
    name: 'Old gate',
    rtmpPath: cloudUrl(at(4 * DAY)),
    hikvisionDeviceSerial: 'K12345678',
    hikvisionResourceId: 'res-9',
    hikvisionEnabled: true,
    status: 'active',
    ...more,
  };
}

/** What every store promises about documents that other programs and people write. */
export function describeAdoption(name: string, makeHarness: MakeHarness): void {
  describe(`${name}: documents made by hand`, () => {
    let harness: StoreHarness;
    let warnings: string[];
    const open: StoreHarness['open'] = (options) =>
      harness.open({ warn: (message) => warnings.push(message), ...options });
    beforeEach(async () => {
      harness = await makeHarness();
      warnings = [];
      // The tables have to be there before a hand can write into them.
      await harness.open();
    });
    afterEach(() => harness.close());

    it('with just the six fields become cameras, with what their URL tells', async () => {
      await harness.insertByHand(HAND_MADE_ID, sixFields());
      const store = await open();
      const camera = await store.get(HAND_MADE_ID);
      expect(camera).toMatchObject({
        name: 'Old gate',
        origin: 'hand-made',
        enabled: true,
        status: 'active',
        source: {
          kind: 'cloud',
          vendor: 'hikconnect',
          account: null,
          deviceSerial: 'K12345678',
          channel: 2,
          resourceId: 'res-9',
        },
        lastRevision: 1,
        failure: null,
        notice: null,
      });
      expect(camera?.lease).toMatchObject({
        revision: 1,
        url: cloudUrl(at(4 * DAY)),
        urlId: '786192075142131712',
        quality: 'sub',
        obtainedAt: T0,
        expiresAt: at(4 * DAY),
        proof: 'pending',
      });
      expect(camera?.lease?.renewAt.getTime()).toBeGreaterThan(at(2 * DAY).getTime());
      expect(camera?.lease?.renewAt.getTime()).toBeLessThan(at(4 * DAY).getTime());
      // Adopted once: the moment of renewal is not drawn again.
      expect(await (await open()).all()).toEqual([camera]);
    });

    it('appear at the next look when they are inserted while camlease runs', async () => {
      const store = await open();
      expect(await store.all()).toEqual([]);
      await harness.insertByHand('front-door', sixFields({ hikvisionEnabled: false, status: 'offline' }));
      expect(await store.all()).toMatchObject([{ id: 'front-door', enabled: false, status: 'offline' }]);
      expect(await store.update('front-door', { name: 'Front' }, T0)).toMatchObject({ name: 'Front' });
      expect(await store.claim('owner-a', ['front-door'])).toHaveLength(1);
      expect(await store.remove('front-door', T0)).toBe(true);
      expect(await store.all()).toEqual([]);
    });

    it('keep fields of ours that they set', async () => {
      const fields = { mode: 'always-on', errorClipCheck: false, quality: 'sub', labels: ['yard'] };
      await harness.insertByHand('ez', sixFields({ vendor: 'ezviz', account: 'home', channel: 7, ...fields }));
      const source = { vendor: 'ezviz', account: 'home', channel: 7 };
      expect(await (await open()).get('ez')).toMatchObject({ source, ...fields });
    });

    it('whose URL is on a foreign host are adopted without lease, and told why', async () => {
      await harness.insertByHand('foreign', sixFields({ rtmpPath: cloudUrl(at(DAY), 'evil.example') }));
      await harness.insertByHand('file', sixFields({ rtmpPath: 'file:///etc/passwd' }));
      const store = await open();
      for (const camera of await store.all()) {
        expect(camera).toMatchObject({ lease: null, failure: { code: 'SOURCE_HOST_REFUSED', nextLookAt: null } });
        expect(camera.failure?.cure).toContain('CLOUD_EXTRA_HOSTS');
      }
      const allowing = await open({ extraHosts: ['evil.example'] });
      expect(await allowing.get('foreign')).toMatchObject({ lease: { revision: 1 }, failure: null, notice: null });
      await harness.setByHand('file', { rtmpPath: '' });
      await store.all();
      expect(await store.get('file')).toMatchObject({ lease: null, failure: null });
    });

    it('whose URL expired or is empty are adopted without lease', async () => {
      await harness.insertByHand('expired', sixFields({ rtmpPath: cloudUrl(at(-DAY)) }));
      await harness.insertByHand('empty', sixFields({ rtmpPath: '' }));
      const cameras = await (await open()).all();
      expect(cameras).toHaveLength(2);
      for (const camera of cameras) expect(camera).toMatchObject({ lease: null, failure: null, lastRevision: 0 });
    });

    it('that make no sense are told once and harm no other', async () => {
      await harness.insertByHand('_lease', sixFields());
      await harness.insertByHand('a/b', sixFields());
      await harness.insertByHand('odd-status', sixFields({ status: 'weird' }));
      await harness.insertByHand('no-serial', sixFields({ hikvisionDeviceSerial: '', rtmpPath: '' }));
      await harness.insertByHand('good', sixFields());
      const store = await open();
      expect((await store.all()).map(({ id }) => id)).toEqual(['good']);
      await store.all();
      expect(warnings).toHaveLength(4);
      expect(warnings.join(' ')).toContain('status has a wrong type or value');
      expect(warnings.join(' ')).not.toContain('rtmp://');
      await harness.setByHand('odd-status', { status: 'active' });
      expect((await store.all()).map(({ id }) => id)).toEqual(['good', 'odd-status']);
    });

    it('of ours that a hand broke are left out until they are mended', async () => {
      const store = await open();
      await store.saveDiscovered(aPlan({ create: [aDiscovered(1), aDiscovered(2)] }), T0);
      await harness.setByHand(aDiscovered(1).id, { status: 'broken' });
      expect(await store.all()).toMatchObject([{ id: aDiscovered(2).id }]);
      expect(await store.get(aDiscovered(1).id)).toBeNull();
      await harness.setByHand(aDiscovered(1).id, { status: 'offline' });
      expect(await store.all()).toHaveLength(2);
    });
  });

  describe(`${name}: rtmpPath written by another program`, () => {
    let harness: StoreHarness;
    beforeEach(async () => {
      harness = await makeHarness();
    });
    afterEach(() => harness.close());

    it('is taken over as the newest lease, with a remark', async () => {
      const store = await harness.open();
      const { id } = await store.create(aNewCamera(), T0);
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      await store.saveCandidate(await claimOf(store, id), aLease({ revision: 2 }), T0);
      await harness.setByHand(id, { rtmpPath: cloudUrl(at(3 * DAY)) });
      await store.all();
      const camera = await store.get(id);
      expect(camera).toMatchObject({
        lease: { revision: 3, url: cloudUrl(at(3 * DAY)), proof: 'pending' },
        candidate: null,
        lastRevision: 3,
        retiredUrlIds: ['1', '2'],
      });
      expect(camera?.notice).toMatch(/cron/);
      expect(camera?.notice).not.toContain('rtmp://');
      expect(await store.all()).toEqual([camera]);
    });

    it('does not get lost when it is written while the cloud is asked', async () => {
      const store = await harness.open();
      const { id } = await store.create(aNewCamera(), T0);
      const claim = await claimOf(store, id);
      await harness.setByHand(id, { rtmpPath: cloudUrl(at(3 * DAY)) });
      const saved = await store.saveCandidate(claim, aLease(), T0);
      expect(saved).toMatchObject({ lease: { revision: 1 }, candidate: { revision: 2, url: aLease().url } });
    });

    it('is replaced by our own URL when it is foreign, dead or empty', async () => {
      const store = await harness.open();
      const { id } = await store.create(aNewCamera(), T0);
      await store.saveLease(await claimOf(store, id), aLease(), T0);
      for (const rtmpPath of [cloudUrl(at(DAY), 'evil.example'), cloudUrl(at(-DAY)), '']) {
        await harness.setByHand(id, { rtmpPath });
        await store.all();
        expect(await store.get(id)).toMatchObject({ lease: { revision: 1, url: aLease().url }, failure: null });
        expect(await harness.readByHand(id)).toMatchObject({ rtmpPath: aLease().url });
      }
      expect((await store.get(id))?.notice).toMatch(/cron/);
    });

    it('is followed when other fields are edited by hand', async () => {
      const store = await harness.open();
      const { id } = await store.create(aNewCamera(), T0);
      await harness.setByHand(id, { hikvisionEnabled: false, name: 'By hand' });
      await store.all();
      const camera = await store.get(id);
      expect(camera).toMatchObject({ enabled: false, name: 'By hand' });
      expect(camera && dueAt(camera)).toBeNull();
    });
  });
}
