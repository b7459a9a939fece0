import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { mediaMtx, startAppRig, until } from '../support/installation/appRig.js';
import { cameraOf } from '../support/installation/shopRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { openViewer } from '../support/viewers/viewers.js';

const NAME = 'Camera 0001';
const LIMIT_MS = 40_000;
/** More than a second's worth, so that they are the camera's and not stand-ins. */
const MOVING = 40;
/** The stand-in is one picture a second: longer than any pause that a player of ours takes for a break. */
const STAND_INS = 8;

const inBrowser = chromiumFor('a camera that is away, on the page');

describe.skipIf(mediaMtx === null || !inBrowser || !nodeAvFor('a camera that is away'))(
  'a watched on-demand camera that is away',
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser.close());

    it.for(['webrtc', 'hls'] as const)(
      'is shown by one and the same session over %s, and called not live until it is back',
      { timeout: 120_000 },
      async (transport) => {
        const fleet = makeFleet({ cameras: 1 });
        const rig = await startAppRig({ fleet, engine: 'mediamtx', lifetimeSeconds: 900, page: true });
        onTestFinished(() => rig.stop());
        await rig.post('/api/hikvision/initialize');
        const { cameras } = (await rig.get('/api/camera')).json as { cameras: { id: string }[] };
        const [{ id } = { id: '' }] = cameras;
        const viewer = await openViewer(browser, rig.url, { id, name: NAME }, transport);
        onTestFinished(() => viewer.leave());
        await viewer.watched(MOVING, 0, LIMIT_MS);

        fleet.setCameraFault(NAME, 'offline', true);
        const awayMs = Date.now();
        await until(
          'the camera is dark',
          LIMIT_MS,
          () => cameraOf(rig, id),
          ({ health }) => health.state === 'dark',
        );
        await viewer.reads('No live picture');
        await viewer.reads('The lease is valid, but nothing comes from the cloud');
        await viewer.watched(STAND_INS, Date.now(), LIMIT_MS);
        fleet.setCameraFault(NAME, 'offline', false);
        const backMs = Date.now();
        await viewer.watched(MOVING, backMs, LIMIT_MS);
        await viewer.reads(transport === 'webrtc' ? 'WebRTC' : 'HLS');
        expect(viewer.sessionsSince(awayMs)).toEqual([]);
      },
    );
  },
);
