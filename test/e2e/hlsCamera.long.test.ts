import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { startAppRig, until } from '../support/installation/appRig.js';
import { cameraOf } from '../support/installation/shopRig.js';
import { makeHlsClip } from '../support/readers/hlsClip.js';
import { startLiveHls } from '../support/readers/liveHls.js';
import { playHls, playsOn } from '../support/viewers/hlsPlayer.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 60_000;
const STALL_MS = 10_000;
/** Twice as long as a segment: a source that is read is asked something in it. */
const QUIET_MS = 2_000;

describe('a camera with an HLS address, with the embedded engine', () => {
  it.skipIf(!nodeAvFor('cameras with an HLS address'))(
    'is opened, plays, keeps its players while the playlist stalls for 10 s, and is read no more when it is removed',
    { timeout: 240_000 },
    async () => {
      let isStalled = false;
      const server = await startLiveHls(await makeHlsClip('ts'), { answer: () => isStalled });
      onTestFinished(() => server.stop());
      const fleet = makeFleet({ cameras: 1, seed: 'hls' });
      const rig = await startAppRig({ fleet, engine: 'embedded', lifetimeSeconds: 600, sourceNetworks: '127.0.0.0/8' });
      onTestFinished(() => rig.stop());

      const created = await rig.post('/api/camera', { name: 'Square', source: { url: server.url } });
      expect(created).toMatchObject({ status: 201 });
      const { id } = (created.json as { camera: { id: string } }).camera;
      const source = (await cameraOf(rig, id)).source;
      expect(source).toMatchObject({ kind: 'url', tracks: { video: { codec: 'H264' }, audio: { codec: 'AAC' } } });

      const live = await until(
        'the links',
        LIMIT_MS,
        () => rig.get(`/api/camera/${id}/live`),
        ({ status }) => status === 200,
      );
      const player = await playHls((live.json as { hlsUrl: string }).hlsUrl);
      onTestFinished(() => player.leave());
      await playsOn(player);
      await until(
        'a camera that flows',
        LIMIT_MS,
        () => cameraOf(rig, id),
        ({ stream }) => stream?.flow === 'flowing',
      );

      isStalled = true;
      const stalledMs = performance.now();
      while (performance.now() - stalledMs < STALL_MS) await playsOn(player);
      isStalled = false;
      const askedBefore = server.asked.length;
      await until(
        'a source that is read again',
        LIMIT_MS,
        () => Promise.resolve(server.asked.slice(askedBefore)),
        (asked) => asked.some((path) => path.startsWith('/cam/part/')),
      );
      await playsOn(player);
      await player.leave();

      expect((await rig.send('DELETE', `/api/camera/${id}`)).status).toBeLessThan(300);
      await until(
        'a source that nobody asks',
        LIMIT_MS,
        async () => {
          const before = server.asked.length;
          await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
          return server.asked.length - before;
        },
        (count) => count === 0,
      );
    },
  );
});
