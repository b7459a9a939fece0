import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin } from '../../../simulator/origin/types.js';
import {
  desired,
  targetOn,
  PLAYER_PAGE,
  serveMedia,
  type MediaServer,
} from '../../../test/support/engine/embeddedKit.js';
import { chromiumFor, launchChromium } from '../../../test/support/viewers/chromium.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { createMediaProcess, type MediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import type { MediaEngine } from '../mediaEngine.js';
import { createEmbeddedEngine } from './embeddedEngine.js';

const SHOWN =
  'Math.min(...[...document.querySelectorAll("video")].map((video) => video.getVideoPlaybackQuality().totalVideoFrames))';

const WHAT = 'the embedded engine in a browser';

describe.skipIf(!chromiumFor(WHAT) || !nodeAvFor(WHAT))('the embedded engine in Chromium', () => {
  let origin: Origin;
  let media: MediaProcess;
  let engine: MediaEngine;
  let server: MediaServer;
  let browser: Browser;

  beforeAll(async () => {
    origin = await startOrigin({
      clock: systemClock,
      lookup: () => ({ play: 'camera', cameraName: 'Yard', clipKey: 'yard' }),
    });
    media = createMediaProcess({ clock: systemClock });
    engine = createEmbeddedEngine({ clock: systemClock, process: media, publicUrl: null });
    await engine.start();
    await engine.apply(desired({ yard: targetOn(origin.rtmpUrl('v3/openlive', 'a')) }));
    if (!engine.media) throw new Error('no media');
    const library = await readFile(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
    server = await serveMedia(engine.media, {
      '/': { type: 'text/html', body: PLAYER_PAGE },
      '/hls.js': { type: 'text/javascript', body: library },
    });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    server.close();
    await engine.stop();
    await media.stop();
    await origin.stop();
  });

  it('plays over HLS and WebRTC, and goes on playing through a new lease', async () => {
    const page = await browser.newPage();
    await page.goto(server.origin);
    /** How many pictures the player that showed fewer has shown so far. */
    const both = async (): Promise<number> => page.evaluate<number>(SHOWN);
    await expect.poll(both, { timeout: 15_000 }).toBeGreaterThan(20);
    expect((await engine.viewers())?.get('yard')).toBe(2);

    await engine.apply(desired({ yard: targetOn(origin.rtmpUrl('v3/openlive', 'b'), 2) }));
    await expect.poll(() => origin.pulls()).toBe(1);
    const before = await both();
    await expect.poll(both, { timeout: 15_000 }).toBeGreaterThan(before + 60);

    await page.close();
    await expect.poll(async () => (await engine.viewers())?.get('yard'), { timeout: 20_000 }).toBe(0);
  });
});
