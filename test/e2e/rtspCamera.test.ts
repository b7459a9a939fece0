import { describe, expect, it, onTestFinished } from 'vitest';
import { startOrigin } from '../../simulator/origin/server.js';
import { pathSource } from '../../src/engine/mediamtx/paths/pathSource.js';
import type { PullTarget } from '../../src/core/streams/pullTarget.js';
import { systemClock } from '../../src/systemClock.js';
import { openUdp } from '../../src/relay/worker/udpPorts.js';
import { makeMediaMtx, mediaMtxProgram, until, type TestMediaMtx } from '../support/engine/mediamtx.js';
import { CAMERA, falls, LIMIT_MS, pictures, sounds, startRig } from '../support/relay/relayWatching.js';
import type { RelayRig } from '../support/relay/relayRig.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { watchPackets, type WatchedPacket } from '../support/viewers/packetWatch.js';
import { encodeGroup, publishGroup } from '../support/viewers/publishedSource.js';
import type { StreamWatch } from '../support/viewers/streamWatch.js';

const LOGIN = 'admin:p%40ss%231%26';
const PATHS = `
authInternalUsers:
  - {user: any, ips: ['127.0.0.1'], permissions: [{action: api}, {action: publish}]}
  - {user: admin, pass: 'p@ss#1&', permissions: [{action: read}]}
`;

/** A camera that is a MediaMTX of its own; its path is `live/main`, and it wants a login. */
async function mediaMtxCamera(path: string, more: Readonly<Record<string, string>> = {}): Promise<TestMediaMtx> {
  const camera = await makeMediaMtx(`${PATHS}\npaths:\n  live/main: ${path}\n`, {
    MTX_RTSPAUTHMETHODS: 'digest',
    ...more,
  });
  onTestFinished(() => camera.stop());
  await camera.start();
  return camera;
}

/** The picture and sound of the simulated cloud, in AAC, as that camera gives them. */
async function pulling(more?: Readonly<Record<string, string>>): Promise<TestMediaMtx> {
  const origin = await startOrigin({ clock: systemClock, lookup: () => ({ ...CAMERA, keyFrameSeconds: 1 }) });
  onTestFinished(() => origin.stop());
  const source = pathSource(origin.rtmpUrl('v3/openlive', 'S1_1_1?id=1')) ?? '';
  const camera = await mediaMtxCamera(`{source: '${source}'}`, more);
  await until(async () => (await look(camera)).ready, LIMIT_MS);
  return camera;
}

const targetOn = (port: number, login = LOGIN, revision = 7): PullTarget => ({
  url: `rtsp://${login}@127.0.0.1:${port}/live/main`,
  ...{ revision, givenBy: 'person', endsAt: null, tracks: null },
});

function plays(rig: RelayRig, target: PullTarget): void {
  rig.stream.setCamera({ target, candidate: null, whenGone: 'slate', cap: null });
}

async function watch(rig: RelayRig): Promise<StreamWatch<WatchedPacket>> {
  const watched = await watchPackets(rig.address);
  onTestFinished(() => watched.stop());
  await watched.goesOnUntil(() => pictures(watched).length > 40 && sounds(watched).length > 10);
  expect([watched.ended, falls(pictures(watched)), falls(sounds(watched))]).toEqual([false, 0, 0]);
  return watched;
}

/** What the camera knows of its path. */
async function look({ apiUrl }: TestMediaMtx): Promise<{ readonly ready: boolean; readonly readers: unknown[] }> {
  const reply = await fetch(`${apiUrl}/v3/paths/get/live/main`);
  return (await reply.json()) as { ready: boolean; readers: unknown[] };
}

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('cameras by RTSP behind MediaMTX'))(
  'an RTSP camera behind relay and MediaMTX',
  { timeout: LIMIT_MS },
  () => {
    it('plays picture and AAC to several viewers by one session, which ends with the last of them', async () => {
      const camera = await pulling();
      const rig = await startRig();
      plays(rig, targetOn(camera.ports.rtsp));
      const [first, second] = [await watch(rig), await watch(rig)];
      expect((await look(camera)).readers).toHaveLength(1);
      expect(rig.news.filter(({ kind }) => kind === 'pull-over')).toEqual([]);
      await first.stop();
      await second.stop();
      await until(async () => (await look(camera)).readers.length === 0);
    });

    it('plays picture and G.711', async () => {
      const camera = await mediaMtxCamera('{}');
      const published = await publishGroup(
        `rtsp://127.0.0.1:${camera.ports.rtsp}/live/main`,
        await encodeGroup(25),
        'pcma',
      );
      onTestFinished(() => published.stop());
      const rig = await startRig();
      plays(rig, targetOn(camera.ports.rtsp));
      await watch(rig);
    });

    it('plays by UDP where the camera takes nothing else', async () => {
      const free = await openUdp(4, () => undefined);
      free.close();
      const camera = await pulling({
        MTX_RTSPTRANSPORTS: 'udp',
        MTX_RTPADDRESS: `127.0.0.1:${free.ports.packets}`,
        MTX_RTCPADDRESS: `127.0.0.1:${free.ports.reports}`,
      });
      const rig = await startRig();
      plays(rig, targetOn(camera.ports.rtsp));
      await watch(rig);
    });

    it('is asked once with a wrong password', async () => {
      const camera = await pulling();
      const rig = await startRig();
      plays(rig, targetOn(camera.ports.rtsp, 'admin:wrong'));
      void watchPackets(rig.address).catch(() => undefined);
      const over = (): unknown => rig.news.find(({ kind }) => kind === 'pull-over');
      await rig.until(() => over() !== undefined);
      expect(over()).toMatchObject({ reason: 'login', code: 'RTSP_401' });
      expect(rig.stream.seen()).toMatchObject({ reason: 'login' });
    });
  },
);
