import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { makeMediaMtx, mediaMtxProgram, mediaMtxTemplate, until } from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, silentLog, streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import { pullPath, type PathConfigs } from '../paths/pathConfig.js';
import { OwnPaths } from '../sharing/ownPaths.js';
import { ConfigFile } from './configFile.js';
import { KeptLines } from './keptLines.js';

const NONE: PathConfigs = new Map();
const GATE: PathConfigs = new Map([['gate', pullPath('rtmp://h/app#secret', 'watched')]]);

/** A configuration file and the list of kept lines; each call of `start` is a start of camlease. */
async function installation(): Promise<{
  path: string;
  keptPath: string;
  start: () => Promise<ConfigFile>;
  said: readonly string[];
}> {
  const folder = await mkdtemp(join(tmpdir(), 'camlease-kept-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [path, keptPath] = [join(folder, 'mediamtx.yml'), join(folder, 'mediamtx-kept.json')];
  const ownPaths = await OwnPaths.open(join(folder, 'mediamtx-paths.json'));
  await ownPaths.add(['gate']);
  const said: string[] = [];
  const start = async (): Promise<ConfigFile> => {
    const warn = (_message: string, fields?: object): void => void said.push(JSON.stringify(fields));
    const kept = await KeptLines.open(keptPath, { ...silentLog, warn });
    return ConfigFile.open({ path, template: '', ownPaths, kept, clock: new TurnedClock(), log: silentLog });
  };
  return { path, keptPath, start, said };
}

describe('what was added to the line of a camera', () => {
  test.each([
    ['in braces', '  gate: {record: yes, source: "rtmp://h/app#secret"} # mine\n'],
    ['on lines', '  gate: # mine\n    record: yes  # 30 days\n    source: rtmp://h/app#secret\n'],
    ['by a merge', '  gate: {<<: *d, source: "rtmp://h/app#secret"} # mine\n'],
    ['in another encoding', '  gate: {record: yes, source: "rtmp://h/app#secret"} # mine \xe9\n'],
  ])('comes back with the next lease after a restart: %s', async (_what, line) => {
    const { path, keptPath, start } = await installation();
    await writeFile(path, `pathDefaults: &d {record: no}\npaths:\n  door: {}\n${line}`, 'latin1');
    await (await start()).write(GATE, 'rtspSource');
    const before = await readFile(path, 'latin1');
    await (await start()).write(NONE, 'rtmpSource');
    expect(await readFile(path, 'latin1')).not.toContain('gate');
    expect((await stat(keptPath)).mode & 0o777).toBe(0o600);
    expect(await readFile(keptPath, 'utf8')).not.toContain('secret');
    await (await start()).write(GATE, 'rtspSource');
    const lines = (text: string): string[] => text.split('\n').sort();
    expect(lines(await readFile(path, 'latin1'))).toEqual(lines(before));
    expect(JSON.parse(await readFile(keptPath, 'utf8'))).toEqual({ lines: {} });
  });

  test.each([
    ['an anchor that it uses is gone', 'pathDefaults: {record: no}\npaths:\n  door: {}\n'],
    ['the file is indented otherwise', 'pathDefaults: &d {record: no}\npaths:\n    door: {}\n'],
    ['the file is in braces', '{pathDefaults: &d {record: no}, paths: {door: {}}}\n'],
  ])('stays away, and kept, where MediaMTX would end over it: %s', async (_what, text) => {
    const { path, keptPath, start, said } = await installation();
    await writeFile(path, 'pathDefaults: &d {record: no}\npaths:\n  gate:\n    <<: *d\n    record: yes\n');
    await (await start()).write(NONE, 'rtspSource');
    await writeFile(path, text);
    const file = await start();
    await file.write(NONE, 'rtmpSource');
    expect(await readFile(keptPath, 'utf8')).toContain('record: yes');
    await file.write(GATE, 'rtspSource');
    expect(await readFile(path, 'utf8')).toContain('"gate": {"source"');
    expect(said).toEqual([expect.stringContaining(keptPath)]);
    expect(await readFile(keptPath, 'utf8')).toContain('record: yes');
  });

  test('stays while somebody edits the file meanwhile', async () => {
    const { path, start } = await installation();
    await writeFile(path, 'paths:\n  gate: {record: yes}\n');
    const file = await start();
    await file.write(NONE, 'rtspSource');
    await writeFile(path, `# mine\n${await readFile(path, 'utf8')}`);
    await (await start()).write(GATE, 'rtmpSource');
    expect(await readFile(path, 'utf8')).toContain('  gate: {record: yes, "source"');
  });

  test.each(['', '{', '{"lines": {"gate": 5}}'])('is nothing where the list was spoilt: %j', async (text) => {
    const { path, keptPath, start } = await installation();
    await writeFile(keptPath, text);
    await (await start()).write(GATE, 'rtspSource');
    expect(await readFile(path, 'utf8')).toContain('"gate": {"source"');
  });
});

test.skipIf(mediaMtxProgram === null)(
  'a camera without a lease comes back with its operator’s fields after a restart, on real MediaMTX',
  async () => {
    const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    await mediaMtx.start();
    const engines = [await engineFor(mediaMtx, { watchEveryMs: 100 })];
    onTestFinished(async () => {
      for (const engine of engines) await engine.stop();
      await mediaMtx.stop();
    });
    const [first] = engines;
    await first?.start();
    await first?.apply(streamsOf({ cam1: aTarget(), cam2: aTarget(), cam3: aTarget() }));
    const text = await mediaMtx.config();
    await writeFile(mediaMtx.configPath, text.replace('"cam1": {', '"cam1": {maxReaders: 7, '));
    await first?.apply(streamsOf({ cam1: null, cam2: null, cam3: null }));
    await until(async () => !(await mediaMtx.config()).includes('"cam1"'), 20_000);
    await first?.stop();
    const second = await engineFor(mediaMtx);
    engines.push(second);
    await second.start();
    await second.apply(streamsOf({ cam1: aTarget(), cam2: aTarget(), cam3: aTarget() }));
    await until(async () => (await mediaMtx.config()).includes('"cam1": {maxReaders: 7, "source"'));
  },
  60_000,
);
