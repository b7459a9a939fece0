import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { LineRate } from './lineRate.js';
import { LogTail, LONGEST_LINE } from './logTail.js';

async function tail(): Promise<{ path: string; lines: string[]; read: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'camlease-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'mediamtx.log');
  const lines: string[] = [];
  const reader = new LogTail(path, (line) => lines.push(line));
  return { path, lines, read: () => reader.read() };
}

test('a line of a megabyte is cut, whether it has ended or not, and the next one is whole', async () => {
  const { path, lines, read } = await tail();
  await writeFile(path, 'a.'.repeat(500_000));
  await read();
  await appendFile(path, `${'a.'.repeat(100_000)}\nthe next one\n`);
  await read();
  expect(lines).toEqual([`${'a.'.repeat(LONGEST_LINE / 2)}…`, 'the next one']);
});

test('a URL in a cut line is masked as well', async () => {
  const { path, lines, read } = await tail();
  await writeFile(path, `pull rtmp://host/key ${'x'.repeat(5_000)}\n`);
  await read();
  expect(lines[0]).toMatch(/^pull <url> x+…$/);
});

test('lines that come faster than 200 a second are left out, and how many is told', async () => {
  const clock = new TurnedClock();
  const rate = new LineRate(clock);
  const first = Array.from({ length: 5_000 }, () => rate.take());
  expect(first.filter((taken) => taken !== null)).toHaveLength(1_000);
  await clock.advance(1_000);
  expect(rate.take()).toBe(4_000);
  expect(rate.take()).toBe(0);
});
