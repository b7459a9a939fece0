import { mkdtemp } from 'node:fs/promises';
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
import { aTarget, engineFor, streamsOf, usersFor } from '../../../../test/support/engine/mediamtxEngine.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaEngine } from '../../mediaEngine.js';

interface Installation {
  readonly engine: MediaEngine;
  readonly warnings: string[];
}

async function aMediaMtx(): Promise<TestMediaMtx> {
  const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
  onTestFinished(() => mediaMtx.stop());
  await mediaMtx.start();
  return mediaMtx;
}

/** An installation with a data folder of its own. */
async function begin(mediaMtx: TestMediaMtx, configPath = mediaMtx.configPath): Promise<Installation> {
  const dataDir = await mkdtemp(join(mediaMtx.folder, 'data-'));
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  const users = await usersFor({ folder: dataDir });
  const engine = await engineFor(mediaMtx, { dataDir, configPath, users, log });
  await engine.start();
  onTestFinished(() => engine.stop());
  await until(() => engine.status().ready, 20_000);
  return { engine, warnings };
}

/** The same cameras for both installations, as if both used one account. */
const cameras = (revision: number): DesiredStreams => {
  const names = ['gate', 'yard', 'door', 'roof', 'hall'];
  const url = (at: number): string => `rtmp://127.0.0.1:9/v3/openlive/SIM${at}_1_1?expire=4102444800&id=${revision}`;
  return streamsOf(Object.fromEntries(names.map((name, at) => [name, aTarget({ revision, url: url(at) })])));
};

const said = ({ warnings }: Installation): number =>
  warnings.filter((line) => line.startsWith('Another installation of camlease')).length;
const isTold = ({ engine }: Installation): boolean =>
  engine.status().problem?.startsWith('Another installation of camlease') === true;
const reloads = (mediaMtx: TestMediaMtx): number => mediaMtx.log().match(/\(file changed\)/g)?.length ?? 0;

describe.skipIf(mediaMtxProgram === null)('two installations on one real MediaMTX', () => {
  test('that write the same file are both told, with the cure, and do not fight for ever', async () => {
    const mediaMtx = await aMediaMtx();
    const first = await begin(mediaMtx);
    await first.engine.apply(cameras(1));
    const second = await begin(mediaMtx);
    await second.engine.apply(cameras(2));
    await until(() => isTold(first) && isTold(second), 40_000);
    expect([first, second].map(said)).toEqual([1, 1]);
    expect(first.engine.status()).toMatchObject({ ready: true });
    expect(first.engine.status().problem).toContain('MONGODB_URI');
    // Each installation has repaired its lines once in this minute, so neither writes until it is over.
    await until(() => quietSeconds(mediaMtx) >= 15, 50_000);
  });

  test('of which one writes another file are both told', async () => {
    const mediaMtx = await aMediaMtx();
    const first = await begin(mediaMtx);
    await first.engine.apply(cameras(1));
    const second = await begin(mediaMtx, join(mediaMtx.folder, 'other.yml'));
    await second.engine.apply(streamsOf({ shed: aTarget() }));
    await until(() => isTold(first) && isTold(second), 40_000);
    expect([first, second].map(said)).toEqual([1, 1]);
  });

  test('one after the other, the second takes the place of the first and nobody is told', async () => {
    const mediaMtx = await aMediaMtx();
    const first = await begin(mediaMtx);
    await first.engine.apply(cameras(1));
    await first.engine.stop();
    const second = await begin(mediaMtx);
    await second.engine.apply(streamsOf({ shed: aTarget() }));
    await until(async () => (await pathNames(mediaMtx)).includes('shed'));
    expect(isTold(second)).toBe(false);
  });
});

const lastReloads = new WeakMap<TestMediaMtx, { count: number; atMs: number }>();

/** For how many seconds MediaMTX has not reloaded its file. */
function quietSeconds(mediaMtx: TestMediaMtx): number {
  const count = reloads(mediaMtx);
  const last = lastReloads.get(mediaMtx);
  if (last?.count !== count) lastReloads.set(mediaMtx, { count, atMs: performance.now() });
  return (performance.now() - (lastReloads.get(mediaMtx)?.atMs ?? 0)) / 1000;
}
