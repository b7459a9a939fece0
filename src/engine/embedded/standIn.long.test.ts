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
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { createMediaProcess, type MediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import type { MediaEngine } from '../mediaEngine.js';
import { createEmbeddedEngine } from './embeddedEngine.js';

/** For each player: how many pictures it showed, their size, and the brightest colour at the left end of the label's band. */
const LOOK = `[...document.querySelectorAll('video')].map((video) => {
  const canvas = document.createElement('canvas');
  canvas.width = 16; canvas.height = 1;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, video.videoHeight / 2, 16, 1, 0, 0, 16, 1);
  const band = Math.max(...context.getImageData(0, 0, 16, 1).data.filter((_, index) => index % 4 !== 3));
  return { frames: video.getVideoPlaybackQuality().totalVideoFrames, size: video.videoWidth + 'x' + video.videoHeight, band };
})`;

interface Look {
  readonly frames: number;
  readonly size: string;
  readonly band: number;
}

const WHAT = 'the stand-in of the embedded engine in a browser';

describe.skipIf(!chromiumFor(WHAT) || !nodeAvFor(WHAT))('a camera of the embedded engine that is always on', () => {
  let origin: Origin;
  let media: MediaProcess;
  let engine: MediaEngine;
  let isDark = false;
  const lease = (revision: number): PullTarget =>
    targetOn(origin.rtmpUrl('live', `yard?revision=${revision}`), revision);
  const alwaysOn = (inForce: PullTarget | null) => desired({ yard: inForce }, 'always-on');
  const state = async () => (await engine.states()).get('yard');
  const flow = async () => (await state())?.flow;

  beforeAll(async () => {
    origin = await startOrigin({
      clock: systemClock,
      lookup: () => ({ play: isDark ? 'refuse' : 'camera', cameraName: 'Yard', clipKey: 'yard', sound: 'aac' }),
    });
    media = createMediaProcess({ clock: systemClock });
    engine = createEmbeddedEngine({ clock: systemClock, process: media, publicUrl: null });
    await engine.start();
  });

  afterAll(async () => {
    await engine.stop();
    await media.stop();
    await origin.stop();
  });

  it(
    'shows its last picture while it is away, to those who watch and those who come, and is live again by itself',
    { timeout: 90_000 },
    async () => {
      const served = engine.media;
      if (!served) throw new Error('no media');
      const library = await readFile(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
      const server: MediaServer = await serveMedia(served, {
        '/': { type: 'text/html', body: PLAYER_PAGE },
        '/hls.js': { type: 'text/javascript', body: library },
      });
      const browser: Browser = await launchChromium();
      const open = async (): Promise<Page> => {
        const page = await browser.newPage();
        await page.goto(server.origin);
        return page;
      };
      const look = async (page: Page): Promise<readonly Look[]> => page.evaluate<Look[]>(LOOK);
      const played = async (page: Page): Promise<number> => Math.min(...(await look(page)).map(({ frames }) => frames));
      /** Whether both players show the labelled stand-in; null: they differ. */
      const isLabelled = async (page: Page): Promise<boolean | null> => {
        const bands = (await look(page)).map(({ band }) => band < 60);
        return bands.every((dark) => dark === bands[0]) ? (bands[0] ?? null) : null;
      };
      try {
        await engine.apply(alwaysOn(lease(2)));
        const page = await open();
        await expect.poll(() => played(page), { timeout: 15_000 }).toBeGreaterThan(20);
        expect(await isLabelled(page)).toBe(false);
        expect(await engine.plan(new Map())).toEqual([{ cameraId: 'yard', how: 'rebuild', viewers: 2, paths: [] }]);

        isDark = true;
        origin.cut(() => true);
        await expect.poll(() => isLabelled(page), { timeout: 15_000 }).toBe(true);
        expect(await flow()).toBe('stopped');
        const before = await played(page);
        await expect.poll(() => played(page), { timeout: 10_000 }).toBeGreaterThan(before + 30);
        const shots = process.env['SCREENSHOTS'];
        if (shots !== undefined) await writeFile(`${shots}/stand-in.png`, await page.screenshot());

        await engine.apply(alwaysOn(null));
        expect(await state()).toMatchObject({ revision: null, flow: 'stopped', viewers: 2 });
        const late = await open();
        await expect.poll(() => played(late), { timeout: 15_000 }).toBeGreaterThan(20);
        expect(await isLabelled(late)).toBe(true);
        await late.close();

        isDark = false;
        await engine.apply(alwaysOn(lease(3)));
        await expect.poll(() => isLabelled(page), { timeout: 15_000 }).toBe(false);
        const live = await played(page);
        await expect.poll(() => played(page), { timeout: 10_000 }).toBeGreaterThan(live + 60);
        expect((await look(page)).map(({ size }) => size)).toEqual(['640x360', '640x360']);
        expect(await flow()).toBe('flowing');
      } finally {
        await browser.close();
        server.close();
      }
    },
  );
});
