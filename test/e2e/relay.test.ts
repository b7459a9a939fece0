import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { mediaMtx, startAppRig, until, type AppRig } from '../support/appRig.js';
import { nodeAvFor } from '../support/nodeAv.js';
import { readRunning } from '../../src/relay/process/running.js';
import { isAlive } from '../support/relayProcessRig.js';
import { cameraOf, renewNow, type CameraJson } from '../support/shopRig.js';
import path from 'node:path';

const RENEWALS = 10;
const LIMIT_MS = 30_000;
const LOOK_MS = 100;

/** A player that asks for the playlist again and again, as each one does, and notes every answer that would end it. */
interface Player {
  readonly refused: readonly number[];
  /** Playlists that differed from the one before. */
  readonly moves: number;
  leave(): Promise<void>;
}

async function playHls(url: string): Promise<Player> {
  const refused: number[] = [];
  const left = new AbortController();
  let moves = 0;
  let last = '';
  // The first request waits until MediaMTX has a picture; a redirect sets the cookie that names the session.
  const first = await until(
    'the first playlist',
    LIMIT_MS,
    () => fetch(url),
    ({ status }) => status === 200,
  );
  const master = await first.text();
  const media = new URL(master.split('\n').find((line) => /^[^#\s]/.test(line)) ?? '', url);
  const loop = (async () => {
    while (!left.signal.aborted) {
      const reply = await fetch(media);
      const text = await reply.text();
      if (reply.status !== 200) refused.push(reply.status);
      else if (text !== last) moves += 1;
      last = text;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  })();
  return {
    refused,
    get moves() {
      return moves;
    },
    leave: () => (left.abort(), loop),
  };
}

async function openCamera(): Promise<{ rig: AppRig; camera: CameraJson; player: Player }> {
  const fleet = makeFleet({ cameras: 1 });
  const rig = await startAppRig({ fleet, engine: 'mediamtx', lifetimeSeconds: 600, relay: true });
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
        const before = player.moves;
        await until(
          'new pieces',
          LIMIT_MS,
          () => Promise.resolve(player.moves),
          (moves) => moves > before,
        );
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
