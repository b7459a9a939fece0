import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { rigEngines, startAppRig, until, type AppRig } from '../support/installation/appRig.js';
import { cameraOf } from '../support/installation/shopRig.js';
import { drawnJpegs } from '../support/readers/drawnJpegs.js';
import { startJpegCamera, type JpegCamera } from '../support/readers/jpegCamera.js';
import { playHls, playsOn } from '../support/viewers/hlsPlayer.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 60_000;
/** MediaMTX reads a camera for a minute after its last HLS player has left. */
const LEFT_MS = 150_000;

async function created(rig: AppRig, name: string, url: string): Promise<string> {
  const reply = await rig.post('/api/camera', { name, source: { url } });
  expect(reply).toMatchObject({ status: 201 });
  return (reply.json as { camera: { id: string } }).camera.id;
}

async function hlsOf(rig: AppRig, id: string): Promise<string> {
  const live = await until(
    'the links',
    LIMIT_MS,
    () => rig.get(`/api/camera/${id}/live`),
    ({ status }) => status === 200,
  );
  return (live.json as { hlsUrl: string }).hlsUrl;
}

describe.skipIf(!nodeAvFor('cameras of JPEG pictures')).each(rigEngines)(
  'cameras of JPEG pictures, with the engine %s',
  { timeout: 360_000 },
  (engine) => {
    let jpegs: Buffer[];
    beforeAll(async () => {
      jpegs = await drawnJpegs({ count: 50 });
    });

    async function start(): Promise<{ rig: AppRig; camera: JpegCamera }> {
      const camera = await startJpegCamera({ jpegs });
      onTestFinished(() => camera.stop());
      const fleet = makeFleet({ cameras: 1, seed: 'jpeg' });
      const rig = await startAppRig({
        ...{ fleet, engine, lifetimeSeconds: 600 },
        ...{ sourceNetworks: '127.0.0.0/8', mostTranscodes: 1 },
      });
      onTestFinished(() => rig.stop());
      return { rig, camera };
    }

    it('are opened, transcoded while somebody watches, and wait where TRANSCODES_MAX says so', async () => {
      const { rig, camera } = await start();
      const square = await created(rig, 'Square', camera.url);
      const gate = await created(rig, 'Gate', camera.snapshotUrl);
      for (const id of [square, gate])
        expect((await cameraOf(rig, id)).source).toMatchObject({
          tracks: { video: { codec: 'H264', width: 320, height: 180 }, audio: null },
        });

      const player = await playHls(await hlsOf(rig, square));
      onTestFinished(() => player.leave());
      for (let at = 0; at < 5; at++) await playsOn(player);
      await until(
        'a camera that flows',
        LIMIT_MS,
        () => cameraOf(rig, square),
        ({ stream }) => stream?.flow === 'flowing',
      );

      const waiting = playHls(await hlsOf(rig, gate)).catch(() => null);
      const seen = await until(
        'a camera that waits',
        LIMIT_MS,
        () => cameraOf(rig, gate),
        ({ health }) => JSON.stringify(health).includes('TRANSCODES_MAX'),
      );
      expect(seen.health).toMatchObject({ state: expect.not.stringMatching(/^ok$/) as string });
      await player.leave();
      await until(
        'a camera that waits no more',
        LEFT_MS,
        () => cameraOf(rig, gate),
        ({ stream }) => stream?.flow === 'flowing',
      );
      await (await waiting)?.leave();
    });
  },
);
