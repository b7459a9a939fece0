import { mkdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { startOrigin } from '../../simulator/origin/server.js';
import type { Camera, UrlSource } from '../../src/core/camera/camera.js';
import { createStore } from '../../src/store/opening/createStore.js';
import { systemClock } from '../../src/systemClock.js';
import { rigEngines, startAppRig, until, type AppRig } from '../support/installation/appRig.js';
import { cameraOf } from '../support/installation/shopRig.js';
import { vendorsWith } from '../support/clouds/vendors.js';
import { playHls, playsOn } from '../support/viewers/hlsPlayer.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 30_000;
const SECRET = 'streamkey0123456789';
const PARK: UrlSource = {
  ...{ kind: 'url', url: 'rtsp://127.0.0.1:9/Streaming/Channels/101', revision: 1, tracks: null, openedAt: null },
  login: { user: 'admin', password: 'geheim99' },
};

/** Stores cameras with an address of their own, as the program does from issue to issue: it has no route for it yet. */
async function store(dataDir: string, cameras: readonly Pick<Camera, 'id' | 'mode' | 'source'>[]): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const log = { warn: () => undefined };
  const into = createStore({
    ...{ mongodbUri: null, dataDir, vendors: vendorsWith(), clock: systemClock, random: Math.random, log },
  });
  await into.open();
  for (const camera of cameras) await into.create({ ...camera, name: `The ${camera.id}` }, systemClock.now());
  await into.close();
}

async function plays(rig: AppRig, id: string): Promise<void> {
  const { status, json } = await rig.get(`/api/camera/${id}/live`);
  expect({ status, json }).toMatchObject({
    status: 200,
    json: { cameraInfo: { id, vendor: null, quality: null, expiresAt: null, proof: null } },
  });
  const player = await playHls((json as { hlsUrl: string }).hlsUrl);
  await playsOn(player);
  const seen = await until(
    `the ${id}`,
    LIMIT_MS,
    () => cameraOf(rig, id),
    ({ stream }) => stream?.flow === 'flowing',
  );
  expect(seen).toMatchObject({ health: { state: 'healthy' }, stream: { revision: 4 }, lease: null, candidate: null });
  await player.leave();
}

describe.each(rigEngines)('cameras with an address of their own, with the engine %s', (engine) => {
  it.skipIf(!nodeAvFor('cameras with an address of their own'))(
    'play in each mode, are never renewed, survive a restart and can be deleted',
    { timeout: 240_000 },
    async () => {
      const origin = await startOrigin({
        clock: systemClock,
        keyFrameSeconds: 1,
        lookup: () => ({ cameraName: 'Yard', clipKey: 'yard', play: 'camera', sound: 'none' }),
      });
      onTestFinished(() => origin.stop());
      const url = origin.rtmpUrl('live', SECRET);
      const ids = ['yard', 'gate', 'hall'];
      const modes = ['on-demand', 'direct', 'always-on'] as const;
      const prepare = (dataDir: string): Promise<void> =>
        store(dataDir, [
          ...ids.map((id, at) => ({
            id,
            mode: modes[at] ?? 'on-demand',
            source: { kind: 'url', url, login: null, revision: 4, tracks: null, openedAt: null } as const,
          })),
          { id: 'park', mode: 'on-demand', source: PARK },
        ]);
      const fleet = makeFleet({ cameras: 1, seed: `url-${engine}` });
      const rig = await startAppRig({ fleet, engine, prepare, lifetimeSeconds: 600, sourceNetworks: '127.0.0.0/8' });
      onTestFinished(() => rig.stop());

      const { json } = await rig.get('/api/camera/yard');
      expect(json).toMatchObject({
        camera: {
          ...{ vendor: null, account: null, channel: null, hikvisionDeviceSerial: '', lease: null, failure: null },
          renewal: { state: 'resting', reason: 'not-leased', urgency: 'calm', nextStepAt: null },
          source: {
            kind: 'url',
            url: `${new URL(url).origin.replace('null', `rtmp://${new URL(url).host}`)}/live/***`,
          },
        },
      });
      for (const id of ids) await plays(rig, id);

      // No pass of the clouds touches them, not even when a person insists.
      const before = rig.simulator.calls().length;
      const named = { cameraIds: ids, force: true };
      expect((await rig.post('/api/hikvision/renew', named)).json).toMatchObject({
        ...{ renewed: 0, failed: [] },
        skipped: 3,
        // In the order in which they were opened.
        skippedCameras: expect.arrayContaining(ids.map((cameraId) => ({ cameraId, reason: 'not-leased' }))) as unknown,
      });
      expect((await rig.post('/api/hikvision/renew?plan=true', named)).json).toMatchObject({
        changes: [],
      });
      expect(rig.simulator.calls().length).toBe(before);
      await rig.post('/api/hikvision/initialize');
      for (const id of ids)
        expect(await cameraOf(rig, id)).toMatchObject({ lease: null, failure: null, status: 'active' });

      // They count as cameras, and as no lease.
      const listed = (await rig.get('/api/camera')).json as { total: number };
      expect(listed.total).toBe(ids.length + 2);
      const metrics = (await rig.get('/metrics')).text;
      expect(metrics).toMatch(/^camlease_leases 1$/m);

      await rig.restart();
      await plays(rig, 'yard');
      expect((await rig.send('DELETE', '/api/camera/yard')).status).toBe(200);
      expect((await rig.get('/api/camera/yard/live')).status).toBe(404);

      // A camera that does not answer says so by itself, though nobody watches it, in words of its own.
      const park = await until(
        'what is wrong with the park',
        LIMIT_MS,
        () => cameraOf(rig, 'park'),
        ({ failure }) => failure !== null,
      );
      expect(park.health).toMatchObject({ state: 'dark', reason: 'STREAM_UNREACHABLE' });
      expect(`${park.health.sentence} ${park.health.nextStep}`).not.toMatch(/\b(?:lease|cloud)/i);
      expect((await rig.get('/api/camera/park/live')).status).toBe(409);
      const hall = await cameraOf(rig, 'hall');
      expect(hall).toMatchObject({ failure: null });
      expect((await rig.get('/api/camera/hall/snapshot')).status).toBe(200);

      const everything = JSON.stringify([rig.exchanges, rig.logLines]);
      expect(everything).not.toContain(SECRET);
      expect(everything).not.toContain('geheim99');
    },
  );
});
