import type { Browser } from 'playwright-core';
import type { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFleet, type NewAddressPlays } from '../../simulator/index.js';
import type { CameraMode } from '../../src/core/camera.js';
import { camerasReply, eventsReply, oneCameraReply, renewReply } from '../../src/http/replySchemas.js';
import { rigEngines, startAppRig, until, type AppRig, type RigEngine } from '../support/appRig.js';
import { chromiumFor, launchChromium } from '../support/chromium.js';
import { nodeAvFor } from '../support/nodeAv.js';
import { longestFreezeMs, openViewer, sizesOf, type Viewer } from '../support/viewers.js';

type CameraJson = z.output<typeof oneCameraReply>['camera'];

/** The embedded engine carries a seamless camera as an always-on one. */
const MODES: Readonly<Record<RigEngine, readonly CameraMode[]>> = {
  mediamtx: ['always-on', 'seamless', 'on-demand'],
  embedded: ['always-on', 'on-demand'],
};

/** What the new URL plays (what is tried again by itself comes last), and what the API has to say of it. `isClear`: one look is enough to know. */
const BAD = [
  { plays: 'error-clip', code: 'STREAM_ERROR_CLIP', message: /error clip/, cure: /H\.264.*encryption/, isClear: true },
  { plays: 'other-codec', code: 'STREAM_H265', message: /H\.265/, cure: /H\.264.*sub/, isClear: true },
  { plays: 'nothing', code: 'STREAM_NO_PICTURE', message: /no picture/, cure: /vendor.s (?:own )?app/, isClear: false },
] as const satisfies readonly {
  plays: NewAddressPlays;
  code: string;
  message: RegExp;
  cure: RegExp;
  isClear: boolean;
}[];

const SIZE = '640x360';
/** Three looks at a stream that brings nothing. */
const REJECTED_WITHIN_MS = 150_000;
const LIMIT_MS = 30_000;
/** Some seconds of pictures. */
const CONTROL_FRAMES = 60;
const SOME_FRAMES = 15;
/** Others use the machine too. */
const NOISE_MS = 1_500;

const WHAT = 'renewals that bring no picture';
const canRun = chromiumFor(WHAT) && nodeAvFor(WHAT);

describe.skipIf(!canRun)('a renewal that brings something else than the picture', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  // Both engines side by side: most of it is waiting.
  it.concurrent.for(rigEngines)(
    'engine %s: it is rejected with its reason and cure, and viewers see nothing of it',
    { timeout: 400_000 },
    async (engine, { onTestFinished }) => {
      const shop = await openShop(engine, MODES[engine]);
      onTestFinished(() => shop.close());
      for (const bad of BAD) await expectRejected(shop, bad);
    },
  );

  it.concurrent.for(rigEngines)(
    'engine %s: an operator who says that it is the real picture has it',
    { timeout: 200_000 },
    async (engine, { onTestFinished }) => {
      const shop = await openShop(engine, MODES[engine]);
      onTestFinished(() => shop.close());
      await expectOverruled(shop);
    },
  );

  async function expectRejected(
    shop: Shop,
    { plays, code, message, cure, isClear }: (typeof BAD)[number],
  ): Promise<void> {
    const { rig, viewers } = shop;
    const before = await shop.cameras();
    const controlMs = Date.now();
    await Promise.all(viewers.map((viewer) => viewer.watched(CONTROL_FRAMES, controlMs, LIMIT_MS)));
    const beganMs = Date.now();
    shop.newAddressesPlay(plays);
    const reply = await rig.post('/api/hikvision/renew', { force: true });
    if (isClear) {
      const report = renewReply.parse(reply.json);
      expect(report, plays).toMatchObject({ renewed: 0, held: 0 });
      expect(report.failed.map(({ cameraId }) => cameraId).sort()).toEqual(before.map(({ id }) => id).sort());
      for (const failed of report.failed) expectToldWell(failed);
    }
    // Side by side: one that brought nothing is soon tried again.
    await Promise.all(before.map((camera) => expectToldOf(camera)));
    await expectUnnoticed(viewers, controlMs, beganMs);

    async function expectToldOf({ id, mode, lease }: CameraJson): Promise<void> {
      const revision = lease?.revision ?? 0;
      const isOver = ({ candidate, failure }: CameraJson): boolean => candidate === null && failure?.code === code;
      const what = `the end of what plays ${plays} at the ${mode} camera`;
      const now = await until(what, REJECTED_WITHIN_MS, () => cameraOf(rig, id), isOver);
      expect(now.lease?.revision).toBe(revision);
      expectToldWell(now.failure);
      expect(now.health).toMatchObject({ state: 'failing', reason: code });
      expect(now.health.sentence).toMatch(/^The picture goes on/);
      expect(now.renewal).toMatchObject({ state: 'failing', reason: code });
      expect(now.stream).toMatchObject({ revision, flow: 'flowing' });
      expect((await rig.get(`/api/camera/${id}/live`)).status).toBe(200);
      const steps = await stepsOf(rig, id);
      const rejected = steps.find((step) => step.step === 'rejected' && step.reason === code);
      expect(rejected?.revision).toBeGreaterThan(revision);
      expect(rejected?.message).toMatch(message);
      expect(steps.some((step) => step.step === 'promoted' && step.revision !== revision)).toBe(false);
    }

    function expectToldWell(failure: { code: string; message: string; cure: string } | null): void {
      expect(failure).toMatchObject({ code });
      expect(failure?.message).toMatch(message);
      expect(failure?.cure).toMatch(cure);
    }
  }

  async function expectOverruled(shop: Shop): Promise<void> {
    const { rig, viewers } = shop;
    const before = await shop.cameras();
    for (const { id } of before) {
      const changed = await rig.send('PUT', `/api/camera/${id}`, { body: { errorClipCheck: false } });
      expect(changed.status).toBe(200);
    }
    shop.newAddressesPlay('error-clip');
    const report = renewReply.parse((await rig.post('/api/hikvision/renew', { force: true })).json);
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

  it.runIf(rigEngines.includes('mediamtx')).concurrent.for(['the viewer leaves', 'somebody asks for it'] as const)(
    'other sound waits while somebody watches, and comes when %s',
    { timeout: 120_000 },
    async (end, { onTestFinished }) => {
      const shop = await openShop('mediamtx', ['always-on']);
      onTestFinished(() => shop.close());
      const { rig } = shop;
      const [camera] = await shop.cameras();
      const [viewer] = shop.viewers;
      if (!camera || !viewer) throw new Error('the shop is empty');
      const [revision, next] = [camera.lease?.revision ?? 0, (camera.lease?.revision ?? 0) + 1];
      // A try that failed is made again by itself after some seconds, and that one nobody asked for.
      shop.cloudHangs(true);
      const failed = renewReply.parse((await rig.post('/api/hikvision/renew', { force: true })).json);
      expect(failed.failed).toMatchObject([{ code: 'CLOUD_TIMEOUT' }]);
      shop.newAddressesPlay('other-sound');
      shop.cloudHangs(false);
      const isHeld = ({ renewal }: CameraJson): boolean => renewal.state === 'held';
      const held = await until('a held lease', 2 * LIMIT_MS, () => cameraOf(rig, camera.id), isHeld);
      expect(held.renewal.reason).toBe('other-tracks');
      expect(held.renewal.sentence).toMatch(/sound or codec is another/);
      expect(held.renewal.forcedAt).toBe(held.lease?.lastSafeMoment);
      expect(held.lease?.revision).toBe(revision);
      expect(held.candidate).toMatchObject({ revision: next, proof: 'proven' });
      const nowMs = Date.now();
      await viewer.watched(SOME_FRAMES, nowMs, LIMIT_MS);
      expect(await metric(rig, 'camlease_rebuilds_total')).toBe(0);

      if (end === 'the viewer leaves') await viewer.leave();
      else await rig.post('/api/hikvision/renew', { cameraIds: [camera.id], force: true });
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

  interface Shop {
    readonly rig: AppRig;
    cameras(): Promise<readonly CameraJson[]>;
    readonly viewers: readonly Viewer[];
    newAddressesPlay(what: NewAddressPlays): void;
    cloudHangs(isHanging: boolean): void;
    close(): Promise<void>;
  }

  /** A camera of each mode, each watched by somebody who has its picture. */
  async function openShop(engine: RigEngine, modes: readonly CameraMode[]): Promise<Shop> {
    const fleet = makeFleet({ cameras: modes.length, channelsPerDevice: 1, seed: engine, names: modes });
    // Changes are told to the engine at most every 14th of a lease's life.
    const rig = await startAppRig({ fleet, engine, lifetimeSeconds: 420, page: true });
    const viewers: Viewer[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(viewers.map((viewer) => viewer.leave().catch(() => undefined)));
      await rig.stop();
    };
    try {
      expect((await rig.post('/api/hikvision/initialize')).status).toBe(200);
      const { cameras } = camerasReply.parse((await rig.get('/api/camera')).json);
      for (const { id, name } of cameras) {
        // Else the sub stream is tried where the main one cannot be played.
        const body = { mode: name, quality: 'main' };
        expect((await rig.send('PUT', `/api/camera/${id}`, { body })).status).toBe(200);
      }
      await Promise.all(cameras.map(async (camera) => viewers.push(await openViewer(browser, rig.url, camera))));
      const isWell = ({ mode, lease, stream }: CameraJson): boolean =>
        lease?.proof === 'proven' &&
        stream?.flow === 'flowing' &&
        (engine === 'embedded' || mode !== 'seamless' || stream.carrier === 'splice');
      await Promise.all(
        cameras.map(({ id, name }) => until(`the ${name} camera`, 2 * LIMIT_MS, () => cameraOf(rig, id), isWell)),
      );
      for (const viewer of viewers) await viewer.watched(SOME_FRAMES, Date.now(), LIMIT_MS);
      return {
        rig,
        cameras: () => Promise.all(cameras.map(({ id }) => cameraOf(rig, id))),
        viewers,
        newAddressesPlay: (what) => fleet.cameras().forEach(({ stream }) => (stream.newAddressPlays = what)),
        cloudHangs: (isHanging) => fleet.cameras().forEach(({ ref }) => fleet.setCameraFault(ref, 'hang', isHanging)),
        close,
      };
    } catch (thrown) {
      await close();
      throw thrown;
    }
  }
});

async function cameraOf(rig: AppRig, id: string): Promise<CameraJson> {
  return oneCameraReply.parse((await rig.get(`/api/camera/${id}`)).json).camera;
}

/** Newest first. */
async function stepsOf(rig: AppRig, id: string): Promise<z.output<typeof eventsReply>['events']> {
  return eventsReply.parse((await rig.get(`/api/camera/${id}/events`)).json).events;
}

async function metric(rig: AppRig, name: string): Promise<number> {
  const [, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec((await rig.get('/metrics')).text) ?? [];
  return Number(value);
}

/** Since `beganMs`, no viewer waited for a frame longer than before (noise apart), and none saw another picture. */
async function expectUnnoticed(viewers: readonly Viewer[], controlMs: number, beganMs: number): Promise<void> {
  for (const viewer of viewers) {
    await viewer.watched(SOME_FRAMES, Date.now(), LIMIT_MS);
    const frames = await viewer.framesSince(controlMs);
    const usualMs = longestFreezeMs(
      frames.filter(({ atMs }) => atMs <= beganMs),
      controlMs,
    );
    const since = frames.filter(({ atMs }) => atMs > beganMs);
    expect(longestFreezeMs(since, beganMs), viewer.name).toBeLessThan(usualMs + NOISE_MS);
    expect(sizesOf(since), viewer.name).toEqual([SIZE]);
  }
}
