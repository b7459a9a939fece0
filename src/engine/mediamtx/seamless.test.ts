import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import { mediaMtxProgram, until } from '../../../test/support/mediamtx.js';
import { carried, longestGapMs, startMediaMtxRig, type MediaMtxRig } from '../../../test/support/mediamtxRig.js';
import { nodeAvFor } from '../../../test/support/nodeAv.js';
import { createSpliceProcess, type SpliceProcess } from '../../media/splice/spliceProcess.js';
import { systemClock } from '../../systemClock.js';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('seamless cameras on MediaMTX'))(
  'a seamless camera on real MediaMTX',
  { timeout: 90_000 },
  () => {
    let rig: MediaMtxRig | null = null;
    afterEach(async () => {
      await rig?.stop();
      rig = null;
    }, 30_000);

    const seamless = (...args: [string, ReturnType<MediaMtxRig['lease']> | null, ReturnType<MediaMtxRig['lease']>?]) =>
      carried(args[0], args[1], args[2] ?? null, 'seamless');

    async function bySplice(
      splicer: SpliceProcess = createSpliceProcess({ clock: systemClock }),
    ): Promise<{ rig: MediaMtxRig; splicer: SpliceProcess }> {
      rig = await startMediaMtxRig({ engine: { splicer } });
      const { engine, lease, state, path } = rig;
      expect(splicer.pid()).toBeNull();
      await engine.apply(seamless('gate', lease('gate', 1)));
      await until(async () => (await state('gate'))?.carrier === 'splice', 30_000);
      await until(async () => (await path('gate'))?.online === true);
      return { rig, splicer };
    }

    const forwarding = async ({ mediaMtx }: MediaMtxRig): Promise<boolean> => {
      const reply = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/list?itemsPerPage=1000`);
      const { items } = (await reply.json()) as { items: { forward: unknown[] | null }[] };
      return items.some(({ forward }) => (forward?.length ?? 0) > 0);
    };

    test('is carried by the splice after a while, and then no feeder forwards', async () => {
      const { rig: begun } = await bySplice();
      await until(async () => !(await forwarding(begun)));
      expect(await begun.names()).toEqual(['_lease/gate/1', 'gate']);
      expect(begun.engine.status().problem).toBeNull();
      expect(await begun.state('gate')).toMatchObject({ revision: 1, viewers: 0 });
    });

    test('goes over to a new lease without a frame missing, and the old feeder goes', async () => {
      const { rig: begun } = await bySplice();
      const { engine, lease, names, watch, path } = begun;
      await until(async () => !(await forwarding(begun)));
      await until(async () => (await path('gate'))?.online === true);
      const viewer = await watch('gate');
      await until(() => viewer.items.length > 30);
      const from = viewer.items.length;
      for (let revision = 2; revision <= 4; revision++) {
        await engine.apply(seamless('gate', lease('gate', revision - 1), lease('gate', revision)));
        await engine.prove('gate', lease('gate', revision));
        expect(await engine.plan(seamless('gate', lease('gate', revision)))).toMatchObject([
          { how: 'hot', viewers: 1 },
        ]);
        const report = await engine.apply(seamless('gate', lease('gate', revision)));
        expect(report.moved).toEqual([{ cameraId: 'gate', revision, how: 'splice' }]);
        expect(await names()).toEqual([`_lease/gate/${revision}`, 'gate']);
      }
      const count = viewer.items.length;
      await until(() => viewer.items.length > count + 30);
      expect(viewer.ended).toBe(false);
      process.stderr.write(`three splices: longest gap ${Math.round(longestGapMs(viewer.items.slice(from)))} ms\n`);
    });

    test('is handed over within 2 s when the splice process dies, which is said, and is carried again when it is back', async () => {
      const { rig: begun, splicer } = await bySplice();
      const { engine, state, path } = begun;
      await until(async () => !(await forwarding(begun)));
      const publisher = (await path('gate'))?.source?.id;
      process.kill(splicer.pid() ?? 0, 'SIGKILL');
      const diedMs = performance.now();
      await until(async () => {
        const seen = await path('gate');
        return seen?.online === true && seen.source !== null && seen.source.id !== publisher;
      });
      const tookMs = Math.round(performance.now() - diedMs);
      process.stderr.write(`the feeder took over ${tookMs} ms after the splice process died\n`);
      expect(tookMs).toBeLessThan(2_000);
      expect(engine.status().problem).toBe(
        'The splice process died; 1 camera is carried by handover until it is back.',
      );
      // The picture is back before the write that brought it is confirmed.
      await until(async () => (await state('gate'))?.revision === 1);
      expect(await state('gate')).toMatchObject({ revision: 1, carrier: 'forward' });
      await until(async () => (await state('gate'))?.carrier === 'splice', 30_000);
      expect(engine.status().problem).toBeNull();
      await until(async () => !(await forwarding(begun)));
      await until(async () => (await path('gate'))?.online === true);
    });

    test('that the splice dies on while it goes over is served by the new feeder when apply resolves, which says so', async () => {
      const splicer = createSpliceProcess({ clock: systemClock });
      const { rig: begun } = await bySplice({
        ...splicer,
        arrived: (cameraId, revision, ...more) => {
          if (revision === 2) process.kill(splicer.pid() ?? 0, 'SIGKILL');
          return splicer.arrived(cameraId, revision, ...more);
        },
      });
      const { engine, lease, names } = begun;
      await until(async () => !(await forwarding(begun)));
      await engine.apply(seamless('gate', lease('gate', 1), lease('gate', 2)));
      await engine.prove('gate', lease('gate', 2));
      const report = await engine.apply(seamless('gate', lease('gate', 2)));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'forward' }]);
      expect(await names()).toEqual(['_lease/gate/2', 'gate']);
      expect(await forwarding(begun)).toBe(true);
      // It was told, and is told once.
      expect((await engine.apply(seamless('gate', lease('gate', 2)))).moved).toBeUndefined();
    });
  },
);
