import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.js';
import { checkClock, checkDisk, checkFileHandles, checkSecretFile } from './checks.js';
import { openDataDir } from './place/dataDir.js';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-'));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const refusal = (act: () => unknown): AppError => {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
};

describe('a file with keys', () => {
  it.each([
    [0o644, true],
    [0o666, true],
    [0o640, false],
    [0o600, false],
  ])('of mode %o is told of: %s', async (mode, isTold) => {
    const file = path.join(newFolder(), '.env');
    writeFileSync(file, 'EZVIZ_SECRET=hush');
    chmodSync(file, mode);
    const warning = await checkSecretFile(file);
    expect(warning !== null).toBe(isTold);
    if (warning) expect(warning.cure).toBe(`Run: chmod o-rw '${file}'`);
  });

  it('that is not there is no trouble', async () => {
    expect(await checkSecretFile(path.join(newFolder(), '.env'))).toBeNull();
  });
});

describe('the data folder', () => {
  it('is made for our user alone, and keeps its owner', () => {
    const folder = path.join(newFolder(), 'data');
    const first = openDataDir(folder, 41, () => 'owner-one');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    first.unlock();
    const second = openDataDir(folder, 42, () => 'owner-two');
    expect(second.owner).toBe('owner-one');
    second.unlock();
  });

  it('belongs to one process at a time, and the refusal names it', () => {
    const folder = newFolder();
    const first = openDataDir(folder, 4711, () => 'owner-one');
    const error = refusal(() => openDataDir(folder, 4712, () => 'owner-two'));
    expect(error.code).toBe('DATA_DIR_LOCKED');
    expect(error.message).toContain('4711');
    first.unlock();
    openDataDir(folder, 4712, () => 'owner-two').unlock();
  });

  it('says plainly that its place is not a folder', () => {
    const file = path.join(newFolder(), 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
    expect(refusal(() => openDataDir(file, 1, () => 'owner-one')).cure).toContain('DATA_DIR');
  });
});

describe('the checks at start', () => {
  it('speak of a disk that is nearly full, and only then', async () => {
    expect(await checkDisk(newFolder(), 1)).toBeNull();
    expect((await checkDisk(newFolder(), Number.MAX_SAFE_INTEGER))?.message).toContain('MB are free');
  });

  it('count file handles against cameras', () => {
    expect(checkFileHandles(1024, 9)).toBeNull();
    expect(checkFileHandles(1024, 2000)?.cure).toContain('LimitNOFILE=8256');
    expect(checkFileHandles(null, 10_000)).toBeNull();
  });

  it('compare our clock with the cloud’s', () => {
    const now = new Date('2026-01-05T08:00:00Z');
    expect(checkClock(now, new Date('2026-01-05T08:00:30Z'), 'a')).toBeNull();
    expect(checkClock(now, new Date('2026-01-05T08:05:00Z'), 'a')?.message).toContain('300 s behind');
    expect(checkClock(now, null, 'a')).toBeNull();
  });
});
