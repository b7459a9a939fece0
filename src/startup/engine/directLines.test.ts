import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  type TestMediaMtx,
} from '../../../test/support/engine/mediamtx.js';
import { aLease } from '../../../test/support/builders.js';
import { aTarget, engineFor, usersFor } from '../../../test/support/engine/mediamtxEngine.js';
import { packageRoot } from '../../../test/support/installation/programs.js';
import { FakeRelay } from '../../../test/support/relay/fakeRelay.js';
import { readConfig } from '../../config/config.js';
import type { Camera, CameraMode } from '../../core/camera/camera.js';
import { desiredStreams } from '../../core/streams/streams.js';
import { createLog } from '../../observe/logger.js';
import { createRedactor } from '../../observe/redact.js';
import { createStore } from '../../store/opening/createStore.js';
import { systemClock } from '../../systemClock.js';
import { createDirectLines } from './directLines.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

const clock = systemClock;
const tracks = { video: { codec: 'H264', width: 1280, height: 720 }, audio: null };

/** An installation that camlease left with a relay: its on-demand and seamless cameras read from the relay. */
async function leftWithRelay(): Promise<TestMediaMtx> {
  const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
  onTestFinished(() => mediaMtx.stop());
  await mediaMtx.start();
  const log = { warn: () => undefined };
  const { folder: dataDir } = mediaMtx;
  const store = createStore({
    mongodbUri: null,
    dataDir,
    vendors: vendorsWith('127.0.0.1'),
    clock,
    random: Math.random,
    log,
  });
  await store.open();
  const modes: Readonly<Record<string, CameraMode>> = {
    gate: 'on-demand',
    yard: 'on-demand',
    shop: 'direct',
    till: 'seamless',
  };
  const cameras: Camera[] = [];
  for (const [id, mode] of Object.entries(modes)) {
    const source = {
      kind: 'cloud',
      vendor: 'hikconnect',
      account: null,
      deviceSerial: `SIM${id}`,
      channel: 1,
      resourceId: `R${id}`,
    } as const;
    cameras.push(
      await store.create(
        {
          id,
          name: id,
          source,
          mode,
          lease: aLease({ tracks, url: aTarget().url, expiresAt: new Date('2100-01-01T00:00:00Z') }),
        },
        clock.now(),
      ),
    );
  }
  const engine = await engineFor(mediaMtx, { relay: new FakeRelay(), users: await usersFor(mediaMtx) });
  await engine.start();
  await engine.apply(desiredStreams(cameras, clock.now()));
  await engine.settle?.();
  await engine.stop();
  await store.close();
  return mediaMtx;
}

function directLines({ folder, apiUrl, configPath }: TestMediaMtx): ReturnType<typeof createDirectLines> {
  const env = { DATA_DIR: folder, MEDIAMTX_API_URL: apiUrl, MEDIAMTX_CONFIG_PATH: configPath, ENGINE: 'mediamtx' };
  const { config, mistakes } = readConfig(env, null);
  if (!config) throw new Error(mistakes.join(' '));
  const redactor = createRedactor();
  const log = createLog({ level: 'silent', redactor, readable: false, write: () => undefined });
  const parts = { clock, random: Math.random, log, redactor, environment: {}, pid: process.pid };
  const made = createDirectLines(
    { ...config, cloudExtraHosts: ['127.0.0.1'] },
    { ...parts, packageRoot: packageRoot() },
  );
  onTestFinished(() => made.stop());
  return made;
}

describe.skipIf(mediaMtxProgram === null)('lines for an older camlease, on real MediaMTX', () => {
  it('stand in its file and in MediaMTX, and an engine without a relay has nothing to change', async () => {
    const mediaMtx = await leftWithRelay();
    const before = await mediaMtx.config();
    expect(before.match(/"(gate|yard|till)": \{"source": "rtsp:/g)).toHaveLength(3);
    const made = directLines(mediaMtx);
    expect(await made.start()).toBe('MediaMTX pulls all cameras itself now; 3 lines were changed.');
    await made.stop();
    const after = await mediaMtx.config();
    expect(after.match(/"(gate|yard|shop)": \{"source": "rtmp:/g)).toHaveLength(3);
    expect(after).toMatch(
      /"till": \{"source": "publisher"[^]*"_lease\/till\/1": \{"source": "rtmp:|"_lease\/till\/1": \{"source": "rtmp:[^]*"till": \{"source": "publisher"/,
    );
    const others = (text: string): string => text.replace(/ {2}"(_camlease|_lease|gate|yard|shop|till).*(\n|$)/g, '');
    expect(others(after)).toBe(others(before));
    expect(existsSync(path.join(mediaMtx.folder, 'relay'))).toBe(false);
    const older = await engineFor(mediaMtx);
    await older.start();
    const streams = new Map(
      ['gate', 'yard', 'shop', 'till'].map((id) => {
        const mode: CameraMode = id === 'till' ? 'seamless' : 'direct';
        return [id, { mode, inForce: aTarget({ tracks }), candidate: null }] as const;
      }),
    );
    expect(await older.apply(streams)).toEqual({ changed: [], by: 'none', refused: [] });
    await older.stop();
  });

  it('are not written while camlease runs, or MediaMTX does not', async () => {
    const mediaMtx = await leftWithRelay();
    const first = directLines(mediaMtx);
    await first.start();
    await expect(directLines(mediaMtx).start()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await first.stop();
    await mediaMtx.kill();
    await expect(directLines(mediaMtx).start()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  });
});
