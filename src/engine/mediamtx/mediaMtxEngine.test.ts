import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  pathNames,
  until,
} from '../../../test/support/engine/mediamtx.js';
import { aTarget, streamsOf } from '../../../test/support/engine/mediamtxEngine.js';
import { engineOn, many, reloads, running, sourceOf } from '../../../test/support/engine/runningEngine.js';

const FOREIGN = `
  # the door, by hand
  door: # do not touch
    source: publisher
`;

describe.skipIf(mediaMtxProgram === null)('the engine on real MediaMTX', () => {
  test('is ready and tells the version', async () => {
    const { engine } = await running();
    expect(engine.status()).toMatchObject({ kind: 'mediamtx', version: 'v1.20.1', ready: true, problem: null });
  });

  test('two changes go by API, and reach the file a little later', async () => {
    const { mediaMtx, engine } = await running();
    const wanted = streamsOf({ a: aTarget(), b: aTarget({ revision: 2 }) });
    expect(await engine.apply(wanted)).toEqual({ changed: ['a', 'b'], by: 'api', refused: [] });
    expect(await pathNames(mediaMtx)).toEqual(['a', 'b']);
    expect(reloads(mediaMtx)).toBe(0);
    await until(() => reloads(mediaMtx) === 1);
    expect(await mediaMtx.config()).toContain('"b": {');
    expect(await pathNames(mediaMtx)).toEqual(['a', 'b']);
  });

  test('many changes go by one rewrite, and rewrites are at least 2 s apart', async () => {
    const { mediaMtx, engine } = await running();
    expect(await engine.apply(many(50))).toMatchObject({ by: 'file' });
    expect(await pathNames(mediaMtx)).toHaveLength(50);
    expect(reloads(mediaMtx)).toBe(1);
    // Only the first file's mark was requested before its path existed, which MediaMTX logs: ignore what it logged until here.
    const logged = mediaMtx.log().length;
    const begun = performance.now();
    expect((await engine.apply(many(50, 2))).changed).toHaveLength(50);
    expect(performance.now() - begun).toBeGreaterThan(1_000);
    expect(await sourceOf(mediaMtx, 'cam00049')).toContain('SIM2_1_1');
    expect(reloads(mediaMtx)).toBe(2);
    expect(mediaMtx.log().slice(logged)).not.toMatch(/ (?:ERR|WAR) /);
  });

  test('foreign paths and remarks stay, and a foreign path with the name of a camera is told, not overwritten', async () => {
    const { mediaMtx, engine } = await running((await mediaMtxTemplate()) + FOREIGN);
    const wanted = new Map([...many(5), ...streamsOf({ door: aTarget() })]);
    const report = await engine.apply(wanted);
    expect(report.changed).toHaveLength(5);
    const taken = [{ cameraId: 'door', code: 'PATH_TAKEN', cure: expect.stringContaining('Rename') as string }];
    expect(report.refused).toMatchObject(taken);
    // A refused camera is named again although nothing is written.
    expect(await engine.apply(wanted)).toMatchObject({ changed: [], by: 'none', refused: taken });
    expect(await sourceOf(mediaMtx, 'door')).toBe('publisher');
    await engine.apply(streamsOf({}));
    expect(await pathNames(mediaMtx)).toEqual(['door']);
    const lines = (await mediaMtx.config()).split('\n');
    const isOurs = (line: string): boolean => line.includes('"_camlease/file"') || line.includes('"camlease-');
    expect(lines.filter((line) => !isOurs(line)).join('\n')).toBe((await mediaMtxTemplate()) + FOREIGN);
  });

  test('a camlease that comes back leaves running paths alone until it is told what to serve', async () => {
    const { mediaMtx, engine } = await running();
    await engine.apply(many(5));
    await engine.stop();
    const next = await engineOn(mediaMtx);
    expect(await pathNames(mediaMtx)).toHaveLength(5);
    expect((await next.apply(many(5))).by).toBe('none');
    expect((await next.apply(many(3))).changed).toEqual(['cam00003', 'cam00004']);
  });

  test('a MediaMTX that is away is told plainly, and gets everything when it comes', async () => {
    const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    onTestFinished(() => mediaMtx.stop());
    const engine = await engineOn(mediaMtx);
    expect(engine.status()).toMatchObject({
      ready: false,
      problem: expect.stringContaining('does not answer') as string,
    });
    await expect(engine.apply(many(4))).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    await mediaMtx.start();
    await until(async () => (await pathNames(mediaMtx)).length === 4);
    expect(engine.status()).toMatchObject({ ready: true, problem: null });
  });

  test('the file and the list of our paths are for their owner alone, and the log of MediaMTX has no source', async () => {
    const { mediaMtx, engine } = await running();
    await engine.apply(many(4));
    const stored = JSON.parse(await readFile(join(mediaMtx.folder, 'mediamtx-paths.json'), 'utf8')) as {
      paths: string[];
    };
    expect(stored.paths).toHaveLength(4);
    expect(mediaMtx.log()).not.toContain('expire=');
  });
});
