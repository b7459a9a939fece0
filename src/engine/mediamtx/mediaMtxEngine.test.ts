import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  breakFile,
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  pathNames,
  until,
  type TestMediaMtx,
} from '../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf } from '../../../test/support/engine/mediamtxEngine.js';
import type { DesiredStreams, MediaEngine } from '../mediaEngine.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function running(text?: string): Promise<{ mediaMtx: TestMediaMtx; engine: MediaEngine }> {
  const mediaMtx = await makeMediaMtx(text ?? (await mediaMtxTemplate()));
  opened.push(() => mediaMtx.stop());
  await mediaMtx.start();
  return { mediaMtx, engine: await engineOn(mediaMtx) };
}

async function engineOn(mediaMtx: TestMediaMtx): Promise<MediaEngine> {
  const engine = await engineFor(mediaMtx);
  opened.push(() => engine.stop());
  await engine.start();
  return engine;
}

async function sourceOf({ apiUrl }: TestMediaMtx, name: string): Promise<string> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/get/${name}`);
  return ((await reply.json()) as { source: string }).source;
}

function many(count: number, revision = 1): DesiredStreams {
  const ids = Array.from({ length: count }, (_, n) => `cam${String(n).padStart(5, '0')}`);
  return streamsOf(Object.fromEntries(ids.map((id) => [id, aTarget({ revision })])));
}

const reloads = (mediaMtx: TestMediaMtx): number => mediaMtx.log().match(/\(file changed\)/g)?.length ?? 0;

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

  test('1,000 paths are back within 8 s after MediaMTX was killed and started with another file', async () => {
    const { mediaMtx, engine } = await running();
    await engine.apply(many(1_000));
    const told = new Promise<void>((resolve) => engine.onReset(resolve));
    await mediaMtx.kill();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    await mediaMtx.start();
    const begun = performance.now();
    // Three of these seconds are the wait for the file to stand still.
    await until(async () => (await pathNames(mediaMtx)).length === 1_000, 8_000);
    process.stderr.write(`1,000 paths were back ${Math.round(performance.now() - begun)} ms after the API answered\n`);
    await told;
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

  test('paths that an operator edits away come back, and his other edits stay', async () => {
    const { mediaMtx, engine } = await running();
    await engine.apply(many(4));
    const edited = (await mediaMtx.config())
      .replace(/^ {2}"cam.*\n/gm, '')
      .replace('logLevel: info', 'logLevel: info # mine');
    await writeFile(mediaMtx.configPath, edited);
    expect(edited).not.toContain('cam0');
    await until(async () => (await mediaMtx.config()).includes('"cam00003"'));
    expect(await mediaMtx.config()).toContain('logLevel: info # mine');
    await until(async () => reloads(mediaMtx) >= 2 && (await pathNames(mediaMtx)).length === 4);
  });

  test('broken YAML ends MediaMTX; the last good file is back for its next start', async () => {
    const { mediaMtx, engine } = await running();
    await engine.apply(many(4));
    await breakFile(mediaMtx, 'paths: [');
    await until(async () => (await readdir(mediaMtx.folder)).some((name) => name.includes('.broken-')));
    await until(async () => (await mediaMtx.config()).includes('"cam00003"'));
    await mediaMtx.start();
    expect(await pathNames(mediaMtx)).toHaveLength(4);
    await until(() => engine.status().ready);
    expect(engine.status().problem).toContain('.broken-');
  });

  test.each([
    ['writeQueueSize', (text: string): string => `writeQueueSize: 7\n${text}`],
    ['pathDefaults.rtspTransport', (text: string): string => `${text}\npathDefaults: {rtspTransport: sometimes}\n`],
    ['paths.shed', (text: string): string => text.replace('paths:\n', 'paths:\n  shed: {source: nothing}\n')],
  ])('that ends over %s which somebody set is told with its name, in the log too', async (name, change) => {
    const text = '# all of it by hand\npaths:\n';
    const mediaMtx = await makeMediaMtx(text);
    opened.push(() => mediaMtx.stop());
    await mediaMtx.start();
    const warned: string[] = [];
    const log = { info: () => undefined, warn: (sentence: string) => void warned.push(sentence) };
    const engine = await engineFor(mediaMtx, { log, watchEveryMs: 100 });
    opened.push(() => engine.stop());
    await engine.start();
    await until(() => engine.status().ready);
    await breakFile(mediaMtx, change(await mediaMtx.config()));
    await until(() => engine.status().problem?.includes(`were changed: ${name}. Undo that`) === true);
    expect(engine.status()).toMatchObject({
      ready: false,
      problem: expect.stringContaining('does not answer') as string,
    });
    expect(warned.filter((sentence) => sentence.includes(`changed: ${name}.`))).toHaveLength(1);
    await writeFile(mediaMtx.configPath, text);
    await mediaMtx.start();
    await until(() => engine.status().ready);
    expect(engine.status().problem ?? '').not.toContain('has not answered');
  });

  test('a MediaMTX that reads another file gets its paths by API, and it is said that this is slow', async () => {
    const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    opened.push(() => mediaMtx.stop());
    const other = join(mediaMtx.folder, 'elsewhere.txt');
    await writeFile(other, await mediaMtxTemplate());
    await mediaMtx.start(other);
    const engine = await engineOn(mediaMtx);
    expect(await engine.apply(many(4))).toMatchObject({ by: 'api' });
    expect(await pathNames(mediaMtx)).toHaveLength(4);
    expect(engine.status()).toMatchObject({ ready: true, problem: expect.stringContaining('slow') as string });
  });

  test('a MediaMTX that is away is told plainly, and gets everything when it comes', async () => {
    const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    opened.push(() => mediaMtx.stop());
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

  test('a stop does not wait for a write to a MediaMTX that hangs', async () => {
    const { mediaMtx, engine } = await running();
    const { pid } = mediaMtx;
    if (pid === null) throw new Error('MediaMTX does not run');
    process.kill(pid, 'SIGSTOP');
    opened.push(() => Promise.resolve(void process.kill(pid, 'SIGCONT')));
    const written = expect(engine.apply(many(4))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await engine.stop();
    await written;
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
