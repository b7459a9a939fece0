import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import { mediaMtxProgram, until } from '../../../../test/support/engine/mediamtx.js';
import {
  carried,
  longestGapMs,
  startMediaMtxRig,
  type MediaMtxRig,
} from '../../../../test/support/engine/mediamtxRig.js';
import { startInProcessRelay, type InProcessRelay } from '../../../../test/support/relay/inProcessRelay.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';
import type { Played, StreamWatch } from '../../../../test/support/viewers/streamWatch.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaMtxEngineOptions } from '../mediaMtxEngine.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
}, 30_000);

interface Rig extends MediaMtxRig {
  readonly relay: InProcessRelay;
}

async function start(more: Partial<MediaMtxEngineOptions> = {}): Promise<Rig> {
  const relay = await startInProcessRelay();
  const rig = await startMediaMtxRig({ engine: { relay, ...more } });
  opened.push(async () => {
    await rig.stop();
    relay.close();
  });
  return Object.assign(Object.create(rig) as MediaMtxRig, { relay });
}

const gate = (inForce: PullTarget | null, candidate: PullTarget | null = null): DesiredStreams =>
  carried('gate', inForce, candidate, 'seamless');
const reloads = ({ mediaMtx }: Rig): number => mediaMtx.log().match(/\(file changed\)/g)?.length ?? 0;

async function flows(rig: Rig, revision: number): Promise<void> {
  await until(async () => {
    const state = await rig.state('gate');
    return state?.flow === 'flowing' && state.revision === revision && (await rig.path('gate'))?.online === true;
  }, 20_000);
}

async function moves(watch: StreamWatch<Played>, count = 30): Promise<void> {
  const before = watch.items.length;
  await until(() => watch.ended || watch.items.length > before + count);
}

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('seamless cameras on MediaMTX'))(
  'a seamless camera on real MediaMTX',
  { timeout: 90_000 },
  () => {
    test('is pulled while nobody watches, by one stream of the cloud, which its proof looks at too', async () => {
      const rig = await start();
      const first = rig.lease('gate', 1);
      await rig.engine.apply(gate(first));
      await flows(rig, 1);
      let [most, isProven] = [0, false];
      const proving = rig.engine.prove('gate', first).finally(() => (isProven = true));
      const [proof] = await Promise.all([
        proving,
        until(() => {
          most = Math.max(most, rig.origin.pulls());
          return isProven;
        }, 30_000),
      ]);
      expect([proof.picture !== null, most, rig.origin.pulls()]).toEqual([true, 1, 1]);
      expect(await rig.names()).toEqual(['gate']);
      expect(await rig.state('gate')).toMatchObject({ revision: 1, carrier: 'relay', viewers: 0, reason: null });
      await until(() => rig.relay.slates.has('gate'));
      // Viewers who come and go do not change the pull.
      const watch = await rig.watch('gate');
      await moves(watch);
      await watch.stop();
      await until(async () => (await rig.state('gate'))?.viewers === 0);
      expect([rig.origin.pulls(), (await rig.state('gate'))?.flow]).toEqual([1, 'flowing']);
    });

    test('goes over to each new lease without a write and without a reader being dropped, watched or not', async () => {
      const rig = await start();
      const { engine, mediaMtx } = rig;
      await engine.apply(gate(rig.lease('gate', 1)));
      await flows(rig, 1);
      const renew = async (revision: number): Promise<void> => {
        const [before, next] = [rig.lease('gate', revision - 1), rig.lease('gate', revision)];
        await engine.apply(gate(before, next));
        await engine.prove('gate', next);
        expect(rig.origin.pulls()).toBe(2);
        expect(await engine.plan(gate(next))).toMatchObject([{ cameraId: 'gate', how: 'hot', paths: [] }]);
        const report = await engine.apply(gate(next));
        expect(report).toEqual({
          ...{ changed: [], by: 'none', refused: [] },
          moved: [{ cameraId: 'gate', revision, how: 'relay' }],
        });
        await until(async () => (await rig.relay.states())?.get('gate')?.revision === revision);
      };
      // The line reaches the file some seconds after the API.
      await until(async () => (await mediaMtx.config()).includes('"gate"'));
      const [text, seen] = [await mediaMtx.config(), reloads(rig)];
      await renew(2);
      const viewer = await rig.watch('gate');
      await moves(viewer);
      const from = viewer.items.length;
      for (const revision of [3, 4, 5]) {
        await renew(revision);
        await moves(viewer);
      }
      expect([viewer.ended, reloads(rig), await mediaMtx.config()]).toEqual([false, seen, text]);
      expect(engine.status().problem).toBeNull();
      process.stderr.write(`three renewals: longest gap ${Math.round(longestGapMs(viewer.items.slice(from)))} ms\n`);
    });

    test('keeps its reader by a stand-in while the cloud is away, and is dark meanwhile', async () => {
      const rig = await start();
      const first = rig.lease('gate', 1);
      await rig.engine.apply(gate(first));
      await rig.engine.prove('gate', first);
      await flows(rig, 1);
      const watch = await rig.watch('gate');
      await moves(watch);
      await rig.engine.apply(gate(null));
      rig.origin.cut(() => true);
      await until(async () => (await rig.state('gate'))?.flow === 'stopped');
      await moves(watch, 5);
      await rig.engine.apply(gate(rig.lease('gate', 2)));
      await flows(rig, 2);
      await moves(watch);
      expect(watch.ended).toBe(false);
    });

    test('is carried as an always-on one while the relay is away; then it drops nobody to go back before its next lease', async () => {
      const rig = await start();
      const { engine, relay } = rig;
      const first = rig.lease('gate', 1);
      await engine.apply(gate(first));
      await flows(rig, 1);
      relay.fail('Its workers died five times in a minute.');
      await until(async () => (await rig.state('gate'))?.carrier === 'forward');
      await flows(rig, 1);
      expect(await rig.names()).toEqual(['_lease/gate/1', 'gate']);
      const watch = await rig.watch('gate');
      await moves(watch);
      relay.fail(null);
      await engine.apply(gate(first));
      expect(engine.swapsUnnoticed({ id: 'gate', mode: 'seamless' }, null, null)).toBe(false);
      await moves(watch);
      expect([watch.ended, (await rig.state('gate'))?.carrier]).toEqual([false, 'forward']);
      const next = rig.lease('gate', 2);
      expect(await engine.plan(gate(next))).toMatchObject([{ how: 'rebuild', viewers: 1, movesTo: 'relay' }]);
      expect((await engine.apply(gate(next))).moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'swap' }]);
      await flows(rig, 2);
      expect(await rig.names()).toEqual(['gate']);
      expect((await engine.apply(gate(next))).moved).toBeUndefined();
    });

    test('that a camlease without the relay left goes over in one rewrite once nobody watches, and back by leaving the relay out', async () => {
      const rig = await start({ relay: null });
      await rig.engine.apply(gate(rig.lease('gate', 1)));
      await until(async () => (await rig.path('gate'))?.online === true, 20_000);
      const watch = await rig.watch('gate');
      await moves(watch);
      const engine = await rig.restartEngine({ relay: rig.relay });
      expect(await engine.apply(gate(rig.lease('gate', 1)))).toMatchObject({ by: 'none' });
      await moves(watch);
      expect(watch.ended).toBe(false);
      await watch.stop();
      const seen = reloads(rig);
      await until(async () => (await rig.state('gate'))?.carrier === 'relay', 20_000);
      await flows(rig, 1);
      expect([await rig.names(), reloads(rig) - seen]).toEqual([['gate'], 1]);
      const back = await rig.restartEngine({ relay: null });
      await back.apply(gate(rig.lease('gate', 1)));
      await until(async () => (await rig.names()).join() === '_lease/gate/1,gate');
      await until(async () => (await rig.path('gate'))?.online === true, 20_000);
      expect(await rig.state('gate')).toMatchObject({ carrier: 'forward' });
    });
  },
);
