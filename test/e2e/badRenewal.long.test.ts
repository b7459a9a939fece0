import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAddressPlays } from '../../simulator/index.js';
import { rigEngines, until } from '../support/installation/appRig.js';
import { cameraOf, openShop, renewNow, stepsOf, type CameraJson, type Shop } from '../support/installation/shopRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { longestFreezeMs, sizesOf, type Viewer } from '../support/viewers/viewers.js';

/** What the new URL plays (what is tried again by itself comes last), and what the API has to say of it. */
const BAD = [
  { plays: 'error-clip', code: 'STREAM_ERROR_CLIP', message: /error clip/, cure: /H\.264.*encryption/ },
  { plays: 'other-codec', code: 'STREAM_H265', message: /H\.265/, cure: /H\.264.*sub/ },
  { plays: 'nothing', code: 'STREAM_NO_PICTURE', message: /no picture/, cure: /vendor.s (?:own )?app/ },
] as const satisfies readonly {
  plays: NewAddressPlays;
  code: string;
  message: RegExp;
  cure: RegExp;
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

  // Both engines side by side: most of it is waiting for a stream that brings nothing.
  it.concurrent.for(rigEngines)(
    'engine %s: it is rejected with its reason and cure, and viewers see nothing of it',
    { timeout: 400_000 },
    async (engine, { onTestFinished }) => {
      const shop = await openShop(browser, engine);
      onTestFinished(() => shop.close());
      for (const bad of BAD) await expectRejected(shop, bad);
    },
  );

  async function expectRejected(shop: Shop, { plays, code, message, cure }: (typeof BAD)[number]): Promise<void> {
    const { rig, viewers } = shop;
    const before = await shop.cameras();
    const controlMs = Date.now();
    await Promise.all(viewers.map((viewer) => viewer.watched(CONTROL_FRAMES, controlMs, LIMIT_MS)));
    const beganMs = Date.now();
    shop.newAddressesPlay(plays);
    const report = await renewNow(rig);
    expect(report, plays).toMatchObject({ renewed: 0, held: 0 });
    expect(report.failed.map(({ cameraId }) => cameraId).sort()).toEqual(before.map(({ id }) => id).sort());
    for (const failed of report.failed) expectToldWell(failed);
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
      expect(now.health.sentence).toMatch(/^The picture still plays/);
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
});

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
