import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page, Route } from 'playwright-core';
import { makeFleet } from '../../simulator/index.js';
import { camerasReply } from '../../src/http/shapes/replySchemas.js';
import { startAppRig } from '../support/installation/appRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

/** Well below the 12 s in which a connected stream has to show its first picture. */
const BACK_WITHIN_MS = 10_000;
/** A camera that is away, or sends few pictures, has one in its place so often at least. */
const STAND_IN_EVERY_MS = 4_000;

const inBrowser = chromiumFor('a WebRTC server that dies after its answer');

describe.skipIf(!inBrowser || !nodeAvFor('a WebRTC server that dies'))('a player in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  async function aCamera(onTestFinished: (run: () => Promise<void>) => void): Promise<{ page: Page; url: string }> {
    const fleet = makeFleet({ cameras: 1, vendor: 'hikconnect', seed: 'dead-answer' });
    const rig = await startAppRig({ fleet, engine: 'embedded', page: true });
    onTestFinished(() => rig.stop());
    expect((await rig.post('/api/hikvision/initialize')).status).toBe(200);
    const [camera] = camerasReply.parse((await rig.get('/api/camera')).json).cameras;
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    return { page: await context.newPage(), url: `${rig.url}/?camera=${camera?.id ?? ''}&play=webrtc` };
  }

  it('asks again within seconds when the server that answered is not there any more', async ({ onTestFinished }) => {
    const { page, url } = await aCamera(onTestFinished);
    let answers = 0;
    await page.route('**/whep', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      answers++;
      return answers === 1 ? answerOfTheDead(route) : route.continue();
    });
    const answered = page.waitForResponse((response) => response.url().endsWith('/whep'));
    await page.goto(url);
    await answered;
    await page.waitForSelector('video[data-state="playing"]', { timeout: BACK_WITHIN_MS });
    expect(answers).toBeGreaterThan(1);
  });

  it('plays on when its picture is back while another connection is just being made', async ({ onTestFinished }) => {
    const { page, url } = await aCamera(onTestFinished);
    await page.addInitScript(STANDING_STILL);
    await page.goto(url);
    await page.waitForSelector('video[data-state="playing"]');
    await page.evaluate('standStill()');
    await page.waitForSelector('video[data-state="playing"]', { timeout: BACK_WITHIN_MS });
  });

  it('asks again sooner where nothing arrives than where only the picture stands', async ({ onTestFinished }) => {
    const { page, url } = await aCamera(onTestFinished);
    await page.addInitScript(STANDING_STILL);
    const standsFor = async (what: string): Promise<number> => {
      await page.goto(url);
      await page.waitForSelector('video[data-state="playing"]');
      return page.evaluate<number>(`(async () => {
        const beganMs = performance.now();
        await ${what};
        return performance.now() - beganMs;
      })()`);
    };
    expect(await standsFor('fallSilent()')).toBeLessThan(STAND_IN_EVERY_MS);
    expect(await standsFor('standStill()')).toBeGreaterThan(STAND_IN_EVERY_MS);
  });
});

/**
 * `fallSilent()`: as `standStill()`, and nothing that arrives is counted either, as after a server's death.
 * `standStill()`: no frame is counted any more until another connection is asked for its offer; resolves then. The offer is still owed
 * when the player gives that connection up. What a browser's connection owes when it is closed, it never gives (measured in Chromium).
 */
const STANDING_STILL = `
  let stood = null;
  let wasAsked;
  let isSilent = false;
  globalThis.standStill = () => {
    stood = document.querySelector('video').getVideoPlaybackQuality();
    return new Promise((resolve) => { wasAsked = resolve; });
  };
  globalThis.fallSilent = () => {
    isSilent = true;
    return standStill();
  };
  const { getStats } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.getStats = async function () {
    return isSilent ? new Map() : getStats.call(this);
  };
  const { getVideoPlaybackQuality } = HTMLVideoElement.prototype;
  HTMLVideoElement.prototype.getVideoPlaybackQuality = function () {
    return this.isConnected && stood !== null ? stood : getVideoPlaybackQuality.call(this);
  };
  const { createOffer } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.createOffer = function () {
    if (stood === null) return createOffer.call(this);
    stood = null;
    wasAsked();
    return new Promise(() => undefined);
  };
`;

/** A right answer to its offer, from an address where nobody is. */
async function answerOfTheDead(route: Route): Promise<void> {
  const offer = route.request().postData() ?? '';
  const lines = offer.split('\r\n').flatMap((line) => {
    if (line.startsWith('a=candidate:') || line.startsWith('a=end-of-candidates')) return [];
    if (line === 'a=setup:actpass')
      return ['a=setup:passive', 'a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host', 'a=end-of-candidates'];
    return [line.replace('a=recvonly', 'a=sendonly').replace(/^a=ice-ufrag:.*/, 'a=ice-ufrag:dead')];
  });
  await route.fulfill({ status: 201, contentType: 'application/sdp', body: lines.join('\r\n') });
}
