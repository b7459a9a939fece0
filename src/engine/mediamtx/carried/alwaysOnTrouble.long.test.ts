import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, onTestFinished } from 'vitest';
import { startAuthEndpoint } from '../../../../test/support/engine/authEndpoint.js';
import { mediaMtxProgram, until } from '../../../../test/support/engine/mediamtx.js';
import {
  carried,
  startMediaMtxRig,
  type MediaMtxRig,
  type RigOptions,
} from '../../../../test/support/engine/mediamtxRig.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('always-on cameras in trouble'))(
  'an always-on camera on real MediaMTX, when something goes wrong',
  { timeout: 90_000 },
  () => {
    let rig: MediaMtxRig | null = null;
    afterEach(async () => {
      await rig?.stop();
      rig = null;
    }, 30_000);

    async function begin(options: RigOptions = {}): Promise<MediaMtxRig> {
      rig = await startMediaMtxRig(options);
      return rig;
    }

    async function onAir(options: RigOptions = {}): Promise<MediaMtxRig> {
      const begun = await begin(options);
      await begun.engine.apply(carried('gate', begun.lease('gate', 1)));
      await begun.onAir('gate');
      return begun;
    }

    const isOnline = async (): Promise<boolean> => (await rig?.path('gate'))?.online === true;

    test('slates that somebody removed are made anew before anything is written', async () => {
      const { engine, lease, mediaMtx, warnings, names } = await onAir();
      await rm(join(mediaMtx.folder, 'slates'), { recursive: true });
      const others = ['a', 'b', 'c'].flatMap((id) => [...carried(id, lease(id, 1), null, 'on-demand')]);
      await engine.apply(new Map([...carried('gate', lease('gate', 1)), ...others]));
      expect(warnings.join('\n')).toContain('a slate was missing, so camlease made it again');
      await engine.apply(carried('gate', lease('gate', 2)));
      await until(isOnline);
      expect(await names()).toEqual(['_lease/gate/2', 'gate']);
    });

    test('slates that were removed while MediaMTX was away are there before it reads its file', async () => {
      const { mediaMtx, lease, restartEngine } = await onAir();
      await until(async () => (await mediaMtx.config()).includes('gate.h264.mp4'));
      await mediaMtx.kill();
      await rm(join(mediaMtx.folder, 'slates'), { recursive: true });
      const engine = await restartEngine();
      await mediaMtx.start();
      await until(isOnline);
      await until(() => engine.status().ready);
      await engine.apply(carried('gate', lease('gate', 1)));
      expect(engine.status().problem).toBeNull();
    });

    test('MediaMTX is killed while a candidate is looked at, and right after the handover', async () => {
      const { engine, lease, mediaMtx, names } = await onAir();
      const both = carried('gate', lease('gate', 1), lease('gate', 2));
      await engine.apply(both);
      await mediaMtx.kill();
      await expect(engine.prove('gate', lease('gate', 2))).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
      await mediaMtx.start();
      await until(isOnline, 20_000);
      await until(() => engine.status().ready);
      await engine.apply(both);
      await engine.prove('gate', lease('gate', 2));
      await engine.apply(carried('gate', lease('gate', 2)));
      await mediaMtx.kill();
      await mediaMtx.start();
      await until(isOnline, 20_000);
      await until(async () => (await names()).join() === '_lease/gate/2,gate');
    });

    test('a camlease that comes back leaves everything running, and goes on with the handover', async () => {
      const { lease, restartEngine, names, watch } = await onAir();
      await rig?.engine.apply(carried('gate', lease('gate', 1), lease('gate', 2)));
      const viewer = await watch('gate');
      const engine = await restartEngine();
      expect(await names()).toEqual(['_lease/gate/1', '_lease/gate/2', 'gate']);
      const report = await engine.apply(carried('gate', lease('gate', 2)));
      expect(report.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'forward' }]);
      await until(isOnline);
      expect(viewer.ended).toBe(false);
    });

    test('a MediaMTX that does not read our file gets the handover write by write, and that is said', async () => {
      const { engine, lease, watch, names } = await onAir({ otherFile: true });
      const viewer = await watch('gate');
      await engine.apply(carried('gate', lease('gate', 1), lease('gate', 2)));
      await engine.prove('gate', lease('gate', 2));
      const report = await engine.apply(carried('gate', lease('gate', 2)));
      expect(report).toMatchObject({ by: 'api', moved: [{ revision: 2, how: 'forward' }] });
      expect(await names()).toEqual(['_lease/gate/2', 'gate']);
      expect(engine.status().problem).toContain('freezes');
      const count = viewer.items.length;
      await until(() => viewer.items.length > count + 20);
      expect(viewer.ended).toBe(false);
    });

    test('a MediaMTX that cannot open slates gets the tracks declared, and so does one without anybody to make them', async () => {
      const noMp4 = Buffer.concat([Buffer.from([0, 0, 0, 16]), Buffer.from('ftypnonsense'), Buffer.alloc(100)]);
      const { mediaMtx, engine, restartEngine, lease } = await onAir({ engine: { makeSlate: async () => noMp4 } });
      expect(await mediaMtx.config()).toMatch(/"gate": \{.*"alwaysAvailableTracks": \[\{"codec": "H264"\}\]/);
      expect(engine.status().problem).toBeNull();
      const next = await restartEngine({ makeSlate: null, prover: null });
      await next.apply(carried('gate', lease('gate', 1), lease('gate', 2)));
      expect(await next.prove('gate', lease('gate', 2))).toMatchObject({
        tracks: { video: { codec: 'H264' }, audio: null },
        picture: null,
      });
      expect((await next.apply(carried('gate', lease('gate', 2)))).moved).toMatchObject([{ how: 'forward' }]);
      await until(isOnline);
    });

    test('without RTSP in MediaMTX it is refused with a cure, and other cameras are served', async () => {
      const { engine, lease, names } = await begin({ config: (text) => text.replace('rtsp: yes', 'rtsp: no') });
      const streams = new Map([
        ...carried('gate', lease('gate', 1)),
        ...carried('yard', lease('yard', 1), null, 'on-demand'),
      ]);
      const report = await engine.apply(streams);
      expect(report.refused).toMatchObject([{ cameraId: 'gate', cure: expect.stringContaining('rtsp') as string }]);
      expect(await names()).toEqual(['yard']);
    });

    test('a MediaMTX that does not let our user publish is told of with a cure', async () => {
      const endpoint = await startAuthEndpoint(({ action }) => action !== 'publish');
      onTestFinished(() => endpoint.stop());
      const { engine, lease, state } = await begin({
        config: (text) => text.replace('authMethod: internal\n', endpoint.settings),
      });
      await engine.apply(carried('gate', lease('gate', 1)));
      await until(() => engine.status().problem !== null, 30_000);
      // The feeder has pictures, but they do not reach the public path.
      expect((await state('gate'))?.flow).not.toBe('flowing');
      expect(engine.status().problem).toContain('authInternalUsers');
      expect(rig?.warnings.join()).toContain('authHTTPAddress');
    });
  },
);
