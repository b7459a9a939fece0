import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { camerasReply } from '../../src/http/shapes/replySchemas.js';
import { rigEngines, startAppRig, until, type AppRig } from '../support/installation/appRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const CAMERAS = 3;
const TRANSPORTS = ['webrtc', 'hls'] as const;
/** The shortest that the clouds give. */
const LIFETIME_SECONDS = 30;
/** About a second of pictures. */
const SOME_FRAMES = 20;

interface Player {
  readonly name: string;
  readonly page: Page;
}

const inBrowser = chromiumFor('cameras that play through a renewal');

// Side by side: most of it is waiting for leases to grow old.
describe.skipIf(!inBrowser || !nodeAvFor('cameras that play'))('three cameras in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it.concurrent.for(rigEngines)(
    'play over WebRTC and HLS, and go on after a renewal each, with the engine %s',
    { timeout: 100_000 },
    async (engine, { onTestFinished }) => {
      const fleet = makeFleet({ cameras: CAMERAS, vendor: 'both', seed: `play-${engine}`, channelsPerDevice: 1 });
      const rig = await startAppRig({ fleet, engine, lifetimeSeconds: LIFETIME_SECONDS, page: true });
      onTestFinished(() => rig.stop());
      expect((await rig.post('/api/hikvision/initialize')).status).toBe(200);
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      const ids = [...(await revisions(rig)).keys()];
      expect(ids).toHaveLength(CAMERAS);
      const players = await Promise.all(
        ids.flatMap((id) =>
          TRANSPORTS.map(async (transport): Promise<Player> => {
            const page = await context.newPage();
            await page.goto(`${rig.url}/?camera=${id}&play=${transport}`);
            return { name: `${transport} of ${id}`, page };
          }),
        ),
      );
      await expectFrames(players);

      const before = await revisions(rig);
      await until(
        'a renewal of each camera',
        (LIFETIME_SECONDS + 15) * 1000,
        () => revisions(rig),
        (now) => ids.every((id) => (now.get(id) ?? 0) > (before.get(id) ?? 0)),
        (now) => JSON.stringify([...now]),
      );
      await expectFrames(players);
    },
  );
});

/** The revision in force of each camera. */
async function revisions(rig: AppRig): Promise<Map<string, number>> {
  const { cameras } = camerasReply.parse((await rig.get('/api/camera')).json);
  return new Map(cameras.map(({ id, lease }) => [id, lease?.revision ?? 0]));
}

/** Each player shows new pictures from now on. A player that began afresh counts from nought again. */
async function expectFrames(players: readonly Player[]): Promise<void> {
  await Promise.all(
    players.map(async ({ name, page }) => {
      let last = await framesOf(page);
      let seen = 0;
      await until(
        name,
        30_000,
        async () => {
          const frames = await framesOf(page);
          seen += frames >= last ? frames - last : frames;
          last = frames;
          return seen;
        },
        (frames) => frames >= SOME_FRAMES,
      );
    }),
  );
}

async function framesOf(page: Page): Promise<number> {
  const frames = await page.evaluate<number | null>(
    'document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? null',
  );
  return frames ?? 0;
}
