import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { LogFiles, type LogFilesDeps } from './logFiles.js';

const DAY_MS = 86_400_000;

function filesIn(folder: string, more: Partial<LogFilesDeps> = {}) {
  const warned: string[] = [];
  const clock = new TurnedClock(new Date());
  const files = new LogFiles({
    ...{ folder, clock, log: { warn: (message) => void warned.push(message) } },
    redact: (text) => text.replaceAll('hunter2', '***'),
    ...more,
  });
  return { files, warned, clock };
}

function folderOf(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-logs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('a day has a file by its date, a full one is followed by one with the time, and no secret is in them', async () => {
  const folder = folderOf();
  const { files } = filesIn(folder, { size: '2K' });
  await files.start();
  for (let line = 0; line < 30; line++) {
    files.log.info(`Line ${line} of hunter2.`, { filled: 'x'.repeat(100) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await files.stop();
  const names = readdirSync(folder).sort();
  expect(names.length).toBeGreaterThan(1);
  expect(names[0]).toMatch(/^\d{4}-\d\d-\d\d\.log$/);
  for (const name of names.slice(1)) expect(name).toMatch(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.log$/);
  const text = names.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(new Set(lines)).toEqual(new Set(Array.from({ length: 30 }, (_, line) => `Line ${line} of ***.`)));
  if (process.platform !== 'win32') expect(statSync(path.join(folder, names[0] ?? '')).mode & 0o077).toBe(0);

  // After a restart the day goes on in its files.
  const again = filesIn(folder);
  await again.files.start();
  again.files.log.info('More.');
  await again.files.stop();
  expect(readdirSync(folder).length).toBeLessThanOrEqual(names.length + 1);
});

it('files are packed after 7 days and deleted after 30; what else lies there is left alone', async () => {
  const folder = folderOf();
  const aged = (name: string, days: number): void => {
    const file = path.join(folder, name);
    writeFileSync(file, `${name} was here\n`);
    const at = new Date(Date.now() - days * DAY_MS);
    utimesSync(file, at, at);
  };
  aged('2020-01-01.log', 6);
  aged('2020-01-02_03-04-05.log', 8);
  aged('2020-01-03.log', 31);
  aged('2020-01-04.log.gz', 29);
  aged('2020-01-05.log.gz', 31);
  aged('notes.log', 99);
  const { files } = filesIn(folder);
  await files.start();
  await files.stop();
  const left = readdirSync(folder).filter((name) => name < '2021' || name === 'notes.log');
  expect(left.sort()).toEqual(['2020-01-01.log', '2020-01-02_03-04-05.log.gz', '2020-01-04.log.gz', 'notes.log']);
  const packed = path.join(folder, '2020-01-02_03-04-05.log.gz');
  expect(gunzipSync(readFileSync(packed)).toString()).toBe('2020-01-02_03-04-05.log was here\n');
  expect(Date.now() - statSync(packed).mtimeMs).toBeGreaterThan(7 * DAY_MS);
});

it('a folder that cannot be written is told of once, and costs nothing else', async () => {
  const folder = path.join(folderOf(), 'taken');
  writeFileSync(folder, '');
  const { files, warned, clock } = filesIn(folder);
  await files.start();
  files.log.info('Lost.');
  await clock.advance(2 * 3_600_000);
  expect(warned).toEqual([expect.stringContaining('cannot be written (EEXIST)')]);
  rmSync(folder);
  const names = async (): Promise<string[]> => {
    await clock.advance(3_600_000);
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  await expect.poll(names, { timeout: 5_000 }).toHaveLength(1);
  await files.stop();
});
