import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../../../test/support/relay/relayProcessRig.js';
import type { RelayCamera } from '../../core/streams/relay.js';
import { FileReading } from './fileReading.js';
import { RELAY_FILE, RelayFile, type RelayFileOptions } from './relayFile.js';

function folderFor(): string {
  const folder = tempFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function open(folder: string, more: Partial<RelayFileOptions> = {}): Promise<RelayFile> {
  let made = 0;
  const file = await RelayFile.open({
    folder,
    newSecret: () => `a-secret-of-${folder.slice(-6)}-${(made += 1)}`,
    ...more,
  });
  onTestFinished(() => file.close());
  return file;
}

const camera = (revision: number): RelayCamera => ({
  target: {
    url: `rtmp://cloud.example.org/app/name?revision=${revision}`,
    givenBy: 'cloud',
    revision,
    endsAt: new Date('2026-01-05T08:00:00Z'),
    tracks: { video: { codec: 'H264', width: 640, height: 360 }, audio: null },
  },
  candidate: null,
  whenGone: 'slate',
  cap: { group: 'hikvision', most: 4 },
});
const linesOf = (file: RelayFile): number => readFileSync(file.path, 'utf8').split('\n').length - 1;

describe("the relay's file", () => {
  it('holds what was told, the highest fence and its secrets over a death, for its user alone', async () => {
    const folder = folderFor();
    const before = await open(folder);
    await before.change([['gate', camera(1)]], 3);
    await before.change([['yard', camera(1)]], 3);
    await before.change([['gate', camera(2)]], 4);
    await before.change([['yard', null]], 4);
    const after = await open(folder, { newSecret: () => 'another-secret-than-before' });
    expect([...after.cameras]).toEqual([['gate', camera(2)]]);
    expect([after.fence, after.head, after.trouble]).toEqual([4, before.head, null]);
    expect(statSync(after.path).mode & 0o777).toBe(0o600);
  });

  it('of an older version names no giver of a URL: a cloud gave it', async () => {
    const folder = folderFor();
    const before = await open(folder);
    await before.change([['gate', camera(1)]], 3);
    writeFileSync(before.path, readFileSync(before.path, 'utf8').replace('"givenBy":"cloud",', ''));
    const after = await open(folder);
    expect([...after.cameras, after.trouble]).toEqual([['gate', camera(1)], null]);
  });

  it('drops half a line that a death left, and goes on behind it', async () => {
    const folder = folderFor();
    const before = await open(folder);
    await before.change([['gate', camera(1)]], 0);
    appendFileSync(before.path, '{"id":"yard","target":{"url":"rtmp://clo');
    const after = await open(folder);
    expect([[...after.cameras.keys()], after.trouble]).toEqual([['gate'], null]);
    await after.change([['yard', camera(1)]], 0);
    expect([...(await open(folder)).cameras.keys()]).toEqual(['gate', 'yard']);
  });

  it.each([
    ['a line in the middle', (text: string) => text.replace('"whenGone"', 'when gone')],
    ['the line of its secrets', (text: string) => text.replace('{"relay":1', '{"relay":')],
  ])('keeps a copy and says so when %s cannot be read, and serves what can', async (_what, spoil) => {
    const folder = folderFor();
    const before = await open(folder);
    await before.change([['gate', camera(1)]], 7);
    await before.change([['yard', camera(1)]], 7);
    const spoilt = spoil(readFileSync(before.path, 'utf8'));
    writeFileSync(before.path, spoilt);
    const after = await open(folder);
    expect(after.trouble).toContain(`a copy is kept as ${after.path}.unreadable`);
    expect(after.trouble).not.toContain('rtmp');
    expect(readFileSync(`${after.path}.unreadable`, 'utf8')).toBe(spoilt);
    expect([after.cameras.has('yard'), after.fence]).toEqual([true, 7]);
    expect((await open(folder)).trouble).toBeNull();
  });

  it('of a newer camlease is left alone, with a cure', async () => {
    const folder = folderFor();
    const text = '{"relay":2,"reader":"0123456789abcdef","other":"form"}\n{"id":"gate"}\n';
    writeFileSync(path.join(folder, RELAY_FILE), text);
    await expect(open(folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(readFileSync(path.join(folder, RELAY_FILE), 'utf8')).toBe(text);
    expect(existsSync(path.join(folder, `${RELAY_FILE}.unreadable`))).toBe(false);
  });

  it('is written anew when most of it is old, and never grows beyond it', async () => {
    const file = await open(folderFor());
    for (let revision = 1; revision <= 2_500; revision++) await file.change([['gate', camera(revision)]], 1);
    expect(linesOf(file)).toBeLessThan(1_010);
    expect(file.cameras.get('gate')).toEqual(camera(2_500));
  });

  it('takes nothing that a full disk did not take, and is whole again with the next change', async () => {
    const folder = folderFor();
    let isFull = false;
    const writeTo = (file: number, text: string): void => {
      writeSync(file, isFull ? text.slice(0, 30) : text);
      if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const file = await open(folder, { writeTo });
    await file.change([['gate', camera(1)]], 1);
    isFull = true;
    const { size } = statSync(file.path);
    await expect(file.change([['gate', camera(2)]], 2)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(statSync(file.path).size).toBe(size);
    expect([file.fence, file.cameras.get('gate')]).toEqual([1, camera(1)]);
    // The next change rewrites the whole file, which fails too: its temporary file must not stay and take up space.
    await expect(file.change([['gate', camera(2)]], 2)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readdirSync(folder)).toEqual([RELAY_FILE]);
    isFull = false;
    await file.change([['yard', camera(3)]], 2);
    const after = await open(folder);
    expect([after.trouble, after.fence, [...after.cameras]]).toEqual([
      null,
      2,
      [
        ['gate', camera(1)],
        ['yard', camera(3)],
      ],
    ]);
  });
});

describe('a worker’s reading of it', () => {
  it('sees each change once, all of it when it was written anew, and what is gone', async () => {
    const folder = folderFor();
    const file = await open(folder);
    await file.change([['gate', camera(1)]], 0);
    const heard: [string, number | null][] = [];
    const reading = new FileReading({
      path: file.path,
      onCamera: (id, told) => heard.push([id, told?.target?.revision ?? null]),
      onReader: () => undefined,
    });
    await reading.read();
    await file.change([['yard', camera(2)]], 0);
    await reading.read();
    await reading.read();
    expect(heard.splice(0)).toEqual([
      ['gate', 1],
      ['yard', 2],
    ]);
    await file.change([['gate', null]], 0);
    for (let revision = 3; revision < 1_100; revision++) await file.change([['yard', camera(revision)]], 0);
    await reading.read();
    expect(heard.at(0)).toEqual(['yard', expect.any(Number)]);
    expect(heard).toContainEqual(['gate', null]);
    expect(heard.findLast(([id]) => id === 'yard')).toEqual(['yard', 1_099]);
  });
});
