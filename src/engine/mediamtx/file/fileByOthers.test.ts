import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { pullPath } from '../paths/pathConfig.js';
import { OwnPaths } from '../sharing/ownPaths.js';
import { standsStill, writeWhenStill } from '../write/quietFile.js';
import { ConfigFile } from './configFile.js';
import { patienceMs } from './standstill.js';

const HEAD = 'logLevel: info\nauthInternalUsers:\n- user: me\n';
const PATHS = 'paths:\n  door:\n    source: publisher\n';
const paths = new Map([['gate', pullPath('rtmp://h/app#gate', 'watched')]]);
const never = (): boolean => false;

let folder: string;
let path: string;
let clock: TurnedClock;
let warned: string[];
let file: ConfigFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camlease-others-'));
  path = join(folder, 'mediamtx.yml');
  clock = new TurnedClock();
  warned = [];
  const ownPaths = await OwnPaths.open(join(folder, 'mediamtx-paths.json'));
  await ownPaths.add(['gate']);
  await writeFile(path, HEAD + PATHS, { mode: 0o600 });
  const log = { info: () => undefined, warn: (message: string) => void warned.push(message) };
  file = await ConfigFile.open({ path, template: 'paths:\n', ownPaths, clock, log });
  await file.write(paths, 'rtspSource');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const text = (): Promise<string> => readFile(path, 'utf8');
const formers = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.includes('.before-')).sort();
/** Another program replaces the text, and camlease reads it. */
const replacedBy = async (next: string): Promise<void> => {
  await writeFile(path, next);
  await file.refresh();
};

test('a change waits until somebody else has not touched the file for 3 s', async () => {
  await replacedBy(`${HEAD}${PATHS}# 1\n`);
  await clock.advance(2_900);
  expect(await file.write(paths, 'hlsSource')).toBeNull();
  await replacedBy(`${HEAD}${PATHS}# 2\n`);
  await clock.advance(2_900);
  expect(await file.write(paths, 'hlsSource')).toBeNull();
  await clock.advance(100);
  expect(await file.write(paths, 'hlsSource')).not.toBeNull();
  expect(await text()).toContain('# 2\n');
  expect([await formers(), warned]).toEqual([[], []]);
});

test('a text in two steps, 3 s apart, is not written between them, and nothing of it is lost', async () => {
  const written = clock.runUntil(writeWhenStill({ file, clock }, { paths, mark: 'hlsSource', givesUp: never }));
  expect(await written).not.toBeNull();
  await replacedBy(HEAD);
  const later = writeWhenStill({ file, clock }, { paths, mark: 'srtSource', givesUp: never });
  await clock.advance(3_000);
  expect(await text()).toBe(HEAD);
  await writeFile(path, `${HEAD}# my new remark\n${PATHS}`);
  await clock.runUntil(later);
  expect(await text()).toContain('# my new remark\n');
  expect(await text()).toContain('door:');
  expect(await text()).toContain('"gate"');
  expect([await formers(), file.problem]).toEqual([[], null]);
});

test('a file that stays emptied is written at last, and what stood there before is kept and named', async () => {
  const before = await text();
  await replacedBy('');
  await clock.runUntil(writeWhenStill({ file, clock }, { paths, mark: 'hlsSource', givesUp: never }));
  expect(await formers()).toEqual(['mediamtx.yml.before-1']);
  const copy = `${path}.before-1`;
  expect(await readFile(copy, 'utf8')).toBe(before);
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
  expect(file.problem).toContain(copy);
  expect(file.problem).toContain('authInternalUsers');
  expect(warned).toEqual([file.problem]);
  expect(await text()).toContain('"gate"');
});

test('a foreign path that was taken out is told with the copy that still has it, for an hour', async () => {
  await replacedBy(`${HEAD}paths:\n`);
  await clock.advance(20_000);
  await file.refresh();
  expect(file.problem).toMatch(/missing now: door\..*before-1/);
  await clock.advance(3_600_001);
  await file.refresh();
  expect(file.problem).toBeNull();
});

test('a setting that another one takes the place of is no loss', async () => {
  await replacedBy(`${HEAD.replace('info', 'debug')}${PATHS}  shed:\n`);
  await clock.advance(3_000);
  await file.refresh();
  expect([await formers(), file.problem]).toEqual([[], null]);
});

test('copies of former texts are bounded, and the newest has the highest number', async () => {
  for (let n = 1; n <= 7; n++) {
    await replacedBy(`${HEAD}paths:\n  only${n}:\n`);
    await clock.advance(20_000);
    await file.refresh();
  }
  expect(await formers()).toEqual([3, 4, 5, 6, 7].map((n) => `mediamtx.yml.before-${n}`));
  expect(await readFile(`${path}.before-7`, 'utf8')).toContain('only6');
});

test.each([
  ['2 minutes', null, 120_000],
  ['2 minutes', 86_400_000, 120_000],
  ['half of what is left of the shortest lease', 60_000, 30_000],
])(
  'a change waits for %s at most, then it is said that somebody keeps writing the file',
  async (_what, leaseMs, most) => {
    expect(patienceMs(leaseMs)).toBe(most);
    await replacedBy(`${HEAD}${PATHS}`);
    let count = 0;
    const busy = (): void => {
      count += 1;
      writeFileSync(path, `${HEAD}${PATHS}# ${count}\n`);
      clock.after(1_000, busy);
    };
    busy();
    const begunMs = clock.monotonicMs();
    const deps = { file, clock, shortestLeaseMs: () => leaseMs };
    expect(await clock.runUntil(standsStill(deps, never))).toBe(false);
    expect(clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(most);
    expect(clock.monotonicMs() - begunMs).toBeLessThan(most + 1_000);
    expect(file.problem).toContain('Another program keeps writing');
    expect(warned).toEqual([file.problem]);
    // The file is still restless, so the next change does not wait.
    const nextMs = clock.monotonicMs();
    expect(await clock.runUntil(standsStill(deps, never))).toBe(false);
    expect(clock.monotonicMs()).toBe(nextMs);
  },
);
