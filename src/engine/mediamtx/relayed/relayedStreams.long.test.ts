import { afterEach, describe, expect, test } from 'vitest';
import { startInProcessRelay, type InProcessRelay } from '../../../../test/support/relay/inProcessRelay.js';
import { mediaMtxProgram, until } from '../../../../test/support/engine/mediamtx.js';
import type { streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import { startMediaMtxRig, type MediaMtxRig } from '../../../../test/support/engine/mediamtxRig.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';
import type { Played, StreamWatch } from '../../../../test/support/viewers/streamWatch.js';
import { aCamera, aLease } from '../../../../test/support/builders.js';
import { SilentPulls } from '../../../jobs/outages/silentPulls.js';
import { systemClock } from '../../../systemClock.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { MediaMtxEngineOptions } from '../mediaMtxEngine.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

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

const gate = (inForce: PullTarget | null, candidate: PullTarget | null = null): ReturnType<typeof streamsOf> =>
  new Map([['gate', { mode: 'on-demand', inForce, candidate }]]);
const reloads = ({ mediaMtx }: Rig): number => mediaMtx.log().match(/\(file changed\)/g)?.length ?? 0;

async function sourceOf({ mediaMtx }: Rig): Promise<string> {
  const reply = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/gate`);
  return ((await reply.json()) as { source: string }).source;
}

async function moves(watch: StreamWatch<Played>, count = 30): Promise<void> {
  const before = watch.items.length;
  await until(() => watch.ended || watch.items.length > before + count);
}

async function relayed({ relay }: Rig): Promise<number | null> {
  return (await relay.states())?.get('gate')?.revision ?? null;
}

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('cameras that the relay brings'))(
  'a watched camera that the relay brings, on real MediaMTX',
  () => {
    test('goes through ten renewals, each proven through the relay, without a write and without its reader being dropped', async () => {
      const rig = await start();
      const { engine, relay, mediaMtx } = rig;
      await engine.apply(gate(rig.lease('gate', 1)));
      const watch = await rig.watch('gate');
      await moves(watch);
      await until(async () => (await mediaMtx.config()).includes('"gate"'));
      const [text, seen] = [await mediaMtx.config(), reloads(rig)];
      let most = 0;
      for (let revision = 2; revision < 12; revision++) {
        const [before, next] = [rig.lease('gate', revision - 1), rig.lease('gate', revision)];
        expect(engine.swapsUnnoticed({ id: 'gate', mode: 'on-demand' }, null, null)).toBe(true);
        await engine.apply(gate(before, next));
        const proof = await engine.prove('gate', next);
        most = Math.max(most, rig.origin.pulls());
        expect([proof.tracks.video.codec, proof.picture !== null]).toEqual(['H264', true]);
        const report = await engine.apply(gate(next));
        expect(report).toEqual({
          ...{ changed: [], by: 'none', refused: [] },
          moved: [{ cameraId: 'gate', revision, how: 'relay' }],
        });
        await until(async () => (await relayed(rig)) === revision);
        await moves(watch);
      }
      expect([watch.ended, most, reloads(rig), await mediaMtx.config()]).toEqual([false, 2, seen, text]);
      expect(await rig.state('gate')).toMatchObject({
        ...{ revision: 11, flow: 'flowing', carrier: 'relay', reason: null, viewers: 1 },
        bytesReceived: expect.any(Number) as number,
      });
      const logged = mediaMtx.log() + rig.warnings.join('');
      expect(logged).not.toMatch(/relay-secret|expire=/);
      // The proofs made the camera's slate.
      await until(() => relay.slates.has('gate'));
      expect(relay.slates.get('gate')?.map(([head = 0]) => head & 0x1f)).toEqual([7, 8, 5]);
    }, 120_000);

    test('keeps its reader when the lease ends, by its slate, and plays the next one', async () => {
      const rig = await start();
      const { engine, relay } = rig;
      const first = rig.lease('gate', 1);
      await engine.apply(gate(first));
      await engine.prove('gate', first);
      await until(() => relay.slates.has('gate'));
      const watch = await rig.watch('gate');
      await moves(watch);
      expect(await engine.apply(gate(null))).toMatchObject({ by: 'none', refused: [] });
      rig.origin.cut(() => true);
      await until(async () => (await rig.state('gate'))?.flow === 'stopped');
      await moves(watch, 5);
      expect(await rig.state('gate')).toMatchObject({ revision: null, reason: 'no-address', viewers: 1 });
      await engine.apply(gate(rig.lease('gate', 2)));
      await until(async () => (await relayed(rig)) === 2);
      await moves(watch);
      expect([watch.ended, (await rig.state('gate'))?.flow]).toEqual([false, 'flowing']);
    }, 60_000);

    test('is pulled by MediaMTX while the relay has a problem, and by the relay again once nobody watches', async () => {
      const rig = await start();
      const { engine, relay } = rig;
      const first = rig.lease('gate', 1);
      await engine.apply(gate(first));
      relay.fail('Its workers died five times in a minute.');
      await until(async () => (await sourceOf(rig)).startsWith('rtmp:'));
      const watch = await rig.watch('gate');
      await moves(watch);
      relay.fail(null);
      await engine.apply(gate(first));
      expect([await sourceOf(rig), engine.swapsUnnoticed({ id: 'gate', mode: 'on-demand' }, null, null)]).toEqual([
        expect.stringContaining('rtmp:'),
        false,
      ]);
      await moves(watch);
      expect(watch.ended).toBe(false);
      await watch.stop();
      await until(async () => (await sourceOf(rig)).startsWith('rtsp:'), 20_000);
    }, 60_000);

    test('that was watched by a line to the cloud goes over with its next lease', async () => {
      const rig = await start({ relay: null });
      await rig.engine.apply(gate(rig.lease('gate', 1)));
      const watch = await rig.watch('gate');
      await moves(watch);
      const engine = await rig.restartEngine({ relay: rig.relay });
      expect(await engine.apply(gate(rig.lease('gate', 1)))).toMatchObject({ by: 'none' });
      await moves(watch);
      expect([watch.ended, engine.status().waitForRelay]).toEqual([false, 1]);
      const next = rig.lease('gate', 2);
      expect(await engine.plan(gate(next))).toMatchObject([{ cameraId: 'gate', how: 'rebuild', viewers: 1 }]);
      const report = await engine.apply(gate(next));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'swap' }]);
      expect(await sourceOf(rig)).toMatch(/^rtsp:/);
      await moves(await rig.watch('gate'));
      expect([await relayed(rig), engine.status().waitForRelay]).toEqual([2, undefined]);
    }, 60_000);

    test('is proven by bytes that move where nothing here can decode', async () => {
      const rig = await start({ prover: null, makeSlate: null });
      const [first, next] = [rig.lease('gate', 1), rig.lease('gate', 2)];
      await rig.engine.apply(gate(first));
      const watch = await rig.watch('gate');
      await moves(watch);
      const proof = await rig.engine.prove('gate', next);
      expect([proof.tracks.video.codec, proof.picture, rig.origin.pulls()]).toEqual(['H264', null, 2]);
      await rig.engine.apply(gate(next));
      await until(async () => (await relayed(rig)) === 2);
      expect(watch.ended).toBe(false);
    }, 60_000);

    test('and shows nothing is starting, though whoever waits by HLS is in no list, and its pulls are counted', async () => {
      const rig = await start();
      const { engine, mediaMtx } = rig;
      const silent = rig.lease('gate', 1, { play: 'nothing', sound: 'none' });
      await engine.apply(gate(silent));
      const stop = new AbortController();
      const waiting = fetch(`${mediaMtx.hlsUrl}/gate/index.m3u8`, { signal: stop.signal }).catch(() => null);
      await until(async () => (await rig.state('gate'))?.flow === 'starting');
      expect(await rig.state('gate')).toMatchObject({ flow: 'starting', viewers: 0 });
      const pulls = new SilentPulls(() => undefined);
      const camera = aCamera({
        id: 'gate',
        lease: aLease({ url: silent.url, expiresAt: new Date('2100-01-01T00:00:00Z') }),
      });
      const look = async (nowMs: number): Promise<void> =>
        pulls.see(camera, (await rig.state('gate')) ?? null, systemClock.now(), nowMs);
      for (const nowMs of [0, 15_000, 31_000]) await look(nowMs);
      expect(pulls.has('gate')).toBe(true);
      stop.abort();
      await waiting;
    }, 60_000);
  },
);
