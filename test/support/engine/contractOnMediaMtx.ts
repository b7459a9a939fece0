import { startOrigin } from '../../../simulator/origin/server.js';
import type { Relay } from '../../../src/engine/mediamtx/relayed/relayPort.js';
import { systemClock } from '../../../src/systemClock.js';
import type { EngineUnderTest } from '../../contracts/mediaEngine.contract.js';
import { makeMediaMtx, mediaMtxTemplate, type TestMediaMtx } from './mediamtx.js';
import { aTarget, engineFor } from './mediamtxEngine.js';

/** The engine on a real MediaMTX of its own, with an origin whose streams play what the contract asks for. */
export async function onMediaMtx(relay: Relay | null): Promise<EngineUnderTest> {
  // The stream's name decides what the origin plays; the origin parses a name as strictly as real servers do.
  const origin = await startOrigin({
    clock: systemClock,
    keyFrameSeconds: 1,
    lookup: (app, name) => {
      const [, plays = 'refused'] = /^SIM-(camera|nothing|refused)-/.exec(name) ?? [];
      const play = app !== 'v3/openlive' || plays === 'refused' ? 'refuse' : plays === 'nothing' ? 'nothing' : 'camera';
      return { play, cameraName: 'contract', clipKey: 'contract' };
    },
  });
  const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
  await mediaMtx.start();
  return {
    engine: await engineFor(mediaMtx, { proofBoundMs: 7_000, relay }),
    lease: (cameraId, revision, plays) => {
      const name = `SIM-${plays}-${cameraId}_1_1?expire=4102444800&id=${revision}&t=a%2Fb`;
      return aTarget({ revision, url: origin.rtmpUrl('v3/openlive', name) });
    },
    watch: (cameraId) => watchHls(mediaMtx, cameraId),
    async loseEverything() {
      await mediaMtx.kill();
      await mediaMtx.start();
    },
    async close() {
      await mediaMtx.stop();
      await origin.stop();
    },
  };
}

/** An HLS session lives 30 s after the last request; `leave` ends it as if that time had passed. */
async function watchHls({ hlsUrl, apiUrl }: TestMediaMtx, cameraId: string): Promise<() => Promise<void>> {
  const playlist = await fetch(`${hlsUrl}/${cameraId}/index.m3u8`);
  if (!playlist.ok) throw new Error(`HLS answered ${playlist.status}`);
  const session = /session=([\w-]+)/.exec(await playlist.text());
  if (!session) throw new Error('HLS opened no session');
  return async () => {
    const list = (await (await fetch(`${apiUrl}/v3/hlssessions/list`)).json()) as {
      items: { id: string; path: string }[];
    };
    const ours = list.items.filter(({ path }) => path === cameraId);
    await Promise.all(ours.map(({ id }) => fetch(`${apiUrl}/v3/hlssessions/kick/${id}`, { method: 'POST' })));
  };
}
