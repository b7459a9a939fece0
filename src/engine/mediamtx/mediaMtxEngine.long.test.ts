import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  breakFile,
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  pathNames,
  until,
} from '../../../test/support/engine/mediamtx.js';
import { engineFor } from '../../../test/support/engine/mediamtxEngine.js';
import { engineOn, many, reloads, running } from '../../../test/support/engine/runningEngine.js';

describe.skipIf(mediaMtxProgram === null)('the engine on real MediaMTX', () => {
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
    onTestFinished(() => mediaMtx.stop());
    await mediaMtx.start();
    const warned: string[] = [];
    const log = { info: () => undefined, warn: (sentence: string) => void warned.push(sentence) };
    const engine = await engineFor(mediaMtx, { log, watchEveryMs: 100 });
    onTestFinished(() => engine.stop());
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
    onTestFinished(() => mediaMtx.stop());
    const other = join(mediaMtx.folder, 'elsewhere.txt');
    await writeFile(other, await mediaMtxTemplate());
    await mediaMtx.start(other);
    const engine = await engineOn(mediaMtx);
    expect(await engine.apply(many(4))).toMatchObject({ by: 'api' });
    expect(await pathNames(mediaMtx)).toHaveLength(4);
    expect(engine.status()).toMatchObject({ ready: true, problem: expect.stringContaining('slow') as string });
  });

  test('a stop does not wait for a write to a MediaMTX that hangs', async () => {
    const { mediaMtx, engine } = await running();
    const { pid } = mediaMtx;
    if (pid === null) throw new Error('MediaMTX does not run');
    process.kill(pid, 'SIGSTOP');
    onTestFinished(() => Promise.resolve(void process.kill(pid, 'SIGCONT')));
    const written = expect(engine.apply(many(4))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await engine.stop();
    await written;
  });
});
