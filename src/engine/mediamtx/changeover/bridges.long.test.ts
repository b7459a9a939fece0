import { afterEach, describe, expect, test, onTestFinished } from 'vitest';
import { startAuthEndpoint } from '../../../../test/support/engine/authEndpoint.js';
import { mediaMtxProgram, until } from '../../../../test/support/engine/mediamtx.js';
import { carried, startMediaMtxRig, type MediaMtxRig } from '../../../../test/support/engine/mediamtxRig.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';
import { playStream, type Played, type StreamWatch } from '../../../../test/support/viewers/streamWatch.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';

const gate = (lease: PullTarget | null): DesiredStreams => carried('gate', lease, null, 'on-demand');

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('bridges of on-demand cameras on MediaMTX'))(
  'an on-demand camera on real MediaMTX that is watched while its lease changes',
  { timeout: 90_000 },
  () => {
    let rig: MediaMtxRig | null = null;
    const viewers: StreamWatch<Played>[] = [];
    afterEach(async () => {
      for (const viewer of viewers.splice(0)) await viewer.stop();
      await rig?.stop();
      rig = null;
    }, 30_000);

    /** Somebody watches the camera's first lease. */
    async function watched(): Promise<{ readonly begun: MediaMtxRig; readonly first: StreamWatch<Played> }> {
      const begun = await startMediaMtxRig();
      rig = begun;
      await begun.engine.apply(gate(begun.lease('gate', 1)));
      return { begun, first: await watch(begun) };
    }

    async function watch({ mediaMtx }: MediaMtxRig): Promise<StreamWatch<Played>> {
      const viewer = await playStream(`rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/gate`);
      viewers.push(viewer);
      await until(() => viewer.items.length > 5);
      return viewer;
    }

    const leave = async (): Promise<void> => {
      for (const viewer of viewers.splice(0)) await viewer.stop();
    };

    /** What the camera's public path pulls: `cloud`, or the revision of the feeder. */
    async function pulls({ mediaMtx }: MediaMtxRig): Promise<string | undefined> {
      const reply = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/gate`);
      const { source } = (await reply.json()) as { source: string };
      return source.startsWith('rtmp:') ? 'cloud' : /_lease\/gate\/(\d+)$/.exec(source)?.[1];
    }

    test('finds its new lease warm: the feeder runs before anybody is dropped, and whoever comes back has a picture at once', async () => {
      const { begun, first } = await watched();
      const { engine, lease, names, state, path } = begun;
      const warm = { isAvailable: false };
      const change = engine.apply(gate(lease('gate', 2)));
      await until(async () => {
        warm.isAvailable ||= ((await path('_lease/gate/2'))?.tracks.length ?? 0) > 0;
        return first.ended;
      });
      expect(warm.isAvailable).toBe(true);
      const report = await change;
      expect(report).toMatchObject({ changed: ['gate'], moved: [{ cameraId: 'gate', revision: 2, how: 'swap' }] });
      expect(report.moved).toHaveLength(1);
      expect(await pulls(begun)).toBe('2');
      expect(await names()).toEqual(['_lease/gate/2', 'gate']);
      await watch(begun);
      // It flows when its bytes were seen to grow.
      await until(async () => (await state('gate'))?.flow === 'flowing');
      expect(await state('gate')).toMatchObject({ revision: 2, flow: 'flowing', viewers: 1 });
    });

    test('has a new HLS list at once when somebody watched by HLS, although his player has not asked for it yet', async () => {
      const { begun } = await watched();
      const { engine, lease, mediaMtx } = begun;
      const muxerSince = async (): Promise<string | undefined> => {
        const reply = await fetch(`${mediaMtx.apiUrl}/v3/hlsmuxers/get/gate`);
        return reply.ok ? ((await reply.json()) as { created: string }).created : undefined;
      };
      expect((await fetch(engine.links('gate', '').hlsUrl)).status).toBe(200);
      const first = await muxerSince();
      expect(first).toBeDefined();
      await until(async () => (await engine.viewers())?.get('gate') === 2);
      await engine.apply(gate(lease('gate', 2)));
      await until(async () => ![undefined, first].includes(await muxerSince()), 3_000);
      // camlease's own read of the list does not count as a viewer.
      await until(async () => ((await engine.viewers())?.get('gate') ?? 0) === 0);
    });

    test('pulls the cloud again once nobody watches, and goes from feeder to feeder while somebody does', async () => {
      const { begun } = await watched();
      const { engine, lease, names, state } = begun;
      await engine.apply(gate(lease('gate', 2)));
      const second = await watch(begun);
      const report = await engine.apply(gate(lease('gate', 3)));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 3, how: 'swap' }]);
      expect(second.ended).toBe(true);
      expect(await names()).toEqual(['_lease/gate/3', 'gate']);
      const third = await watch(begun);
      const count = third.items.length;
      await until(() => third.items.length > count + 180, 20_000);
      expect(third.ended).toBe(false);
      expect(await pulls(begun)).toBe('3');
      await leave();
      await until(async () => (await pulls(begun)) === 'cloud', 30_000);
      await until(async () => (await names()).length === 1);
      expect(await state('gate')).toMatchObject({ revision: 3, flow: 'idle', viewers: 0 });
    });

    test('stays as it is while camlease is started anew, and is gone when its lease ends', async () => {
      const { begun } = await watched();
      const { engine, lease, names, restartEngine, state } = begun;
      await engine.apply(gate(lease('gate', 2)));
      const viewer = await watch(begun);
      const next = await restartEngine();
      expect(await next.apply(gate(lease('gate', 2)))).toEqual({ changed: [], by: 'none', refused: [] });
      const count = viewer.items.length;
      await until(() => viewer.items.length > count + 60);
      expect(viewer.ended).toBe(false);
      // It flows when its bytes were seen to grow.
      await until(async () => (await state('gate'))?.flow === 'flowing');
      expect(await state('gate')).toMatchObject({ revision: 2, flow: 'flowing', viewers: 1 });
      await next.apply(gate({ ...lease('gate', 2), endsAt: new Date(Date.now() - 1) }));
      expect(await names()).toEqual([]);
      await until(() => viewer.ended);
    });

    test('pulls the cloud itself as soon as its feeder shows nothing', async () => {
      const { begun } = await watched();
      const { engine, lease, origin, names } = begun;
      await engine.apply(gate(lease('gate', 2)));
      await watch(begun);
      await origin.stop();
      await until(async () => (await pulls(begun)) === 'cloud', 20_000);
      await until(async () => (await names()).length === 1);
    });

    test('is swapped at once when nobody watches, by one change', async () => {
      const { begun } = await watched();
      const { engine, lease, names } = begun;
      await leave();
      await until(async () => (await engine.viewers())?.get('gate') === undefined);
      const report = await engine.apply(gate(lease('gate', 2)));
      expect(report).toEqual({
        changed: ['gate'],
        by: 'api',
        moved: [{ cameraId: 'gate', revision: 2, how: 'swap' }],
        refused: [],
      });
      expect(await pulls(begun)).toBe('cloud');
      expect(await names()).toEqual(['gate']);
    });

    test.each([
      ['RTSP is off', (text: string) => text.replace('rtsp: yes', 'rtsp: no')],
      [
        'MediaMTX may not read itself',
        (text: string, settings: string) => text.replace('authMethod: internal\n', settings),
      ],
    ])('is swapped as it is when %s', async (_why, change) => {
      const endpoint = await startAuthEndpoint(({ action, path }) => action !== 'read' || !path.startsWith('_'));
      onTestFinished(() => endpoint.stop());
      const config = (text: string): string => change(text, endpoint.settings);
      const begun = await startMediaMtxRig({ config });
      rig = begun;
      const { engine, lease } = begun;
      await engine.apply(gate(lease('gate', 1)));
      expect((await fetch(engine.links('gate', '').hlsUrl)).status).toBe(200);
      const report = await engine.apply(gate(lease('gate', 2)));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'swap' }]);
      expect(await pulls(begun)).toBe('cloud');
      expect(await begun.names()).toEqual(['gate']);
    });

    test('takes its new lease over all the same when that shows nothing in time', async () => {
      const { begun } = await watched();
      const { engine, lease, names } = begun;
      const report = await engine.apply(gate(lease('gate', 2, { play: 'nothing', sound: 'none' })));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'swap' }]);
      expect(await pulls(begun)).toBe('cloud');
      expect(await names()).toEqual(['gate']);
    });
  },
);
