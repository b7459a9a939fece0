import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { ConfigFile } from '../file/configFile.js';
import { pullPath } from '../paths/pathConfig.js';
import { OwnPaths } from '../sharing/ownPaths.js';

const TEXT = 'logLevel: info\npaths:\n';
const paths = new Map([['gate', pullPath('rtmp://h/app#gate', 'watched')]]);
const isRoot = statSync('/proc/self', { throwIfNoEntry: false })?.uid === 0;

const NOBODY = 65_534;

let folder: string;
let path: string;
let warned: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'camlease-place-'));
  path = join(folder, 'mediamtx.yml');
  warned = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function opened(more: { readonly isReadByUsAlone?: boolean } = {}): Promise<ConfigFile> {
  const ownPaths = await OwnPaths.open(join(folder, 'mediamtx-paths.json'));
  await ownPaths.add(['gate']);
  const log = { info: () => undefined, warn: (message: string) => void warned.push(message) };
  return ConfigFile.open({ path, template: TEXT, ownPaths, clock: new TurnedClock(), log, ...more });
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('a link is followed, also over another one into another folder, and stays a link', async () => {
  mkdirSync(join(folder, 'etc'));
  const real = join(folder, 'etc', 'real.yml');
  writeFileSync(real, TEXT, { mode: 0o640 });
  symlinkSync(join('etc', 'real.yml'), join(folder, 'middle.yml'));
  symlinkSync('middle.yml', path);
  await (await opened()).write(paths, 'rtspSource');
  expect([lstatSync(path).isSymbolicLink(), readlinkSync(path)]).toEqual([true, 'middle.yml']);
  expect(lstatSync(join(folder, 'middle.yml')).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, 'utf8')).toContain('"gate"');
  expect(modeOf(real)).toBe(0o640);
  expect(readdirSync(join(folder, 'etc'))).toEqual(['real.yml']);
});

test('a link that leads to no file yet gets one where it leads', async () => {
  mkdirSync(join(folder, 'etc'));
  symlinkSync(join('etc', 'real.yml'), path);
  await opened();
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'etc', 'real.yml'), 'utf8')).toBe(TEXT);
});

test.each([
  ['another folder that is not there', 'gone/real.yml'],
  ['itself', 'mediamtx.yml'],
])('a link that leads to %s is told with its cure', async (_what, target) => {
  symlinkSync(target, path);
  await expect(opened()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(readlinkSync(path)).toBe(target);
});

test.runIf(isRoot)('owner, group and mode stay', async () => {
  writeFileSync(path, TEXT);
  chownSync(path, 1234, 5678);
  chmodSync(path, 0o640);
  await (await opened()).write(paths, 'rtspSource');
  const { uid, gid } = statSync(path);
  expect([uid, gid, modeOf(path)]).toEqual([1234, 5678, 0o640]);
  expect(readFileSync(path, 'utf8')).toContain('"gate"');
});

test('a file with a hard link is left alone, and it is said', async () => {
  writeFileSync(path, TEXT, { mode: 0o600 });
  linkSync(path, join(folder, 'other.yml'));
  const file = await opened();
  expect(file.isWritable).toBe(false);
  expect(file.problem).toContain('hard link');
  expect(warned).toEqual([file.problem]);
  expect(await file.write(paths, 'rtspSource')).toBeNull();
  expect(readFileSync(path, 'utf8')).toBe(TEXT);
  // The trouble ends when its cause is removed.
  rmSync(join(folder, 'other.yml'));
  await file.refresh();
  expect(file.problem).toBeNull();
  expect(await file.write(paths, 'rtspSource')).not.toBeNull();
});

test('a file with an access list is left alone unless a new file gets the same, and it is said', async ({ skip }) => {
  writeFileSync(path, TEXT, { mode: 0o640 });
  const acl = (...args: string[]): void => void execFileSync('setfacl', [...args], { stdio: 'ignore' });
  try {
    acl('-m', 'u:1234:r', path);
  } catch {
    skip('there are no access lists here');
  }
  const file = await opened();
  expect(file.problem).toContain('access list');
  expect(file.problem).toContain('setfacl -b');
  expect(await file.write(paths, 'rtspSource')).toBeNull();
  acl('-b', path);
  acl('-d', '-m', 'u:1234:r', folder);
  acl('-m', 'u:1234:r', path);
  const inheriting = await opened();
  expect(inheriting.problem).toBeNull();
  expect(await inheriting.write(paths, 'rtspSource')).not.toBeNull();
  expect(execFileSync('ls', ['-ldn', path], { encoding: 'utf8' })[10]).toBe('+');
});

test.runIf(isRoot)('a file in a folder that is mounted read-only is left alone, and it is said', async ({ skip }) => {
  const etc = join(folder, 'etc');
  mkdirSync(etc);
  writeFileSync(join(etc, 'real.yml'), TEXT, { mode: 0o600 });
  symlinkSync(join('etc', 'real.yml'), path);
  try {
    execFileSync('mount', ['--bind', etc, etc], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'remount,ro,bind', etc], { stdio: 'ignore' });
  } catch {
    skip('nothing can be mounted here');
  }
  try {
    const file = await opened();
    expect(file.isWritable).toBe(false);
    expect(file.problem).toContain('its file system is read-only');
    expect(file.problem).toContain('MEDIAMTX_CONFIG_PATH');
    expect(await file.write(paths, 'rtspSource')).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(TEXT);
  } finally {
    execFileSync('umount', [etc]);
  }
});

test.runIf(isRoot)('a single file that is mounted is left alone, and it is said', async ({ skip }) => {
  writeFileSync(join(folder, 'real.yml'), TEXT, { mode: 0o600 });
  writeFileSync(path, '');
  try {
    execFileSync('mount', ['--bind', join(folder, 'real.yml'), path], { stdio: 'ignore' });
  } catch {
    skip('nothing can be mounted here');
  }
  try {
    const file = await opened();
    expect(file.problem).toContain('mounted as a single file');
    expect(await file.write(paths, 'rtspSource')).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(TEXT);
  } finally {
    execFileSync('umount', [path]);
  }
});

test('all copies are for their owner alone, whatever the file itself is', async () => {
  writeFileSync(path, TEXT);
  chmodSync(path, 0o666);
  await (await opened()).write(paths, 'rtspSource');
  expect(modeOf(path)).toBe(0o666);
  expect(modeOf(`${path}.last-good`)).toBe(0o600);
});

test('a file that every user can read is told at the start, where MediaMTX may be another user', async () => {
  writeFileSync(path, TEXT);
  chmodSync(path, 0o644);
  const file = await opened();
  expect(warned).toEqual([expect.stringContaining('chmod o-rwx')]);
  expect(modeOf(path)).toBe(0o644);
  expect(file.problem).toBeNull();
});

test('a file that every user can read is closed to others where MediaMTX is ours', async () => {
  writeFileSync(path, TEXT);
  chmodSync(path, 0o644);
  const file = await opened({ isReadByUsAlone: true });
  expect(warned).toEqual([]);
  expect(modeOf(path)).toBe(0o640);
  await file.write(paths, 'rtspSource');
  expect(modeOf(path)).toBe(0o640);
});

describe.runIf(isRoot && process.seteuid !== undefined)('a process without rights', () => {
  /** Runs as the user `nobody`. */
  async function asNobody<T>(run: () => Promise<T>): Promise<T> {
    process.setegid?.(NOBODY);
    process.seteuid?.(NOBODY);
    try {
      return await run();
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
    }
  }

  test.each([
    ['cannot write into the folder', 0o755, 'may not write into'],
    ['cannot keep the owner', 0o777, 'belongs to another user or group'],
  ])('leaves a file alone when it %s, and says so at the start', async (_what, mode, reason) => {
    writeFileSync(path, TEXT, { mode: 0o640 });
    chownSync(path, 0, NOBODY);
    chmodSync(folder, mode);
    const ownPaths = await OwnPaths.open(join(folder, 'mediamtx-paths.json'));
    const log = { info: () => undefined, warn: () => undefined };
    const file = await asNobody(async () => {
      const made = await ConfigFile.open({ path, template: TEXT, ownPaths, clock: new TurnedClock(), log });
      expect(await made.write(paths, 'rtspSource')).toBeNull();
      return made;
    });
    expect(file.problem).toContain(reason);
    expect(file.problem).toContain('API');
    expect(readFileSync(path, 'utf8')).toBe(TEXT);
    expect(statSync(path).uid).toBe(0);
  });
});
