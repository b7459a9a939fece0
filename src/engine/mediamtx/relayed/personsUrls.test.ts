import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  pathNames,
  until,
  type TestMediaMtx,
} from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor } from '../../../../test/support/engine/mediamtxEngine.js';
import { FakeRelay, FAKE_RELAY_HOST } from '../../../../test/support/relay/fakeRelay.js';
import { CAMERA_MODES, type CameraMode } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaEngine } from '../../mediaEngine.js';
import type { MediaMtxEngineOptions } from '../mediaMtxEngine.js';

const HOST = 'yard.cameras.invalid';
const SECRET = 'geheim99';

interface Rig {
  readonly mediaMtx: TestMediaMtx;
  readonly relay: FakeRelay;
  /** Ends the engine that runs, and starts another on the same MediaMTX. */
  readonly restart: (more?: Partial<MediaMtxEngineOptions>) => Promise<MediaEngine>;
}

async function rig(): Promise<Rig> {
  const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
  onTestFinished(() => mediaMtx.stop());
  await mediaMtx.start();
  const relay = new FakeRelay();
  let running: MediaEngine | null = null;
  onTestFinished(() => running?.stop());
  const restart = async (more: Partial<MediaMtxEngineOptions> = {}): Promise<MediaEngine> => {
    await running?.stop();
    running = await engineFor(mediaMtx, { relay, ...more });
    await running.start();
    return running;
  };
  return { mediaMtx, relay, restart };
}

/** A camera in each mode, by RTSP and by RTMP. */
function yards(revision: number, modeOf = (mode: CameraMode): CameraMode => mode): DesiredStreams {
  return new Map(
    CAMERA_MODES.flatMap((mode) =>
      [`rtsp://admin:${SECRET}@${HOST}/ch/${revision}`, `rtmp://${HOST}/live/${SECRET}${revision}`].map((url, at) => {
        const inForce = aTarget({ url, givenBy: 'person', revision, endsAt: null });
        return [`${mode}-${at}`, { mode: modeOf(mode), inForce, candidate: null }] as const;
      }),
    ),
  );
}

/** Whatever MediaMTX knows of paths, and each file beside it. */
async function everything(mediaMtx: TestMediaMtx): Promise<string> {
  const { apiUrl, folder } = mediaMtx;
  const [config, paths] = await Promise.all(
    ['config/paths', 'paths'].map(async (what) => (await fetch(`${apiUrl}/v3/${what}/list?itemsPerPage=1000`)).text()),
  );
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
  return [config, paths, mediaMtx.log(), ...texts].join('\n');
}

async function holdsNoUrl(mediaMtx: TestMediaMtx): Promise<void> {
  const all = await everything(mediaMtx);
  expect(all).toContain('apiAddress');
  for (const secret of [HOST, SECRET]) expect(all.includes(secret), secret).toBe(false);
}

async function lineOf({ apiUrl }: TestMediaMtx, name: string): Promise<unknown> {
  return (await fetch(`${apiUrl}/v3/config/paths/get/${name}`)).json();
}

const names = [...yards(1).keys()].sort();

describe.skipIf(mediaMtxProgram === null)('a URL that a person gave never reaches the real MediaMTX', () => {
  test('with a relay: each mode has one line that reads the relay, whatever the URL and the mode become', async () => {
    const { mediaMtx, relay, restart } = await rig();
    const engine = await restart();
    expect(await engine.apply(yards(1))).toMatchObject({ refused: [] });
    for (const name of names) {
      const sourceOnDemand = /^(on-demand|direct)/.test(name);
      expect(await lineOf(mediaMtx, name)).toMatchObject({
        source: `rtsp://${FAKE_RELAY_HOST}/${name}`,
        sourceOnDemand,
      });
      expect(engine.readerUrl?.(name)).toBe(relay.sourceFor(name));
    }
    expect(engine.readerUrl?.('no-such-camera')).toBeNull();
    expect([...relay.now].map(([name, { target }]) => [name, target?.givenBy, target?.url.includes(SECRET)])).toEqual(
      [...yards(1).keys()].map((name) => [name, 'person', true]),
    );
    await holdsNoUrl(mediaMtx);

    const text = await mediaMtx.config();
    const moved = await engine.apply(yards(2));
    expect(moved).toMatchObject({ by: 'none', refused: [] });
    expect(moved.moved).toEqual([...yards(2).keys()].map((cameraId) => ({ cameraId, revision: 2, how: 'relay' })));
    expect(await mediaMtx.config()).toBe(text);

    for (const mode of CAMERA_MODES) {
      expect(await engine.apply(yards(3, () => mode))).toMatchObject({ refused: [] });
      expect(await pathNames(mediaMtx)).toEqual(names);
      await holdsNoUrl(mediaMtx);
    }
  }, 60_000);

  test('a relay that the cameras drive mad, or that goes away and comes back, does not change that', async () => {
    const { mediaMtx, relay, restart } = await rig();
    const engine = await restart();
    await engine.apply(yards(1));
    // Two pulls in a row that the relay did not understand: a cloud's camera would be pulled by MediaMTX from now on.
    for (const name of names) relay.reads(name, { state: 'dark', protocolFailures: 2, reason: 'protocol' });
    await engine.states();
    expect(await engine.apply(yards(2))).toMatchObject({ refused: [] });
    await holdsNoUrl(mediaMtx);

    relay.fail('Its workers died five times in a minute.');
    await until(async () => (await pathNames(mediaMtx)).length === 0);
    expect(engine.readerUrl?.(names[0] ?? '')).toBeNull();
    const { refused } = await engine.apply(yards(2));
    expect(refused.map(({ cameraId, code }) => [cameraId, code])).toEqual(
      [...yards(1).keys()].map((name) => [name, 'ENGINE_NO_RELAY']),
    );
    expect(refused[0]?.cure).toContain('/ready');
    expect(engine.status().problem).toMatch(/died five times.*Cameras with an address of their own are not served/);
    expect(await engine.apply(yards(3))).toMatchObject({ refused });
    await holdsNoUrl(mediaMtx);

    relay.recover();
    await until(async () => (await pathNames(mediaMtx)).length === names.length);
    expect(await engine.apply(yards(3))).toMatchObject({ refused: [] });
    await holdsNoUrl(mediaMtx);
  }, 60_000);

  test('without a relay the lines go, and each camera says why; a direct line of an older camlease goes over at once', async () => {
    const { mediaMtx, restart } = await rig();
    await (await restart()).apply(yards(1));
    const without = await restart({ relay: null });
    const { refused } = await without.apply(yards(1));
    expect([refused.length, new Set(refused.map(({ code }) => code))]).toEqual([
      names.length,
      new Set(['ENGINE_NO_RELAY']),
    ]);
    expect(await pathNames(mediaMtx)).toEqual([]);
    await holdsNoUrl(mediaMtx);
    // An older camlease took such a camera for one of a cloud, and wrote its RTMP URL into MediaMTX's file.
    const older = new Map([['direct-1', { mode: 'direct', inForce: aTarget(), candidate: null }]] as const);
    await without.apply(older);
    expect(await lineOf(mediaMtx, 'direct-1')).toMatchObject({ source: expect.stringContaining('rtmp://') as string });
    const next = await restart();
    await next.apply(yards(1));
    expect(await lineOf(mediaMtx, 'direct-1')).toMatchObject({ source: `rtsp://${FAKE_RELAY_HOST}/direct-1` });
    await holdsNoUrl(mediaMtx);
  }, 60_000);
});
