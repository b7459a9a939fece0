import type { Page } from 'playwright-core';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin } from '../../../simulator/origin/types.js';
import { pathSource } from '../../../src/engine/mediamtx/paths/pathSource.js';
import { createHttpServer } from '../../../src/http/server.js';
import { systemClock } from '../../../src/systemClock.js';
import { aCamera, aLease } from '../builders.js';
import { fakeHouse } from '../http/httpDeps.js';
import { makeMediaMtx, mediaMtxTemplate, type TestMediaMtx } from './mediamtx.js';

const CAMERA = 'yard';

export interface SwapRig {
  readonly origin: Origin;
  readonly mediaMtx: TestMediaMtx;
  /** URL of the page that plays the camera by one transport. */
  pageUrl(transport: 'webrtc' | 'hls'): string;
  /** Does what a forced change of leases does to an on-demand path: sets its `source` to another URL. */
  swap(): Promise<void>;
  /** Makes the cloud refuse new connections, or accept them again. */
  refuse(isRefusing: boolean): void;
  /** WebRTC sessions and HLS muxers that viewers have opened so far. */
  opened(): number;
  stop(): Promise<void>;
}

/** The page, a real MediaMTX with one on-demand camera as camlease writes it, and a cloud that it pulls from. */
export async function startSwapRig(options: { dashboardDir: string; keyFrameSeconds?: number }): Promise<SwapRig> {
  let refusing = false;
  let revision = 1;
  const origin = await startOrigin({
    clock: systemClock,
    lookup: () => ({ play: refusing ? 'refuse' : 'camera', cameraName: 'Yard', clipKey: CAMERA }),
    keyFrameSeconds: options.keyFrameSeconds ?? 1,
  });
  const source = (): string => pathSource(origin.rtmpUrl('v3/openlive', `S_1_1?id=${revision}`)) ?? '';
  const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
  await startMediaMtx();
  const house = fakeHouse({ mediaBaseUrls: [mediaMtx.hlsUrl, mediaMtx.webrtcUrl] });
  house.stored.set(CAMERA, aCamera({ id: CAMERA, name: 'Yard', lease: aLease({ proof: 'proven' }) }));
  const links = { hlsUrl: `${mediaMtx.hlsUrl}/${CAMERA}/index.m3u8`, webrtcUrl: `${mediaMtx.webrtcUrl}/${CAMERA}` };
  const engine = { ...house.engine, links: () => links };
  const server = createHttpServer({ ...house, engine, dashboardDir: options.dashboardDir });
  const { port } = await server.listen(0, '127.0.0.1');

  return {
    origin,
    mediaMtx,
    pageUrl: (transport) => `http://127.0.0.1:${port}/?camera=${CAMERA}&play=${transport}`,
    async swap() {
      revision += 1;
      await tell('PATCH', 'patch', { source: source() });
    },
    refuse: (isRefusing) => void (refusing = isRefusing),
    opened: () =>
      mediaMtx.log().match(/\[WebRTC\] \[session \w+\] created by|\[HLS\] \[muxer \w+\] created/g)?.length ?? 0,
    async stop() {
      await server.close();
      await mediaMtx.stop();
      await origin.stop();
    },
  };

  /** Starts MediaMTX and gives it the camera, as camlease does. */
  async function startMediaMtx(): Promise<void> {
    await mediaMtx.start();
    await tell('POST', 'add', {
      source: source(),
      sourceOnDemand: true,
      sourceOnDemandStartTimeout: '15s',
      sourceOnDemandCloseAfter: '10s',
    });
  }

  async function tell(method: string, verb: string, body: object): Promise<void> {
    const url = `${mediaMtx.apiUrl}/v3/config/paths/${verb}/${CAMERA}`;
    const reply = await fetch(url, { method, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`MediaMTX answered ${reply.status}`);
  }
}

/** Records when each frame is presented, in every video of the page; must be called before the page is opened. */
export async function recordFrames(page: Page): Promise<void> {
  await page.addInitScript(`
    globalThis.presentedAtMs = [];
    const watched = new WeakSet();
    const watch = (video) => {
      if (watched.has(video)) return;
      watched.add(video);
      const again = () => video.requestVideoFrameCallback((now) => { if (video.isConnected) globalThis.presentedAtMs.push(performance.timeOrigin + now); again(); });
      again();
    };
    new MutationObserver(() => document.querySelectorAll('video').forEach(watch)).observe(document, { childList: true, subtree: true });
  `);
}

/** When frames were presented so far, in Unix ms. */
export async function presentedFrames(page: Page): Promise<number[]> {
  return page.evaluate<number[]>('globalThis.presentedAtMs');
}
