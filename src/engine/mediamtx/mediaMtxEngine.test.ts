import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  until,
  type TestMediaMtx,
} from '../../../test/support/mediamtx.js';
import { aLease, engineFor, streamsOf } from '../../../test/support/mediamtxEngine.js';
import type { MediaEngine } from '../mediaEngine.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function running(text?: string): Promise<{ mediaMtx: TestMediaMtx; engine: MediaEngine }> {
  const mediaMtx = await makeMediaMtx(text ?? (await mediaMtxTemplate()));
  opened.push(() => mediaMtx.stop());
  await mediaMtx.start();
  const engine = await engineFor(mediaMtx);
  opened.push(() => engine.stop());
  await engine.start();
  return { mediaMtx, engine };
}

async function pathNames({ apiUrl }: TestMediaMtx): Promise<string[]> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/list?itemsPerPage=1000`);
  const { items } = (await reply.json()) as { items: { name: string }[] };
  return items.map(({ name }) => name).sort();
}

function many(count: number, revision = 1): ReturnType<typeof streamsOf> {
  return streamsOf(
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`cam${String(n).padStart(5, '0')}`, aLease({ revision })]),
    ),
  );
}

describe.skipIf(mediaMtxProgram === null)('the engine on real MediaMTX', () => {
  test('is ready and tells the version', async () => {
    const { engine } = await running();
    expect(engine.status()).toMatchObject({ kind: 'mediamtx', version: 'v1.20.1', ready: true, problem: null });
  });

  test('two changes go by API and reach the file a little later, without a second reload of anything', async () => {
    const { mediaMtx, engine } = await running();
    const report = await engine.apply(streamsOf({ a: aLease(), b: aLease({ revision: 2 }) }));
    expect(report).toEqual({ changed: ['a', 'b'], by: 'api' });
    expect(await pathNames(mediaMtx)).toEqual(['a', 'b']);
    await until(async () => (await mediaMtx.config()).includes('"b": {'));
    await until(() => mediaMtx.log().includes('reloading configuration'));
    expect((await engine.apply(streamsOf({ a: aLease(), b: aLease({ revision: 2 }) }))).by).toBe('none');
    expect(await pathNames(mediaMtx)).toEqual(['a', 'b']);
  });

  test('many changes go by one rewrite of the file', async () => {
    const { mediaMtx, engine } = await running();
    const report = await engine.apply(many(50));
    expect(report.by).toBe('file');
    expect(report.changed).toHaveLength(50);
    expect(await pathNames(mediaMtx)).toHaveLength(50);
    expect(mediaMtx.log().match(/reloading configuration/g)).toHaveLength(1);
  });

  test('1,000 paths are back within 5 s after MediaMTX was killed and started without any', async () => {
    const { mediaMtx, engine } = await running();
    await engine.apply(many(1_000));
    await mediaMtx.kill();
    await writeFile(mediaMtx.configPath, await mediaMtxTemplate());
    await mediaMtx.start();
    const begun = performance.now();
    await until(async () => (await pathNames(mediaMtx)).length === 1_000, 5_000);
    process.stderr.write(`1,000 paths were back ${Math.round(performance.now() - begun)} ms after the API answered\n`);
  });
});
