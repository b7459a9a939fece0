import { writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { utcTime } from '../../../core/zonedTime.js';
import { silentLog } from '../../../../test/support/engine/mediamtxEngine.js';
import { writeAtomically } from '../disk/atomicFile.js';
import { ConfigFile } from './configFile.js';
import type { MediaMtxFate } from './configFileOptions.js';
import { markConfig } from './fileMark.js';
import { OwnPaths } from '../sharing/ownPaths.js';
import { pullPath } from '../paths/pathConfig.js';

const TEMPLATE = '# template\nlogLevel: info\npaths:\n';
const paths = new Map([['gate', pullPath('rtmp://h/app#gate', 'watched')]]);

let folder: string;
let path: string;
let ownPaths: OwnPaths;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camlease-config-'));
  path = join(folder, 'mediamtx.yml');
  ownPaths = await OwnPaths.open(join(folder, 'mediamtx-paths.json'));
  await ownPaths.add(['gate']);
  clock = new TurnedClock();
  fate = 'serves';
});
afterEach(() => rm(folder, { recursive: true, force: true }));

let clock: TurnedClock;
let fate: MediaMtxFate;
const opened = (): Promise<ConfigFile> =>
  ConfigFile.open({ path, template: TEMPLATE, ownPaths, clock, log: silentLog, mediaMtx: () => fate });
/** Lets the file stand still for long enough to be written. */
const stoodStill = async (file: ConfigFile, ms = 3_000): Promise<boolean> => {
  await clock.advance(ms);
  return file.refresh();
};
const text = (): Promise<string> => readFile(path, 'utf8');

test('a first start makes the file from the template, for its owner alone', async () => {
  await opened();
  expect(await text()).toBe(TEMPLATE);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a place where no file can be made is told with its cure', async () => {
  path = join(folder, 'not there', 'mediamtx.yml');
  await expect(opened()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    cure: expect.stringContaining('folder') as string,
  });
});

test('a mode that the operator gave the file stays', async () => {
  await writeFile(path, TEMPLATE);
  await chmod(path, 0o640);
  await (await opened()).write(paths, 'srtSource');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
});

test('an edit between two writes is noticed and kept', async () => {
  const file = await opened();
  await file.write(paths, 'rtspSource');
  await writeFile(path, (await text()).replace('info', 'debug # mine'));
  expect(await file.refresh()).toBe(true);
  expect(await file.refresh()).toBe(false);
  await stoodStill(file);
  await file.write(paths, 'hlsSource');
  expect(await text()).toContain('logLevel: debug # mine\n');
  expect(await text()).toContain(markConfig('hlsSource').source);
});

test('an edit that was not looked at before a write is kept too', async () => {
  const file = await opened();
  await writeFile(path, `${TEMPLATE}# late\n`);
  expect(await file.write(paths, 'rtspSource')).toBeNull();
  expect(await text()).toBe(`${TEMPLATE}# late\n`);
  await stoodStill(file);
  expect(await file.write(paths, 'rtspSource')).not.toBeNull();
  expect(await text()).toContain('# late\n');
  expect(await text()).toContain('"gate"');
});

test('what we wrote ourselves is no edit', async () => {
  const file = await opened();
  await file.write(paths, 'rtspSource');
  expect(await file.refresh()).toBe(false);
  expect(file.hasPaths(paths)).toBe(true);
  expect(file.hasPaths(new Map())).toBe(false);
});

test('a file that MediaMTX died of is put aside, the last good one comes back, and it is said plainly', async () => {
  const file = await opened();
  await file.write(paths, 'rtspSource');
  const good = await text();
  await writeFile(path, 'paths: [rtmp://secret.example/x\n', { mode: 0o644 });
  expect(await file.refresh()).toBe(true);
  expect(file.isWritable).toBe(false);
  expect(file.problem).toContain('line 1');
  await stoodStill(file);
  expect(await text()).toContain('secret.example');
  fate = 'away';
  await stoodStill(file, 0);
  expect(await text()).toContain('secret.example');
  expect(await stoodStill(file)).toBe(true);
  expect(await text()).toBe(good);
  const aside = (await readdir(folder)).filter((name) => name.startsWith('mediamtx.yml.broken-'));
  expect(aside).toHaveLength(1);
  const copy = join(folder, aside[0] ?? '');
  expect(await readFile(copy, 'utf8')).toContain('secret.example');
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
  expect(file.problem).toContain(aside[0]);
  expect(file.problem).not.toContain('secret.example');
  await writeFile(path, good.replace('info', 'warn'));
  await file.refresh();
  expect(file.problem).toBeNull();
});

test.each<[string, MediaMtxFate, MediaMtxFate]>([
  ['runs with it', 'serves', 'serves'],
  ['was not seen before it came', 'away', 'away'],
  ['may hang', 'serves', 'unknown'],
  ['served with it for 10 s, and is away for another reason', 'serves', 'away'],
])('a file that we cannot read stays as long as MediaMTX %s', async (_what, before, after) => {
  const file = await opened();
  await file.write(paths, 'rtspSource');
  fate = before;
  const odd = '? paths\n: {}\n';
  await writeFile(path, odd);
  await file.refresh();
  await stoodStill(file, 11_000);
  fate = after;
  await file.refresh();
  await stoodStill(file, 600_000);
  expect(await text()).toBe(odd);
  expect(await file.write(paths, 'hlsSource')).toBeNull();
  expect(file.problem).toContain('API');
});

describe('what MediaMTX may have ended of', () => {
  const warned: string[] = [];
  const log = { info: () => undefined, warn: (sentence: string) => void warned.push(sentence) };
  const served = async (): Promise<ConfigFile> => {
    warned.length = 0;
    const file = await ConfigFile.open({ path, template: TEMPLATE, ownPaths, clock, log, mediaMtx: () => fate });
    await file.write(paths, 'rtspSource');
    await stoodStill(file, 60_000);
    return file;
  };
  const edit = async (from: string, to: string): Promise<void> => writeFile(path, (await text()).replace(from, to));

  test('are the settings that somebody changed just before: named until it answers, never with what they say', async () => {
    const file = await served();
    await edit('logLevel: info', 'logLevel: info\nwriteQueueSize: 7\napiServerKey: secret');
    await file.refresh();
    expect(file.whyAway).toBeNull();
    fate = 'away';
    await stoodStill(file, 250);
    const since = utcTime(clock.now());
    await stoodStill(file);
    expect(file.whyAway).toContain(`MediaMTX has not answered since ${since}.`);
    expect(file.whyAway).toContain(`these settings of ${path} were changed: apiServerKey, writeQueueSize. Undo`);
    expect(warned.filter((sentence) => sentence.includes('has not answered'))).toEqual([file.whyAway]);
    // The operator undoes one of the two changes, and then camlease writes its own lines.
    await edit('writeQueueSize: 7\n', '');
    await file.refresh();
    await stoodStill(file);
    await file.write(paths, 'hlsSource');
    await stoodStill(file);
    expect(file.whyAway).toContain('changed: apiServerKey. Undo');
    fate = 'serves';
    await file.refresh();
    expect([file.whyAway, warned.some((sentence) => sentence.includes('secret'))]).toEqual([null, false]);
  });

  test.each<[string, number, number]>([
    ['seen at once', 0, 0],
    ['seen when it was away already', 0, 250],
    ['of two within seconds', 3_000, 0],
  ])('is a change %s', async (_what, otherMs, awayMs) => {
    const file = await served();
    if (otherMs > 0) {
      await edit('info', 'warn');
      await stoodStill(file, otherMs);
    }
    await edit('paths:', 'readTimeout: x\npaths:');
    if (awayMs > 0) fate = 'away';
    await clock.advance(awayMs);
    await file.refresh();
    fate = 'away';
    await file.refresh();
    await stoodStill(file);
    expect(file.whyAway).toContain(otherMs > 0 ? 'changed: logLevel, readTimeout.' : 'changed: readTimeout.');
  });

  test('are those of a change that MediaMTX did not read before camlease wrote, too', async () => {
    const file = await served();
    await edit('info', 'warn');
    await file.refresh();
    await stoodStill(file, 60_000);
    await file.write(paths, 'hlsSource');
    fate = 'away';
    await file.refresh();
    await stoodStill(file);
    expect(file.whyAway).toContain('changed: logLevel.');
    fate = 'serves';
    await file.refresh();
    await stoodStill(file, 60_000);
    // MediaMTX runs with the changed text now, so the change is no suspect after our next write.
    await file.write(paths, 'rtspSource');
    fate = 'away';
    await file.refresh();
    await stoodStill(file);
    expect(file.whyAway).toBeNull();
  });

  test.each<[string, string, number, MediaMtxFate]>([
    ['was undone', 'logLevel: info', 0, 'away'],
    ['it served with for 11 s', 'logLevel: warn', 11_000, 'away'],
    ['is followed by something that is no end', 'logLevel: warn', 0, 'unknown'],
  ])('is no change that %s', async (_what, becomes, servedMs, after) => {
    const file = await served();
    await edit('logLevel: info', 'logLevel: warn');
    await file.refresh();
    await edit('logLevel: warn', becomes);
    await stoodStill(file, servedMs);
    fate = after;
    await file.refresh();
    await stoodStill(file);
    expect([file.whyAway, warned]).toEqual([null, []]);
  });

  test('is what it cannot be read by, and that it was put aside', async () => {
    const file = await served();
    await writeFile(path, 'paths: [');
    await file.refresh();
    fate = 'away';
    await file.refresh();
    expect(file.whyAway).toContain('left as it is');
    await stoodStill(file);
    expect(file.whyAway).toContain('MediaMTX does not run with');
  });
});

test('a file that a MediaMTX of ours dies of at its start gives way to the last good one of the earlier run', async () => {
  await (await opened()).write(paths, 'rtspSource');
  const good = await text();
  await writeFile(path, '\t- : [');
  const file = await opened();
  expect(await text()).toBe('\t- : [');
  fate = 'died';
  await file.refresh();
  expect(await stoodStill(file)).toBe(true);
  expect(await text()).toBe(good);
  expect(file.problem).toContain('does not run with');
});

test('a file that cannot be read is never replaced by the template when there is no last good one', async () => {
  await writeFile(path, '- a list\n');
  const file = await opened();
  fate = 'died';
  await file.refresh();
  await stoodStill(file, 600_000);
  expect(await text()).toBe('- a list\n');
  expect(file.problem).toContain('left as it is');
});

test('an encrypted file is left alone though MediaMTX dies, and called encrypted', async () => {
  await (await opened()).write(paths, 'rtspSource');
  const secret = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n';
  await writeFile(path, secret);
  const file = await opened();
  fate = 'died';
  await file.refresh();
  await stoodStill(file, 600_000);
  expect(await text()).toBe(secret);
  expect(file.problem).toContain('MTX_CONFKEY');
});

test('an edit is told once more a little later: MediaMTX reads it after we may have seen it', async () => {
  const file = await opened();
  await writeFile(path, `${TEMPLATE}# late\n`);
  const told = [await file.refresh(), await file.refresh()];
  await clock.advance(1_500);
  told.push(await file.refresh(), await file.refresh());
  // MediaMTX reloads a file that is written again, even with the same text.
  await utimes(path, 1, 1);
  told.push(await file.refresh(), await file.refresh());
  expect(told).toEqual([true, false, true, false, true, false]);
});

test('a file that was removed comes back, once nobody can be about to write it anew', async () => {
  const file = await opened();
  await file.write(paths, 'rtspSource');
  await rm(path);
  expect(await file.refresh()).toBe(true);
  expect(await readdir(folder)).not.toContain('mediamtx.yml');
  expect(await stoodStill(file)).toBe(true);
  expect(await text()).toContain('"gate"');
});

test('a path that is not on our list is foreign, whoever wrote it', async () => {
  await writeFile(path, 'paths:\n  gate: {}\n  door: {}\n');
  expect([...(await opened()).foreign]).toEqual(['door']);
});

test('a full disk is told with its cure, and the old file is intact', async () => {
  await writeFile(path, 'old');
  const writeTo = (file: number): void => {
    writeFileSync(file, 'ne');
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  await expect(writeAtomically({ path, text: 'new', writeTo })).rejects.toMatchObject({
    code: 'DISK_FULL',
    cure: expect.stringContaining('Free some space') as string,
  });
  expect(await text()).toBe('old');
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test("what a death in the middle of a write left is in nobody's way, and a mode for a group is kept", async () => {
  await writeFile(`${path}.tmp`, 'half of', { mode: 0o644 });
  expect(await writeAtomically({ path, text: 'private' })).toBe(true);
  expect([await text(), (await stat(path)).mode & 0o777]).toEqual(['private', 0o600]);
  expect(await writeAtomically({ path, text: 'for a group', mode: 0o660 })).toBe(true);
  expect((await stat(path)).mode & 0o777).toBe(0o660);
});

test('a write is given up when somebody else was there first', async () => {
  await writeFile(path, 'old');
  expect(await writeAtomically({ path, text: 'new', proceed: () => false })).toBe(false);
  expect(await text()).toBe('old');
});

test('a list of our paths that cannot be read is empty', async () => {
  await writeFile(join(folder, 'mediamtx-paths.json'), '{"paths": 7');
  expect((await OwnPaths.open(join(folder, 'mediamtx-paths.json'))).has('gate')).toBe(false);
});
