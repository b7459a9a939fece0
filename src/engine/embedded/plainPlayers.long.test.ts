import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
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
import { playStream, type Played, type StreamWatch } from '../../../test/support/viewers/streamWatch.js';
import { createMediaProcess, type MediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import type { MediaEngine } from '../mediaEngine.js';
import { createEmbeddedEngine } from './embeddedEngine.js';

/** How many pictures each of the page's two players has shown, HLS first. */
const SHOWN =
  '[...document.querySelectorAll("video")].map((video) => video.getVideoPlaybackQuality().totalVideoFrames)';
const WHAT = 'plain players of an on-demand camera of the embedded engine';

describe.skipIf(!chromiumFor(WHAT) || !nodeAvFor(WHAT))('an on-demand camera of the embedded engine', () => {
  let origin: Origin;
  let media: MediaProcess;
  let engine: MediaEngine;
  let server: MediaServer;
  let browser: Browser;
  let page: Page;
  let ffmpeg: StreamWatch<Played>;
  let isDark = false;
  let revision = 1;
  const apply = (inForce: number | null) =>
    engine.apply(
      desired({ yard: inForce === null ? null : targetOn(origin.rtmpUrl('live', `yard?${inForce}`), inForce) }),
    );
  const flow = async () => (await engine.states()).get('yard')?.flow;
  /** Resolves when each of the three players has shown this many further pictures. */
  const allGoOn = async (pictures: number): Promise<void> => {
    const look = async () => [
      ...(await page.evaluate<number[]>(SHOWN)),
      ffmpeg.items.filter((unit) => unit.isVideo).length,
    ];
    const before = await look();
    const enough = async () => (await look()).every((count, index) => count >= (before[index] ?? 0) + pictures);
    await expect.poll(enough, { timeout: 20_000, interval: 100 }).toBe(true);
    expect(ffmpeg.ended).toBe(false);
  };

  beforeAll(async () => {
    origin = await startOrigin({
      clock: systemClock,
      lookup: () => ({ play: isDark ? 'refuse' : 'camera', cameraName: 'Yard', clipKey: 'yard', sound: 'aac' }),
    });
    media = createMediaProcess({ clock: systemClock });
    engine = createEmbeddedEngine({ clock: systemClock, process: media, publicUrl: null });
    await engine.start();
    await apply(revision);
    if (!engine.media) throw new Error('no media');
    const library = await readFile(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
    server = await serveMedia(engine.media, {
      '/': { type: 'text/html', body: PLAYER_PAGE },
      '/hls.js': { type: 'text/javascript', body: library },
    });
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(server.origin);
    ffmpeg = await playStream(`${server.origin}/hls/yard/index.m3u8`);
  }, 60_000);

  afterAll(async () => {
    await ffmpeg.stop();
    await browser.close();
    server.close();
    await engine.stop();
    await media.stop();
    await origin.stop();
  });

  it('loses no player at renewals', { timeout: 60_000 }, async () => {
    await allGoOn(15);
    for (let count = 0; count < 3; count++) {
      await apply(++revision);
      await allGoOn(10);
    }
    expect((await engine.viewers())?.get('yard')).toBe(3);
  });

  it('loses none when the cloud cuts a good address again and again', { timeout: 90_000 }, async () => {
    for (let count = 0; count < 3; count++) {
      origin.cut(() => true);
      await allGoOn(20);
    }
    expect((await engine.viewers())?.get('yard')).toBe(3);
  });

  it('loses none while it is away, shows its label, and is live again by itself', { timeout: 90_000 }, async () => {
    isDark = true;
    origin.cut(() => true);
    await expect.poll(flow, { timeout: 5_000 }).toBe('stopped');
    await allGoOn(20); // the stand-in sends a repeated picture once a second, a labelled one ten times
    const shots = process.env['SCREENSHOTS'];
    if (shots !== undefined) await writeFile(`${shots}/on-demand-away.png`, await page.screenshot());
    expect(await flow()).toBe('stopped');
    isDark = false;
    await expect.poll(flow, { timeout: 10_000 }).toBe('flowing');
    await allGoOn(30);
    expect((await engine.viewers())?.get('yard')).toBe(3);
  });

  it('loses none when its lease ends while it is watched, and takes up the next one', { timeout: 90_000 }, async () => {
    await apply(null);
    origin.cut(() => true);
    await expect.poll(flow, { timeout: 5_000 }).toBe('stopped');
    await allGoOn(15);
    await apply(++revision);
    await expect.poll(flow, { timeout: 10_000 }).toBe('flowing');
    await allGoOn(30);
    expect((await engine.viewers())?.get('yard')).toBe(3);
  });
});
