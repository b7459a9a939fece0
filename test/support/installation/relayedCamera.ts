import { onTestFinished } from 'vitest';
import { makeFleet } from '../../../simulator/index.js';
import { playHls, type HlsPlayer } from '../viewers/hlsPlayer.js';
import { startAppRig, until, type AppRig } from './appRig.js';
import { cameraOf, type CameraJson } from './shopRig.js';

export const LIMIT_MS = 30_000;

/** The whole program with one on-demand camera, which an HLS player watches through the relay. It goes with the test. */
export async function openRelayedCamera(): Promise<{ rig: AppRig; camera: CameraJson; player: HlsPlayer }> {
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
