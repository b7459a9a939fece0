/**
 * What does a large fleet of on-demand cameras cost MediaMTX with the relay, compared with one plain path for each camera?
 *
 *   npm run bench:fleet -- [--cameras 10000] [--watched 100] [--runs 3] [--json]
 *
 * Needs `mediamtx` on PATH, and Linux (/proc). Runs the parts of camlease that a renewal goes through (SQLite, decisions, the engine) with all
 * cameras in mode on-demand: once with a relay in its own processes, once without one, where each camera is a plain path that
 * pulls the cloud. `--watched` of the cameras are read over RTSP; one origin process sends their pictures. The results: MediaMTX's resident
 * memory with these readers, how long a second MediaMTX needs to read the same file again, whether a renewal of all cameras writes that
 * file, and how long a cold camera takes to its first picture.
 */
import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Relay } from '../src/engine/mediamtx/relayed/relayPort.js';
import { makeMediaMtx, mediaMtxProgram, mediaMtxTemplate, type TestMediaMtx } from '../test/support/engine/mediamtx.js';
import { residentBytes, startOrigin, startReaders, type LoadOrigin, type LoadReaders } from './load/processes.js';
import { median, seconds, spread, table, wishTable, type Wish } from './report.js';
import { startRelayAlone } from './rig/relayAlone.js';
import { reloadMs } from './scale/bareMediaMtx.js';
import { startPipeline } from './scale/camlease.js';

const MOST_TIMES = 1.1;
const KBIT = 300;
const CHUNK_BYTES = 4_096;
const READING_MS = 60_000;
const REST_MS = 4_000;
const MEGABYTE = 1_048_576;

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '10000' },
    watched: { type: 'string', default: '100' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.cameras);
const watched = Number(values.watched);
const runs = Number(values.runs);
const say = (line: string): void => console.error(line);

interface Sized {
  readonly by: 'relay' | 'plain paths';
  readonly memoryBytes: number;
  readonly reloadsMs: readonly number[];
  /** True: the renewal of all cameras wrote MediaMTX's file. */
  readonly isWritten: boolean;
  readonly renewalMs: number;
  readonly readersClosed: number;
  /** Readers that have pictures of the new lease. */
  readonly readersMoved: number;
  readonly firstPicturesMs: readonly number[];
  /** True: the file was written while a cold camera was read. */
  readonly isWrittenForPicture: boolean;
}

async function measure(by: Sized['by'], origin: LoadOrigin, relay: Relay | null): Promise<Sized> {
  const template = await mediaMtxTemplate();
  const [ours, bare] = [await makeMediaMtx(template), await makeMediaMtx(template)];
  const readers = startReaders();
  try {
    await Promise.all([ours.start(), bare.start()]);
    const pipeline = await startPipeline(ours, count, { relay, origin: `127.0.0.1:${origin.port}` });
    try {
      await pause(REST_MS);
      say(`${by}: ${count} paths are there.`);
      const ids = pipeline.ids();
      const addressOf = (id: string): string => `rtsp://127.0.0.1:${ours.ports.rtsp}/${id}`;
      readers.read(ids.slice(0, watched).map(addressOf));
      await until(`${watched} cameras play`, READING_MS, async () => (await readers.counts()).changed >= watched);
      await pause(REST_MS);
      const memoryBytes = residentBytes(ours.pid ?? 0);
      const reloadsMs: number[] = [];
      for (let run = 0; run < runs; run++) reloadsMs.push(await reload(ours, bare, run));
      const firstPicturesMs: number[] = [];
      const before = fileOf(ours);
      for (let run = 0; run < runs; run++)
        firstPicturesMs.push(await firstPicture(addressOf(ids[watched + run] ?? '')));
      const isWrittenForPicture = fileOf(ours) !== before;
      await pipeline.prepare();
      const unrenewed = fileOf(ours);
      const beganMs = performance.now();
      readers.reset();
      // Without a relay, watched cameras wait for their new lease, and the error says so.
      const late = (thrown: unknown): void => say(thrown instanceof Error ? thrown.message : String(thrown));
      await pipeline.renewAll().catch(late);
      const renewalMs = performance.now() - beganMs;
      await pause(REST_MS);
      if (relay)
        await until(
          'all readers see the other lease',
          READING_MS,
          async () => (await readers.counts()).changed >= watched,
        ).catch(late);
      const { closed, changed } = await readers.counts();
      const isWritten = fileOf(ours) !== unrenewed;
      return {
        by,
        memoryBytes,
        reloadsMs,
        isWritten,
        renewalMs,
        readersClosed: closed,
        readersMoved: changed,
        firstPicturesMs,
        isWrittenForPicture,
      };
    } finally {
      await pipeline.stop();
    }
  } finally {
    readers.stop();
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

/** A text that changes with each write of the file. */
function fileOf({ configPath }: TestMediaMtx): string {
  const { mtimeMs, ino } = statSync(configPath);
  return `${mtimeMs} ${ino} ${readFileSync(configPath, 'utf8').length}`;
}

/** How long MediaMTX takes to read the same file with one more path, which shows when it was read. */
async function reload(ours: TestMediaMtx, bare: TestMediaMtx, run: number): Promise<number> {
  const name = `reload-${run}`;
  const source = `rtmp://127.0.0.1:9/reload/${run}`;
  const ms = await reloadMs(bare, `${await ours.config()}\n  ${name}: {source: '${source}', sourceOnDemand: yes}\n`, {
    name,
    source,
  });
  await pause(REST_MS);
  return ms;
}

/** Time in ms from the connection of a reader to its first picture. */
async function firstPicture(url: string): Promise<number> {
  const reader = startReaders();
  try {
    await pause(500);
    const beganMs = performance.now();
    reader.read([url]);
    await until('a cold camera plays', READING_MS, () => plays(reader), 10);
    return performance.now() - beganMs;
  } finally {
    reader.stop();
  }
}

/** Whether the reader has a picture; throws with the server's answer when it was refused. */
async function plays(reader: LoadReaders): Promise<boolean> {
  const { pictures, refusals } = await reader.counts();
  if (refusals.length > 0) throw new Error(`A cold camera is refused: ${refusals.join(', ')}.`);
  return pictures > 0;
}

async function until(what: string, limitMs: number, isSo: () => Promise<boolean>, everyMs = 250): Promise<void> {
  for (const endMs = performance.now() + limitMs; ;) {
    if (await isSo()) return;
    if (performance.now() > endMs) throw new Error(`Not within ${limitMs / 1_000} s: ${what}.`);
    await pause(everyMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function row(sized: Sized): string[] {
  const { by, memoryBytes, reloadsMs, isWritten, renewalMs, readersClosed, firstPicturesMs, isWrittenForPicture } =
    sized;
  return [
    by,
    `${Math.round(memoryBytes / MEGABYTE)} MB`,
    spread(reloadsMs),
    isWritten ? 'written' : 'untouched',
    seconds(renewalMs),
    `${readersClosed} of ${watched}`,
    `${spread(firstPicturesMs)}${isWrittenForPicture ? ', written' : ''}`,
  ];
}

function wishes(ours: Sized, plain: Sized): readonly Wish[] {
  const atMost = (what: string, ratio: number): Wish => ({
    what,
    wanted: `at most ${MOST_TIMES} times`,
    seen: `${ratio.toFixed(2)} times`,
    isMet: ratio <= MOST_TIMES,
  });
  return [
    atMost("MediaMTX's memory against plain paths", ours.memoryBytes / plain.memoryBytes),
    atMost("MediaMTX's reload against plain paths", median(ours.reloadsMs) / median(plain.reloadsMs)),
    {
      what: 'a renewal of all',
      wanted: 'writes nothing',
      seen: ours.isWritten ? 'written' : 'untouched',
      isMet: !ours.isWritten,
    },
    {
      what: 'its readers',
      wanted: 'all see the other lease',
      seen: `${ours.readersMoved} of ${watched}`,
      isMet: ours.readersMoved === watched,
    },
    {
      what: 'its readers',
      wanted: 'none closed',
      seen: `${ours.readersClosed} closed`,
      isMet: ours.readersClosed === 0,
    },
    {
      what: 'a first picture',
      wanted: 'waits for no write',
      seen: ours.isWrittenForPicture ? 'written' : 'untouched',
      isMet: !ours.isWrittenForPicture,
    },
  ];
}

if (mediaMtxProgram === null) throw new Error('This bench needs mediamtx on PATH.');
const origin = await startOrigin(KBIT, CHUNK_BYTES);
const relay = await startRelayAlone();
try {
  const ours = await measure('relay', origin, relay.client);
  const plain = await measure('plain paths', origin, null);
  const list = wishes(ours, plain);
  if (values.json)
    console.log(JSON.stringify({ cameras: count, watched, wishes: list, sizes: [ours, plain] }, null, 2));
  else {
    console.log(`${count.toLocaleString('en')} on-demand cameras, ${watched} watched.\n`);
    const heads = [
      'cameras are',
      "MediaMTX's memory",
      "MediaMTX's reload, median (least, most)",
      'file at a renewal of all',
      'which takes',
      'readers closed by it',
      'first picture of a cold camera',
    ];
    console.log(table(heads, [ours, plain].map(row)));
    console.log(`\n${wishTable(list)}`);
  }
  process.exitCode = list.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  await relay.stop();
  origin.stop();
}
