import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rigEngines, until, type AppRig } from '../support/installation/appRig.js';
import { cameraOf, openShop, renewNow, stepsOf, type CameraJson, type Shop } from '../support/installation/shopRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { sizesOf } from '../support/viewers/viewers.js';

const LIMIT_MS = 30_000;
const SOME_FRAMES = 15;

const WHAT = 'renewals that people decide about';
const canRun = chromiumFor(WHAT) && nodeAvFor(WHAT);

// Side by side: much of it is waiting.
describe.skipIf(!canRun)('a renewal that somebody decides about', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it.concurrent.for(rigEngines)(
    'engine %s: an operator who says that it is the real picture has it',
    { timeout: 200_000 },
    async (engine, { onTestFinished }) => {
      const shop = await openShop(browser, engine);
      onTestFinished(() => shop.close());
      await expectOverruled(shop);
    },
  );

  it.runIf(rigEngines.includes('mediamtx')).concurrent.for(['the viewer leaves', 'somebody asks for it'] as const)(
    'other sound waits while somebody watches, and comes when %s',
    { timeout: 120_000 },
    async (end, { onTestFinished }) => {
      const shop = await openShop(browser, 'mediamtx', ['always-on']);
      onTestFinished(() => shop.close());
      const { rig } = shop;
      const [camera] = await shop.cameras();
      const [viewer] = shop.viewers;
      if (!camera || !viewer) throw new Error('the shop is empty');
      const [revision, next] = [camera.lease?.revision ?? 0, (camera.lease?.revision ?? 0) + 1];
      // A try that failed is made again by itself after some seconds, and that one nobody asked for.
      shop.cloudHangs(true);
      const failed = await renewNow(rig);
      expect(failed.failed).toMatchObject([{ code: 'CLOUD_TIMEOUT' }]);
      shop.newAddressesPlay('other-sound');
      shop.cloudHangs(false);
      const isHeld = ({ renewal }: CameraJson): boolean => renewal.state === 'held';
      const held = await until('a held lease', 2 * LIMIT_MS, () => cameraOf(rig, camera.id), isHeld);
      expect(held.renewal.reason).toBe('other-tracks');
      expect(held.renewal.sentence).toMatch(/sound or codec differs/);
      expect(held.renewal.forcedAt).toBe(held.lease?.lastSafeMoment);
      expect(held.lease?.revision).toBe(revision);
      expect(held.candidate).toMatchObject({ revision: next, proof: 'proven' });
      const nowMs = Date.now();
      await viewer.watched(SOME_FRAMES, nowMs, LIMIT_MS);
      expect(await metric(rig, 'camlease_rebuilds_total')).toBe(0);

      if (end === 'the viewer leaves') await viewer.leave();
      else await renewNow(rig, [camera.id]);
      const isThere = ({ lease, stream }: CameraJson): boolean =>
        lease?.revision === next && stream?.revision === next && stream.flow === 'flowing';
      const after = await until('the rebuilt camera', 2 * LIMIT_MS, () => cameraOf(rig, camera.id), isThere);
      expect(after.lease?.tracks?.audio).toMatchObject({ codec: 'AAC' });
      await until(
        'the rebuild, counted',
        LIMIT_MS,
        () => metric(rig, 'camlease_rebuilds_total'),
        (count) => count === 1,
      );
      const told = (await stepsOf(rig, camera.id))
        .filter((event) => event.revision === next)
        .map(({ step, reason }) => `${step}: ${reason}`);
      expect(told).toContain('held: other-tracks');
      expect(told).toContain('handed-over: rebuild');
      if (end === 'somebody asks for it') await viewer.watched(SOME_FRAMES, Date.now(), LIMIT_MS);
    },
  );
});

async function expectOverruled(shop: Shop): Promise<void> {
  const { rig, viewers } = shop;
  const before = await shop.cameras();
  for (const { id } of before) {
    const changed = await rig.send('PUT', `/api/camera/${id}`, { body: { errorClipCheck: false } });
    expect(changed.status).toBe(200);
  }
  shop.newAddressesPlay('error-clip');
  const report = await renewNow(rig);
  expect(report).toMatchObject({ renewed: before.length, failed: [] });
  for (const { id, lease } of before) {
    const now = await cameraOf(rig, id);
    expect(now.lease?.revision).toBeGreaterThan(lease?.revision ?? 0);
    expect(now.lease).toMatchObject({ proof: 'proven', tracks: { video: { width: 512, height: 288 } } });
    expect(now.failure).toBeNull();
  }
  for (const viewer of viewers) {
    const look = (): Promise<readonly string[]> => viewer.framesSince(Date.now() - 2_000).then(sizesOf);
    await until(`the clip before ${viewer.name}`, 2 * LIMIT_MS, look, (sizes) => sizes.join() === '512x288');
  }
}

async function metric(rig: AppRig, name: string): Promise<number> {
  const [, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec((await rig.get('/metrics')).text) ?? [];
  return Number(value);
}
