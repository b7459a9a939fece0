import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { mediaMtx, startAppRig, until, type AppRig } from '../support/installation/appRig.js';
import { playHls, playsOn, type HlsPlayer } from '../support/viewers/hlsPlayer.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { readRunning } from '../../src/relay/wire/running.js';
import { isAlive } from '../support/relay/relayProcessRig.js';
import { cameraOf, renewNow, type CameraJson } from '../support/installation/shopRig.js';

const RENEWALS = 10;
const LIMIT_MS = 30_000;

async function openCamera(): Promise<{ rig: AppRig; camera: CameraJson; player: HlsPlayer }> {
  const fleet = makeFleet({ cameras: 1 });
  const rig = await startAppRig({ fleet, engine: 'mediamtx', lifetimeSeconds: 600 });
  onTestFinished(() => rig.stop());
  await rig.post('/api/hikvision/initialize');
  const { cameras } = (await rig.get('/api/camera')).json as { cameras: { id: string }[] };
  const id = cameras[0]?.id ?? '';
  const live = await until(
    'an address',
    LIMIT_MS,
    () => rig.get(`/api/camera/${id}/live`),
    ({ status }) => status === 200,
  );
  const { hlsUrl } = live.json as { hlsUrl: string };
  const player = await playHls(hlsUrl);
  onTestFinished(() => player.leave());
  const camera = await until(
    'the camera',
    LIMIT_MS,
    () => cameraOf(rig, id),
    ({ stream }) => stream?.flow === 'flowing',
  );
  return { rig, camera, player };
}

describe.skipIf(mediaMtx === null || !nodeAvFor('the relay below the whole program'))(
  'a watched on-demand camera',
  () => {
    it('goes through ten renewals at once and unnoticed, by the relay', { timeout: 240_000 }, async () => {
      const { rig, camera, player } = await openCamera();
      const first = camera.lease?.revision ?? 0;
      for (let revision = first + 1; revision <= first + RENEWALS; revision++) {
        await renewNow(rig, [camera.id]);
        const isThere = ({ lease, stream }: CameraJson): boolean =>
          lease?.revision === revision && stream?.revision === revision && stream.flow === 'flowing';
        await until(`revision ${revision}`, LIMIT_MS, () => cameraOf(rig, camera.id), isThere);
        await playsOn(player);
      }
      expect(player.refused).toEqual([]);
    });

    it('takes its relay along when the program ends', async () => {
      const { rig, player } = await openCamera();
      const running = readRunning(path.join(rig.dataDir, 'relay'));
      if (running === null) throw new Error('no relay runs');
      expect(isAlive(running.pid)).toBe(true);
      await player.leave();
      await rig.app.stop();
      expect(isAlive(running.pid)).toBe(false);
    });
  },
);
