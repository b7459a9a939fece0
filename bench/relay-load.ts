/**
 * How much processor time does the relay need, how many packets does it lose, and do readers notice a renewal of all cameras?
 *
 *   npm run bench:relay-load -- [--cameras 100] [--kbit 2000] [--chunks 128,4096] [--seconds 60] [--json]
 *
 * Linux only (/proc). The relay runs in its own processes, as camlease starts it. One origin process serves H.264 of the given rate in RTMP
 * chunks of the given size, 15 pictures a second, a key frame every 2 s. One process of readers reads each camera over RTSP as MediaMTX does.
 * The processor time of the relay's parent and workers is measured for `--seconds`, from half a minute after all cameras have readers. Then
 * all cameras get a new address at once, and the time runs until each reader has pictures from it. Packets are counted by RTP's sequence
 * numbers, pictures by a number inside of them. Before all this, a single-threaded process copies the same pulls without reading them:
 * that is about the least processor time that a Node program needs for these bytes.
 */
import { parseArgs } from 'node:util';
import type { RelayCameras } from '../src/core/streams/relay.js';
import { bareCopyMs } from './load/bareCopy.js';
import { processorMs, residentBytes, startOrigin, startReaders } from './load/processes.js';
import type { Counts } from './load/readersMessages.js';
import { seconds, table, wishTable, type Wish } from './report.js';
import { processorTime } from './rig/processorTime.js';
import { startRelayAlone } from './rig/relayAlone.js';

const MOST_MS_PER_SECOND = 1.5;
const RENEWED_WITHIN_MS = 60_000;
/** A longer gap between two pictures is visible; usually it is 67 ms. */
const SEEN_MS = 300;
const START_MS = 60_000;
/** Time for V8 to compile hot code before the measurement, since a relay runs for weeks. */
const WARM_MS = 30_000;
const SETTLE_MS = 5_000;

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '100' },
    kbit: { type: 'string', default: '2000' },
    chunks: { type: 'string', default: '128,4096' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.cameras);
const lengthMs = Number(values.seconds) * 1_000;
const say = (line: string): void => console.error(line);

interface Load {
  readonly chunkBytes: number;
  /** Processor time of the relay's processes, in ms per second and camera. */
  readonly relayMs: number;
  /** The same for a process that copies the same bytes from the same origin without reading them. */
  readonly copyMs: number;
  readonly originMs: number;
  readonly readersMs: number;
  /** Share of all processors' time that was used, other programs included. */
  readonly busy: number;
  readonly relayBytes: number;
  readonly steady: Counts;
  readonly renewal: Counts;
  /** Time until each reader had pictures from the new address; null: not within a minute. */
  readonly renewedMs: number | null;
}

async function measure(chunkBytes: number): Promise<Load> {
  const origin = await startOrigin(Number(values.kbit), chunkBytes);
  const copyMs = await bareCopyMs(origin.port, count, lengthMs);
  const relay = await startRelayAlone();
  const readers = startReaders();
  try {
    const ids = Array.from({ length: count }, (_, at) => `camera-${at}`);
    const cameras = (revision: number): RelayCameras =>
      new Map(
        ids.map((id) => {
          const url = `rtmp://127.0.0.1:${origin.port}/v3/openlive/${id}?id=${revision}`;
          const target = { url, givenBy: 'cloud' as const, revision, endsAt: null, tracks: null };
          return [id, { target, candidate: null, whenGone: 'slate', cap: null }];
        }),
      );
    await relay.client.setCameras(cameras(1), 0);
    readers.read(ids.map((id) => relay.client.sourceFor(id) ?? ''));
    await until('every camera plays', START_MS, async () => {
      const { playing, pictures, changed, closed } = await readers.counts();
      if (closed > 0) throw new Error(`${closed} of ${count} readers were closed at their start.`);
      return playing === count && changed === count && pictures > count;
    });
    await pause(WARM_MS);
    const pids = await relay.pids();
    readers.reset();
    const busy = processorTime();
    const before = [pids, [origin.pid], [readers.pid]].map(processorMs);
    const beganMs = performance.now();
    await pause(lengthMs);
    const after = [pids, [origin.pid], [readers.pid]].map(processorMs);
    const passed = (performance.now() - beganMs) / 1_000;
    const [relayMs = Number.NaN, originMs = Number.NaN, readersMs = Number.NaN] = after.map(
      (ms, at) => (ms - (before[at] ?? 0)) / passed / count,
    );
    const steady = await readers.counts();
    const share = busy();
    const relayBytes = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    say(
      `Chunks of ${chunkBytes} bytes: ${relayMs.toFixed(2)} ms/s and camera, a bare copy ${copyMs.toFixed(2)}, ${steady.lostPackets} packets lost.`,
    );
    readers.reset();
    const renewedAtMs = performance.now();
    await relay.client.setCameras(cameras(2), 0);
    let renewedMs: number | null = null;
    await until('all cameras are renewed', RENEWED_WITHIN_MS, async () => {
      if ((await readers.counts()).changed < count) return false;
      renewedMs = performance.now() - renewedAtMs;
      return true;
    }).catch((thrown: unknown) => say(thrown instanceof Error ? thrown.message : String(thrown)));
    await pause(SETTLE_MS);
    return {
      chunkBytes,
      relayMs,
      copyMs,
      originMs,
      readersMs,
      busy: share,
      relayBytes,
      steady,
      renewal: await readers.counts(),
      renewedMs,
    };
  } finally {
    readers.stop();
    await relay.stop();
    origin.stop();
  }
}

async function until(what: string, limitMs: number, isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + limitMs; ;) {
    if (await isSo()) return;
    if (performance.now() > endMs) throw new Error(`Not within ${limitMs / 1_000} s: ${what}.`);
    await pause(250);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function row(load: Load): string[] {
  const { chunkBytes, relayMs, copyMs, originMs, readersMs, busy, relayBytes, steady, renewal, renewedMs } = load;
  return [
    chunkBytes.toLocaleString('en'),
    `${relayMs.toFixed(2)} ms/s`,
    `${copyMs.toFixed(2)} ms/s`,
    `${originMs.toFixed(2)} and ${readersMs.toFixed(2)} ms/s`,
    `${Math.round(busy * 100)} %`,
    `${Math.round(relayBytes / 1_048_576)} MB`,
    `${steady.lostPackets} of ${steady.packets.toLocaleString('en')}`,
    `${steady.lostPictures} of ${steady.pictures.toLocaleString('en')}`,
    seconds(steady.longestMs),
    renewedMs === null ? 'not all' : seconds(renewedMs),
    `${renewal.closed}`,
    seconds(renewal.longestMs),
  ];
}

function wishes({ chunkBytes, relayMs, steady, renewal, renewedMs }: Load): readonly Wish[] {
  const what = `${count} cameras, chunks of ${chunkBytes.toLocaleString('en')} bytes`;
  const lost = steady.lostPackets + steady.lostPictures + renewal.lostPackets;
  return [
    {
      what,
      wanted: `at most ${MOST_MS_PER_SECOND.toFixed(1)} ms of processor a second and camera`,
      seen: `${relayMs.toFixed(2)} ms`,
      isMet: relayMs <= MOST_MS_PER_SECOND,
    },
    { what, wanted: 'no packet and no picture lost', seen: `${lost}`, isMet: lost === 0 },
    {
      what,
      wanted: `all renewed within ${RENEWED_WITHIN_MS / 1_000} s`,
      seen: renewedMs === null ? `${renewal.changed} of ${count}` : seconds(renewedMs),
      isMet: renewedMs !== null && renewedMs <= RENEWED_WITHIN_MS,
    },
    {
      what,
      wanted: `unnoticed: no reader closed, never ${seconds(SEEN_MS)} without a picture`,
      seen: `${renewal.closed} closed, ${seconds(renewal.longestMs)}`,
      isMet: renewal.closed === 0 && renewal.longestMs < SEEN_MS,
    },
  ];
}

const loads: Load[] = [];
for (const chunkBytes of values.chunks.split(',').map(Number)) loads.push(await measure(chunkBytes));
const list = loads.flatMap(wishes);
if (values.json) console.log(JSON.stringify({ cameras: count, wishes: list, loads }, null, 2));
else {
  console.log(`${count} watched cameras of ${values.kbit} kbit/s, ${values.seconds} s each.\n`);
  const heads = [
    'chunks of the origin, bytes',
    'relay, for each camera',
    'bare copy, for each camera',
    'origin and readers, for each camera',
    'all processors, with everything else',
    "relay's memory",
    'packets lost',
    'pictures lost',
    'longest without a picture',
    'all renewed after',
    'readers closed',
    'longest without a picture at the renewal',
  ];
  console.log(table(heads, loads.map(row)));
  console.log(`\n${wishTable(list)}`);
}
process.exitCode = list.every(({ isMet }) => isMet) ? 0 : 1;
