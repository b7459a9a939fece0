import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startOrigin } from '../../simulator/origin/server.js';
import { systemClock } from '../../src/systemClock.js';
import { startCompatRig } from '../support/compat/compatRig.js';
import { rigEngines, until } from '../support/installation/appRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 30_000;
const WHAT = 'clients of MTX-STREAMING';
const SHOWN = 'document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0';

describe.skipIf(!chromiumFor(WHAT) || !nodeAvFor(WHAT))('clients of MTX-STREAMING', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it.each(rigEngines)('with the engine %s', { timeout: 240_000 }, async (engine) => {
    const origin = await startOrigin({
      clock: systemClock,
      keyFrameSeconds: 1,
      lookup: () => ({ cameraName: 'Yard', clipKey: 'yard', play: 'camera' }),
    });
    onTestFinished(() => origin.stop());
    const rig = await startCompatRig({ engine, portSetting: 'COMPAT_MTX_PORT' });
    onTestFinished(() => rig.stop());
    const made = await rig.own('POST', '/api/camera', { name: '금곡IC', source: { url: origin.rtmpUrl('live', 'k') } });
    expect(made).toMatchObject({ status: 201 });
    const name = encodeURIComponent('금곡IC');
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${rig.port}/stream/player/${name}`);
    const frames = (): Promise<number> => page.evaluate<number>(SHOWN);
    await until('pictures', LIMIT_MS, frames, (count) => count > 30);
    const viewers = async (): Promise<number> =>
      ((await rig.ask('GET', `/stream/api/status/${name}`)).json as { viewer_count: number }).viewer_count;
    await until('a viewer', LIMIT_MS, viewers, (count) => count === 1);
    await page.close();
    await until('no viewer', LIMIT_MS, viewers, (count) => count === 0);
  });
});
