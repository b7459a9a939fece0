import { describe, expect, it, onTestFinished } from 'vitest';
import { mediaMtxProgram, until } from '../../../test/support/engine/mediamtx.js';
import { startRelayRig, type RelayRig, type RelayRigOptions } from '../../../test/support/relay/relayRig.js';
import { chromiumFor, launchChromium } from '../../../test/support/viewers/chromium.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { watchPackets } from '../../../test/support/viewers/packetWatch.js';
import { playStream } from '../../../test/support/viewers/streamWatch.js';

/** The pull must have ended so long after the last viewer left, including the ten seconds for which MediaMTX keeps a source. */
const WITHIN_MS = 15_000;
const CLOSE_AFTER_SECONDS = 10;
const MUXER_SECONDS = 3;

async function rigFor(options: RelayRigOptions): Promise<RelayRig> {
  const rig = await startRelayRig(
    { play: 'camera', cameraName: 'Gate', clipKey: 'S1', sound: 'aac' },
    { closeAfterSeconds: CLOSE_AFTER_SECONDS, ...options },
  );
  onTestFinished(() => rig.stop());
  rig.renew(1);
  return rig;
}

/** How long the cloud is still pulled from now on, in ms. */
async function pulledFor(rig: RelayRig): Promise<number> {
  const leftMs = performance.now();
  expect(rig.origin.pulls()).toBe(1);
  await until(() => rig.origin.pulls() === 0, 2 * WITHIN_MS);
  return performance.now() - leftMs;
}

describe.skipIf(mediaMtxProgram === null)('an on-demand camera that nobody watches any more', () => {
  it('is not pulled 15 s after the last RTSP viewer, and was pulled once for two of them', async () => {
    const rig = await rigFor({});
    const watches = [await watchPackets(rig.address), await watchPackets(rig.address)];
    await until(() => watches.every(({ items }) => items.length > 20));
    for (const watch of watches) await watch.stop();
    expect(await pulledFor(rig)).toBeLessThan(WITHIN_MS);
  });

  it.skipIf(!chromiumFor('pulls after the last WebRTC viewer'))(
    'is not pulled 15 s after the last WebRTC viewer left its page',
    async () => {
      const rig = await rigFor({ webrtc: true });
      const browser = await launchChromium();
      onTestFinished(() => browser.close());
      const page = await browser.newPage();
      await page.goto(rig.mediaMtx.webrtcUrl + '/gate');
      await page.waitForFunction(`(document.querySelector('video')?.currentTime ?? 0) > 0.5`);
      await page.goto('about:blank');
      expect(await pulledFor(rig)).toBeLessThan(WITHIN_MS);
    },
  );

  it.skipIf(!nodeAvFor('pulls after the last HLS viewer'))(
    "is not pulled 15 s after the end of MediaMTX's HLS muxer, which ends by itself",
    async () => {
      const settings = `hlsMuxerCloseAfter: ${MUXER_SECONDS}s`;
      const rig = await rigFor({ hls: 'mpegts', settings });
      const watch = await playStream(`http://127.0.0.1:${rig.mediaMtx.ports.hls}/gate/index.m3u8`);
      await until(() => watch.items.length > 20);
      await watch.stop();
      await until(() => rig.mediaMtx.log().includes('destroyed: not used anymore'), 60_000);
      expect(await pulledFor(rig)).toBeLessThan(WITHIN_MS);
    },
  );
});
