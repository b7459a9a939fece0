import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  pathNames,
  until,
  type TestMediaMtx,
} from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaEngine } from '../../mediaEngine.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** Lines as operators write them; none is ours. */
const HEAD = 'logLevel: info\nwriteQueueSize: 01000\npathDefaults: &d {maxReaders: 9}\n';
const cameras = (revision: number, ids: readonly string[] = ['a', 'b', 'c', 'd']): DesiredStreams =>
  streamsOf(Object.fromEntries(ids.map((id) => [id, aTarget({ revision })])));

async function running(text: string | Buffer): Promise<{ mediaMtx: TestMediaMtx; engine: MediaEngine }> {
  const mediaMtx = await makeMediaMtx('paths:\n');
  opened.push(() => mediaMtx.stop());
  await writeFile(mediaMtx.configPath, text);
  await mediaMtx.start();
  return { mediaMtx, engine: await engineOn(mediaMtx) };
}

async function engineOn(mediaMtx: TestMediaMtx): Promise<MediaEngine> {
  const engine = await engineFor(mediaMtx, { watchEveryMs: 100 });
  opened.push(() => engine.stop());
  await engine.start();
  return engine;
}

interface ApiPath {
  readonly record: boolean;
  readonly maxReaders: number;
  readonly source: string;
}

async function pathOf({ apiUrl }: TestMediaMtx, name: string): Promise<ApiPath> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/get/${name}`);
  return (await reply.json()) as ApiPath;
}

/** Edits the file in one step, as editors do, and repeats that until MediaMTX has read it. */
async function edit(
  mediaMtx: TestMediaMtx,
  change: (text: string) => string,
  isRead: () => Promise<boolean>,
): Promise<void> {
  const next = change(await readFile(mediaMtx.configPath, 'latin1'));
  await until(async () => {
    await writeFile(`${mediaMtx.configPath}~`, next, 'latin1');
    await rename(`${mediaMtx.configPath}~`, mediaMtx.configPath);
    return isRead();
  });
}

describe.skipIf(mediaMtxProgram === null)('a file that people write, on real MediaMTX', () => {
  test('what was added to the line of a camera goes back as it was written', async () => {
    const extras: Readonly<Record<string, readonly [string, boolean]>> = {
      a: ['record: yes', true],
      b: ['record: On', true],
      c: ['"record": No', false],
      d: ['record: ~', false],
      e: ['maxReaders: 0x10, record: on', true],
      f: ['maxReaders: 1_000, record: yes', true],
      g: ['runOnInit: 2026-01-01, record: yes', true],
      h: ["'record': TRUE", true],
      i: ['<<: *d, record: yes', true],
    };
    const ids = Object.keys(extras);
    const { mediaMtx, engine } = await running(`${HEAD}paths:\n`);
    await engine.apply(cameras(1, ids));
    const { pid } = mediaMtx;
    const byHand = (text: string): string =>
      text
        .replace(
          /^ {2}"(\w)": \{(.*)\}$/gm,
          (_line, id: string, rest: string) => `  "${id}": {${extras[id]?.[0]}, ${rest}} # mine`,
        )
        .replace('paths:\n', 'paths:\n  seen:\n');
    await edit(mediaMtx, byHand, async () => (await pathNames(mediaMtx)).includes('seen'));
    await engine.apply(cameras(2, ids));
    await until(async () => (await mediaMtx.config()).includes('SIM2'));
    const written = await mediaMtx.config();
    expect(written).toContain(HEAD);
    const isAsWritten = async (): Promise<void> => {
      for (const [id, [extra, record]] of Object.entries(extras)) {
        expect(written).toContain(`  "${id}": {${extra}, "`);
        const path = await pathOf(mediaMtx, id);
        expect([id, path.record, path.source.includes('SIM2')]).toEqual([id, record, true]);
      }
      expect((await pathOf(mediaMtx, 'i')).maxReaders).toBe(9);
    };
    expect(written.match(/\} # mine$/gm)).toHaveLength(ids.length);
    await isAsWritten();
    expect(mediaMtx.pid).toBe(pid);
    await mediaMtx.kill();
    await mediaMtx.start();
    await isAsWritten();
  });

  test('a camera that somebody laid out over lines keeps its remarks, anchors and fields', async () => {
    const { mediaMtx, engine } = await running(`${HEAD}paths:\n`);
    await engine.apply(cameras(1));
    const { pid } = mediaMtx;
    const laidOut = (text: string): string =>
      text.replace(
        /^ {2}"b": \{"source": (".*?"), .*\}$/m,
        '  b: # the yard\n    <<: *d\n    # for the police\n    record: yes  # 30 days\n    source: $1\n    sourceOnDemand: yes\n    maxReaders: &m 3\n  seen:\n    maxReaders: *m',
      );
    await edit(mediaMtx, laidOut, async () => (await pathNames(mediaMtx)).includes('seen'));
    await engine.apply(cameras(2));
    await until(async () => (await mediaMtx.config()).includes('SIM2'));
    const kept =
      '  b: # the yard\n    <<: *d\n    # for the police\n    record: yes  # 30 days\n    maxReaders: &m 3\n';
    expect(await mediaMtx.config()).toContain(kept);
    const path = await pathOf(mediaMtx, 'b');
    expect([mediaMtx.pid, path.record, path.maxReaders]).toEqual([pid, true, 3]);
    expect(path.source).toContain('SIM2');
    expect((await pathOf(mediaMtx, 'seen')).maxReaders).toBe(3);
  });

  test.each<[string, string | Buffer, string]>([
    [
      'a quoted text that goes on where YAML does not let it',
      `${HEAD}paths:\n  door:\n    runOnAvailable: "ffmpeg -i x\n  -c copy -f null -"\n`,
      '"ffmpeg -i x\n  -c copy -f null -"\n',
    ],
    [
      'Windows-1252',
      Buffer.from(`# f\xfcr die T\xfcr\n${HEAD}paths:\n  door:\n    runOnReady: echo T\xfcr\n`, 'latin1'),
      'echo T\xfcr\n',
    ],
    [
      'paths in braces',
      `${HEAD}paths: {door: {record: No, maxReaders: 010}}\n`,
      'door: {record: No, maxReaders: 010}}\n',
    ],
    [
      'Windows line ends',
      `${HEAD}paths:\n  door:\n    record: no\n`.replaceAll('\n', '\r\n'),
      '  door:\r\n    record: no\r\n',
    ],
    [
      'JSON with tabs',
      '{\n\t"writeQueueSize": 01000,\n\t"paths": {\n\t\t"door": {}\n\t}\n}\n',
      '\n\t\t"door": {}\n\t}\n}\n',
    ],
    ['an end of document', `---\n${HEAD}paths:\n  door:\n...\n`, '...\n'],
    ['no line end', `${HEAD}paths:\n  door: # mine`, '  door: # mine\n'],
    ['settings that are indented', `${HEAD}paths:\n  door:\n`.replaceAll(/^/gm, '  ').trimEnd() + '\n', '    door:\n'],
  ])('a file with %s is written around, and MediaMTX goes on with it', async (_what, text, kept) => {
    const { mediaMtx, engine } = await running(text);
    const { pid } = mediaMtx;
    expect((await engine.apply(cameras(1))).by).toBe('file');
    expect((await engine.apply(cameras(2))).by).toBe('file');
    const written = await readFile(mediaMtx.configPath, 'latin1');
    expect(written).toContain(kept);
    expect(written).toContain('writeQueueSize');
    expect(written).toMatch(/writeQueueSize"?: 01000/);
    expect([mediaMtx.pid, engine.status().problem]).toEqual([pid, null]);
    expect(await pathNames(mediaMtx)).toEqual(['a', 'b', 'c', 'd', 'door']);
    await mediaMtx.kill();
    await mediaMtx.start();
    expect(await pathNames(mediaMtx)).toEqual(['a', 'b', 'c', 'd', 'door']);
  });

  test.each([
    ['a key that is written with ?', '? paths\n: door: {record: yes}\n'],
    ['lines that end with CR alone', 'logLevel: info\rpaths:\r  door:\r'],
  ])('a file with %s is left alone, and the cameras are served by the API', async (_what, text) => {
    const { mediaMtx, engine } = await running(text);
    const report = await engine.apply(cameras(1));
    expect(await pathNames(mediaMtx)).toEqual(['a', 'b', 'c', 'd', 'door']);
    const written = await mediaMtx.config();
    expect([report.by, written]).toEqual(['api', text]);
    expect(engine.status().problem).toMatch(/left as it is.*API/);
  });

  test('half of a file that somebody writes in two steps is not taken for the whole', async () => {
    const foreign = 'paths:\n  door:\n    source: publisher\n';
    const { mediaMtx, engine } = await running(HEAD + foreign);
    await engine.apply(cameras(1));
    await until(async () => {
      await writeFile(mediaMtx.configPath, HEAD);
      return !(await pathNames(mediaMtx)).includes('door');
    });
    // Few changes go through the API at once, so pictures are back before the file stands still.
    await until(async () => (await pathNames(mediaMtx)).length === 4);
    expect(await mediaMtx.config()).toBe(HEAD);
    await writeFile(mediaMtx.configPath, `${HEAD}# my new remark\n${foreign}  shed:\n`);
    await until(async () => (await mediaMtx.config()).includes('"d": {'));
    const written = await mediaMtx.config();
    expect(written).toContain(`${HEAD}# my new remark\n${foreign}`);
    expect(existsSync(`${mediaMtx.configPath}.before-1`)).toBe(false);
    await until(async () => (await pathNames(mediaMtx)).join() === 'a,b,c,d,door,shed');
  });

  test('a link into another folder is followed, and MediaMTX sees what is written there', async () => {
    const mediaMtx = await makeMediaMtx();
    opened.push(() => mediaMtx.stop());
    const folder = join(mediaMtx.folder, 'etc');
    await mkdir(folder);
    await writeFile(join(folder, 'real.yml'), await mediaMtxTemplate(), { mode: 0o640 });
    await symlink(join('etc', 'real.yml'), mediaMtx.configPath);
    await mediaMtx.start();
    const engine = await engineOn(mediaMtx);
    expect((await engine.apply(cameras(1))).by).toBe('file');
    expect((await engine.apply(cameras(2))).by).toBe('file');
    expect((await lstat(mediaMtx.configPath)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real.yml'), 'utf8')).toContain('"d": {');
    expect((await stat(join(folder, 'real.yml'))).mode & 0o777).toBe(0o640);
    expect(engine.status().problem).toBeNull();
  });
});
