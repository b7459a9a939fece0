import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PullTarget } from '../../src/core/streams/pullTarget.js';
import { CameraError } from '../../src/core/errors.js';
import type { DesiredStreams } from '../../src/core/streams/streams.js';
import type { MediaEngine } from '../../src/engine/mediaEngine.js';

/** One engine with whatever it needs around it. */
export interface EngineUnderTest {
  /** Not started. */
  readonly engine: MediaEngine;
  /** A relay brings on-demand cameras: their addresses outlive their leases, and a new lease is none of a change. Absent: none does. */
  readonly isRelayed?: boolean;
  /** A living lease whose URL shows a camera, opens and shows nothing, or is refused. */
  lease(cameraId: string, revision: number, plays: 'camera' | 'nothing' | 'refused'): PullTarget;
  /** Somebody begins to watch; resolves when the engine may count him. The returned function makes him leave at once. */
  watch(cameraId: string): Promise<() => Promise<void>>;
  /** The engine loses all that it was told, as by a crash; resolves when it has begun to work again. */
  loseEverything(): Promise<void>;
  /** Stops everything around the engine; the suite stops the engine. */
  close(): Promise<void>;
}

/** What every `MediaEngine` keeps to. */
export function mediaEngineContract(name: string, make: () => Promise<EngineUnderTest>, timeoutMs = 60_000): void {
  describe(`${name} keeps the contract of a media engine`, { timeout: timeoutMs }, () => {
    let under: EngineUnderTest;
    let engine: MediaEngine;

    beforeEach(async () => {
      under = await make();
      engine = under.engine;
      await engine.start();
    }, timeoutMs);

    afterEach(async () => {
      await engine.stop();
      await under.close();
    }, timeoutMs);

    const streams = (leases: Readonly<Record<string, PullTarget | null>>): DesiredStreams =>
      new Map(Object.entries(leases).map(([id, inForce]) => [id, { mode: 'on-demand', inForce, candidate: null }]));
    const camera = (id: string, revision = 1): PullTarget => under.lease(id, revision, 'camera');
    const viewersOf = async (id: string): Promise<number> => (await engine.viewers())?.get(id) ?? 0;
    const revisionOf = async (id: string): Promise<number | null> => (await engine.states()).get(id)?.revision ?? null;

    test('it is ready after its start', () => {
      expect(engine.status()).toMatchObject({ ready: true, problem: null });
    });

    test('it serves what it is told, names what changed, and has nothing to do when told again', async () => {
      const wanted = streams({ gate: camera('gate'), yard: camera('yard', 3) });
      const first = await engine.apply(wanted);
      expect([...first.changed].sort()).toEqual(['gate', 'yard']);
      expect(first.by).not.toBe('none');
      expect(await revisionOf('gate')).toBe(1);
      expect(await revisionOf('yard')).toBe(3);
      expect(await engine.apply(wanted)).toEqual({ changed: [], by: 'none', refused: [] });
    });

    test('many cameras at once are served', async () => {
      const ids = Array.from({ length: 12 }, (_, n) => `cam${n}`);
      const report = await engine.apply(streams(Object.fromEntries(ids.map((id) => [id, camera(id)]))));
      expect([...report.changed].sort()).toEqual([...ids].sort());
      const states = await engine.states();
      expect(ids.map((id) => states.get(id)?.revision)).toEqual(ids.map(() => 1));
    });

    test('a new lease takes the place of the old one, and of that camera alone', async () => {
      await engine.apply(streams({ gate: camera('gate'), yard: camera('yard') }));
      const report = await engine.apply(streams({ gate: camera('gate', 2), yard: camera('yard') }));
      const { changed, moved = [] } = report;
      expect(under.isRelayed === true ? moved : changed.map((cameraId) => ({ cameraId }))).toMatchObject([
        { cameraId: 'gate' },
      ]);
      expect(await revisionOf('gate')).toBe(2);
      expect(await revisionOf('yard')).toBe(1);
    });

    test('a camera that has no lease in force, or is not named any more, is not served', async () => {
      await engine.apply(streams({ gate: camera('gate'), yard: camera('yard') }));
      const report = await engine.apply(streams({ gate: null }));
      expect([...report.changed].sort()).toEqual(under.isRelayed === true ? ['yard'] : ['gate', 'yard']);
      expect(await revisionOf('gate')).toBeNull();
      expect(await revisionOf('yard')).toBeNull();
    });

    test('a camera that nobody watches is idle', async () => {
      await engine.apply(streams({ gate: camera('gate') }));
      expect((await engine.states()).get('gate')).toMatchObject({ flow: 'idle', viewers: 0 });
      expect(await viewersOf('gate')).toBe(0);
    });

    test('a viewer is counted on his camera until he leaves', async () => {
      await engine.apply(streams({ gate: camera('gate'), yard: camera('yard') }));
      const leave = await under.watch('gate');
      expect(await viewersOf('gate')).toBe(1);
      expect(await viewersOf('yard')).toBe(0);
      // Only two looks can tell that bytes move.
      await expect
        .poll(async () => (await engine.states()).get('gate'), { timeout: 15_000 })
        .toMatchObject({ flow: 'flowing', viewers: 1 });
      await leave();
      expect(await viewersOf('gate')).toBe(0);
    });

    test('a viewer stays while other cameras change', async () => {
      await engine.apply(streams({ gate: camera('gate') }));
      const leave = await under.watch('gate');
      const others = Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, camera(id)]));
      await engine.apply(streams({ gate: camera('gate'), ...others }));
      expect(await viewersOf('gate')).toBe(1);
      await leave();
    });

    test('a lease that shows a camera is proven', async () => {
      const proof = await engine.prove('gate', camera('gate'));
      const { video } = proof.tracks;
      expect(video.codec).toBe('H264');
      expect(video.width).toBeGreaterThan(0);
      expect(video.height).toBeGreaterThan(0);
    });

    test.each(['nothing', 'refused'] as const)(
      'a lease whose URL plays %s is not proven, and says why',
      async (plays) => {
        const thrown = await engine.prove('gate', under.lease('gate', 1, plays)).catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(CameraError);
        expect(thrown).toMatchObject({ code: expect.stringMatching(/^STREAM_/) as string });
        expect(String(thrown)).not.toMatch(/rtmps?:|\d+\.\d+\.\d+\.\d+/);
      },
    );

    test('proofs and writes do not get into each other’s way', async () => {
      const ids = ['a', 'b', 'c'];
      const proofs = ids.map((id) => engine.prove(id, camera(id, 2)));
      await engine.apply(streams({ gate: camera('gate') }));
      await engine.apply(streams({ gate: camera('gate'), yard: camera('yard'), hall: camera('hall') }));
      expect((await Promise.all(proofs)).map(({ tracks }) => tracks.video.codec)).toEqual(['H264', 'H264', 'H264']);
      expect(await revisionOf('gate')).toBe(1);
      expect([...(await engine.states()).keys()].sort()).toEqual(['gate', 'hall', 'yard']);
    });

    test('a proof that is not wanted any more ends at once', async () => {
      const stop = new AbortController();
      const proof = engine.prove('gate', under.lease('gate', 1, 'nothing'), stop.signal);
      stop.abort(new Error('not wanted'));
      await expect(proof).rejects.toThrow('not wanted');
    });

    test('its loss of everything is told, and the next apply serves again', async () => {
      const wanted = streams({ gate: camera('gate'), yard: camera('yard') });
      await engine.apply(wanted);
      const told = new Promise<void>((resolve) => engine.onReset(resolve));
      await under.loseEverything();
      await told;
      await engine.apply(wanted);
      expect(await revisionOf('gate')).toBe(1);
      expect(await revisionOf('yard')).toBe(1);
    });

    const alwaysOn = (id: string, inForce: PullTarget | null, candidate: PullTarget | null = null): DesiredStreams =>
      new Map([[id, { mode: 'always-on', inForce, candidate }]]);
    const stateOf = async (id: string) => (await engine.states()).get(id);
    const onAir = async (id: string, lease: PullTarget): Promise<void> => {
      await engine.apply(alwaysOn(id, lease));
      await expect
        .poll(() => stateOf(id), { timeout: 20_000 })
        .toMatchObject({ flow: 'flowing', revision: lease.revision });
    };

    test('an always-on camera is pulled though nobody watches', async () => {
      await onAir('gate', camera('gate'));
      expect(await stateOf('gate')).toMatchObject({ viewers: 0 });
      expect((await stateOf('gate'))?.carrier).toBeDefined();
    });

    test('a candidate is named beside the lease, proven, and takes over while somebody watches', async () => {
      await onAir('gate', camera('gate'));
      const leave = await under.watch('gate');
      await engine.apply(alwaysOn('gate', camera('gate'), camera('gate', 2)));
      expect(await revisionOf('gate')).toBe(1);
      const { tracks } = await engine.prove('gate', camera('gate', 2));
      expect(engine.swapsUnnoticed({ id: 'gate', mode: 'always-on' }, tracks, tracks)).toBe(true);
      const report = await engine.apply(alwaysOn('gate', camera('gate', 2)));
      expect(report.moved).toEqual([
        { cameraId: 'gate', revision: 2, how: expect.stringMatching(/^(forward|relay)$/) as string },
      ]);
      expect(await revisionOf('gate')).toBe(2);
      // Nobody came back: it is the session of before.
      expect(await viewersOf('gate')).toBe(1);
      await leave();
    });

    test('the lease in force of an always-on camera can be looked at', async () => {
      await onAir('gate', camera('gate'));
      expect((await engine.prove('gate', camera('gate'))).tracks.video.codec).toBe('H264');
    });

    test('an always-on camera whose lease ended stays, without a lease, and goes on with the next', async () => {
      await onAir('gate', camera('gate'));
      await engine.apply(alwaysOn('gate', null));
      expect(await revisionOf('gate')).toBeNull();
      await expect.poll(() => stateOf('gate'), { timeout: 10_000 }).toMatchObject({ flow: 'stopped' });
      await onAir('gate', camera('gate', 2));
    });

    test('a plan names what would happen to whom, and nothing happens', async () => {
      const now = streams({ gate: camera('gate'), yard: camera('yard') });
      await engine.apply(now);
      const planned = await engine.plan(
        streams({ gate: camera('gate', 2), yard: camera('yard'), hall: camera('hall') }),
      );
      expect(planned.map(({ cameraId }) => cameraId).sort()).toEqual(['gate', 'hall']);
      expect(planned.find(({ cameraId }) => cameraId === 'hall')).toMatchObject({ how: 'hot', viewers: 0 });
      expect(await revisionOf('gate')).toBe(1);
      expect(await engine.apply(now)).toEqual({ changed: [], by: 'none', refused: [] });
    });

    test('its links name the camera, and do not change with the lease', async () => {
      const before = engine.links('gate', 'http://127.0.0.1:4000');
      await engine.apply(streams({ gate: camera('gate', 7) }));
      const after = engine.links('gate', 'http://127.0.0.1:4000');
      expect([after.hlsUrl, after.webrtcUrl]).toEqual([before.hlsUrl, before.webrtcUrl]);
      expect(new URL(after.hlsUrl).pathname).toMatch(/gate\/index\.m3u8$/);
      expect(new URL(after.webrtcUrl).pathname).toMatch(/gate$/);
    });
  });
}
