import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { mediaMtxProgram, until } from '../../../../test/support/engine/mediamtx.js';
import {
  carried,
  longestGapMs,
  startMediaMtxRig,
  type MediaMtxRig,
  type RigOptions,
} from '../../../../test/support/engine/mediamtxRig.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('always-on cameras on MediaMTX'))(
  'an always-on camera on real MediaMTX',
  { timeout: 90_000 },
  () => {
    let rig: MediaMtxRig | null = null;
    afterEach(async () => {
      await rig?.stop();
      rig = null;
    }, 30_000);

    async function onAir(options: RigOptions = {}): Promise<MediaMtxRig> {
      rig = await startMediaMtxRig(options);
      await rig.engine.apply(carried('gate', rig.lease('gate', 1)));
      await rig.onAir('gate');
      return rig;
    }

    test('is on air by itself without anybody watching, with a slate of its own', async () => {
      const { engine, names, state, mediaMtx } = await onAir();
      expect(await names()).toEqual(['_lease/gate/1', 'gate']);
      expect(await readdir(join(mediaMtx.folder, 'slates'))).toContain('gate.h264.mp4');
      expect(await mediaMtx.config()).toContain('gate.h264.mp4');
      await until(async () => (await state('gate'))?.flow === 'flowing');
      expect(await state('gate')).toMatchObject({ revision: 1, carrier: 'forward', viewers: 0 });
      expect(engine.status()).toMatchObject({ ready: true, problem: null });
    });

    test('keeps its viewers through five renewals, each proven through its feeder first', async () => {
      const { engine, lease, watch, path, names } = await onAir();
      const viewer = await watch('gate');
      await until(() => viewer.items.length > 30);
      // camlease's own HLS reader may come at any time, so it is not counted.
      const readers = async (): Promise<readonly unknown[] | undefined> =>
        (await path('gate'))?.readers.filter(({ type }) => type !== 'hlsSession');
      const session = await readers();
      expect(session).toHaveLength(1);
      for (let revision = 2; revision <= 6; revision++) {
        await engine.apply(carried('gate', lease('gate', revision - 1), lease('gate', revision)));
        const proof = await engine.prove('gate', lease('gate', revision));
        expect(proof).toMatchObject({ tracks: { video: { codec: 'H264' }, audio: null } });
        expect(proof.picture?.length).toBeGreaterThan(1_000);
        const report = await engine.apply(carried('gate', lease('gate', revision)));
        expect(report).toMatchObject({ by: 'file', moved: [{ cameraId: 'gate', revision, how: 'forward' }] });
        expect(await names()).toEqual([`_lease/gate/${revision}`, 'gate']);
      }
      const count = viewer.items.length;
      await until(() => viewer.items.length > count + 45);
      expect(viewer.ended).toBe(false);
      expect(await readers()).toEqual(session);
      process.stderr.write(`five handovers: longest gap ${Math.round(longestGapMs(viewer.items))} ms\n`);
    });

    test('takes a picture of another size over without dropping anybody', async () => {
      const { engine, lease, watch, names } = await onAir();
      const viewer = await watch('gate');
      const small = lease('gate', 2, { play: 'error-clip', sound: 'none' });
      await engine.apply(carried('gate', lease('gate', 1), small));
      const { tracks } = await engine.prove('gate', small);
      expect(tracks.video.width).toBe(512);
      const plan = await engine.plan(carried('gate', small));
      expect(plan).toMatchObject([{ cameraId: 'gate', how: 'handover', viewers: 1 }]);
      const report = await engine.apply(carried('gate', small));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'forward' }]);
      const count = viewer.items.length;
      await until(() => viewer.items.length > count + 15);
      expect(viewer.ended).toBe(false);
      expect(await names()).toEqual(['_lease/gate/2', 'gate']);
    });

    test('is rebuilt when the stream has other tracks, which the plan says beforehand', async () => {
      const { engine, lease, watch, mediaMtx, path } = await onAir();
      const viewer = await watch('gate');
      const loud = lease('gate', 2, { sound: 'aac' });
      await engine.apply(carried('gate', lease('gate', 1), loud));
      const { tracks } = await engine.prove('gate', loud);
      expect(tracks.audio).toEqual({ codec: 'AAC', sampleRate: 16_000, channels: 1 });
      expect(engine.swapsUnnoticed({ id: 'gate', mode: 'always-on' }, { ...tracks, audio: null }, tracks)).toBe(false);
      const before = await mediaMtx.config();
      expect(await engine.plan(carried('gate', loud))).toMatchObject([
        { how: 'rebuild', viewers: 1, paths: expect.arrayContaining([{ name: 'gate', action: 'change' }]) as unknown },
      ]);
      expect(await mediaMtx.config()).toBe(before);
      const report = await engine.apply(carried('gate', loud));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'rebuild' }]);
      await until(() => viewer.ended);
      await until(async () => (await path('gate'))?.online === true);
      expect((await path('gate'))?.tracks).toEqual(['H264', 'MPEG-4 Audio']);
      expect(await mediaMtx.config()).toContain('gate.h264-aac-16000-1.mp4');
    });

    test('keeps its address and its slate when its lease ends, and comes back with the next', async () => {
      const { engine, lease, watch, names, state, path } = await onAir();
      const viewer = await watch('gate');
      await engine.apply(carried('gate', null));
      expect(await names()).toEqual(['gate']);
      expect(await state('gate')).toMatchObject({ revision: null, flow: 'stopped' });
      await until(async () => (await path('gate'))?.online === false);
      const count = viewer.items.length;
      await until(() => viewer.items.length > count + 10);
      await engine.apply(carried('gate', lease('gate', 2)));
      await until(async () => (await path('gate'))?.online === true);
      expect(viewer.ended).toBe(false);
      await until(async () => (await state('gate'))?.flow === 'flowing');
    });

    test('a candidate that plays nothing is not proven, and those who watch see nothing of it', async () => {
      const { engine, lease, watch, names } = await onAir({ engine: { proofBoundMs: 3_000 } });
      const viewer = await watch('gate');
      const dead = lease('gate', 2, { play: 'nothing', sound: 'none' });
      await engine.apply(carried('gate', lease('gate', 1), dead));
      await expect(engine.prove('gate', dead)).rejects.toMatchObject({ code: 'STREAM_NO_PICTURE' });
      await engine.apply(carried('gate', lease('gate', 1)));
      expect(await names()).toEqual(['_lease/gate/1', 'gate']);
      expect(longestGapMs(viewer.items)).toBeLessThan(800);
    });

    test('shows the old picture until a lease that takes over unlooked at shows its own', async () => {
      const { engine, lease, watch, names, path } = await onAir();
      const viewer = await watch('gate');
      const running = { change: true };
      const change = engine.apply(carried('gate', lease('gate', 2))).finally(() => (running.change = false));
      let offlineMs = 0;
      for (let lastMs = performance.now(); running.change;) {
        const isOnline = (await path('gate'))?.online === true;
        const nowMs = performance.now();
        if (!isOnline) offlineMs += nowMs - lastMs;
        lastMs = nowMs;
      }
      expect(await change).toMatchObject({ moved: [{ cameraId: 'gate', revision: 2, how: 'forward' }] });
      expect(await names()).toEqual(['_lease/gate/2', 'gate']);
      // The camera's own pictures stop for an instant only, and not for as long as the new feeder starts.
      expect(offlineMs).toBeLessThan(700);
      const count = viewer.items.length;
      await until(() => viewer.items.length > count + 30);
      expect(viewer.ended).toBe(false);
      expect(longestGapMs(viewer.items)).toBeLessThan(1_500);
    });

    test('is handed over all the same to a lease that shows nothing in time', async () => {
      const { engine, lease, names } = await onAir();
      const report = await engine.apply(carried('gate', lease('gate', 2, { play: 'nothing', sound: 'none' })));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'forward' }]);
      expect(await names()).toEqual(['_lease/gate/2', 'gate']);
    });

    test('changes its way to be carried: the plan says whom that drops', async () => {
      const { engine, lease, names } = await onAir();
      const onDemand = carried('gate', lease('gate', 1), null, 'on-demand');
      expect(await engine.plan(onDemand)).toMatchObject([{ cameraId: 'gate', how: 'rebuild' }]);
      await engine.apply(onDemand);
      expect(await names()).toEqual(['gate']);
      expect(await engine.plan(carried('gate', lease('gate', 1)))).toMatchObject([{ how: 'rebuild' }]);
      await engine.apply(carried('gate', lease('gate', 1)));
      expect(await names()).toContain('_lease/gate/1');
      await until(async () => (await rig?.path('gate'))?.online === true);
    });
  },
);
