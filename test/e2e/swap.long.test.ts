import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaMtxProgram, until } from '../support/engine/mediamtx.js';
import { presentedFrames, recordFrames, startSwapRig, type SwapRig } from '../support/engine/swapRig.js';
import { builtPage } from '../support/installation/builtPage.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const WHAT = 'the page at a swap of a camera that is watched';
const canRun = mediaMtxProgram !== null && chromiumFor(WHAT) && nodeAvFor(WHAT);
/** One for the new session, one for a false alarm on a machine that is busy with other tests, and one beside a try that hangs. */
const MOST_SESSIONS = 3;
const LIMIT_MS = 15_000;

describe.skipIf(!canRun)('the player, when the path it watches is closed', () => {
  let browser: Browser;
  let rig: SwapRig;

  beforeAll(async () => {
    browser = await launchChromium();
    rig = await startSwapRig({ dashboardDir: await builtPage() });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await rig.stop();
  });

  it.for([
    ['webrtc', 'a forced swap', () => rig.swap()],
    ['hls', 'a forced swap', () => rig.swap()],
    ['webrtc', 'a connection that the cloud cut', async () => rig.origin.cut(() => true)],
    ['hls', 'a connection that the cloud cut', async () => rig.origin.cut(() => true)],
  ] as const)(
    'plays again over %s after %s, and the last picture stands meanwhile',
    { timeout: 60_000 },
    async ([transport, , close], { onTestFinished }) => {
      const page = await browser.newPage({ viewport: { width: 640, height: 360 } });
      onTestFinished(() => page.close());
      await recordFrames(page);
      await page.goto(rig.pageUrl(transport));
      await until(async () => (await presentedFrames(page)).length > 20, LIMIT_MS);
      await page.evaluate("document.querySelector('header').remove()");
      const whole = (await page.screenshot()).length;
      const openedBefore = rig.opened();

      await close();
      const stays = watchPicture(page);
      await page.locator('video[data-state="reconnecting"]').waitFor({ timeout: LIMIT_MS });
      await page.locator('video[data-state="playing"]').waitFor({ timeout: LIMIT_MS });
      const backMs = await page.evaluate<number>('performance.timeOrigin + performance.now()');
      await until(async () => (await presentedFrames(page)).filter((atMs) => atMs > backMs).length > 20, LIMIT_MS);

      // An empty tile is a picture of one colour, a few hundred bytes.
      expect(await stays.smallest()).toBeGreaterThan(whole / 2);
      const opened = rig.opened() - openedBefore;
      expect(opened).toBeGreaterThan(0);
      expect(opened).toBeLessThanOrEqual(MOST_SESSIONS);
    },
  );

  it(
    'waits for a cloud that is away, says so, and is back when the cloud is',
    { timeout: 60_000 },
    async ({ onTestFinished }) => {
      const page = await browser.newPage({ viewport: { width: 640, height: 360 } });
      onTestFinished(() => page.close());
      await recordFrames(page);
      await page.goto(rig.pageUrl('webrtc'));
      await until(async () => (await presentedFrames(page)).length > 20, LIMIT_MS);
      const openedBefore = rig.opened();
      onTestFinished(() => rig.refuse(false));
      rig.refuse(true);
      rig.origin.cut(() => true);
      await page.getByText('Reconnecting …').waitFor();
      // MediaMTX has asked the cloud, and was refused.
      await until(() => /bad result/.test(rig.mediaMtx.log()), LIMIT_MS);
      rig.refuse(false);
      await page.locator('video[data-state="playing"]').waitFor({ timeout: 2 * LIMIT_MS });
      expect(rig.opened() - openedBefore).toBeLessThanOrEqual(MOST_SESSIONS);
    },
  );
});

/** Takes pictures of the page until it is asked for the smallest, in bytes. */
function watchPicture(page: Page): { smallest(): Promise<number> } {
  let isOver = false;
  const smallest = (async () => {
    let bytes = Infinity;
    while (!isOver) bytes = Math.min(bytes, (await page.screenshot()).length);
    return bytes;
  })();
  return {
    smallest: () => {
      isOver = true;
      return smallest;
    },
  };
}
