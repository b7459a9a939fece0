/**
 * What does a camera by URL with one viewer cost, against MediaMTX that pulls the same camera itself?
 *
 *   npm run bench:source-cpu -- [--cameras 20] [--kbit 2000] [--seconds 30] [--runs 5] [--json]
 *
 * Linux only (/proc). Needs `mediamtx` and `ffmpeg` (with libx264) on PATH. The cameras are RTSP cameras with a login at a MediaMTX of their
 * own (1280x720, 15 pictures a second, a key frame every 2 s). camlease runs as a user starts it, the cameras on-demand, with a
 * MediaMTX that gets them from the relay; beside it a second MediaMTX has direct paths to the same cameras. Each camera has one RTSP reader at each of the two, at the
 * same time. From half a minute after all read, the processor time of the relay (parent and workers) and of both MediaMTX is
 * measured, `--runs` times `--seconds` in the same run of both.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { processorMs, startReaders } from './load/processes.js';
import { median, table, wishTable, type Wish } from './report.js';
import { LOGIN, startCameraServer } from './sources/cameraServer.js';
import { startDirectMediaMtx } from './sources/directMediaMtx.js';
import { startListedCamlease, type ListedCamlease } from './sources/listedCamlease.js';

/** In ms of processor time per second and camera. */
const MOST_MORE = 1.5;
const START_MS = 120_000;
/** Time for V8 to compile hot code before the measurement, since a relay runs for weeks. */
const WARM_MS = 30_000;
/** Of the packets that should come, so many have to; a starved process uses little processor time. */
const LEAST_PART = 0.95;

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '20' },
    kbit: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '30' },
    runs: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.cameras);
const lengthMs = Number(values.seconds) * 1_000;

/** Processor time in ms per second and camera. */
interface Run {
  readonly relay: number;
  readonly mediaMtx: number;
  /** MediaMTX with direct paths. */
  readonly direct: number;
  /** Packets that the readers of camlease's MediaMTX got, as a part of what those of the direct one got. */
  readonly part: number;
  readonly lostPackets: number;
}

async function measureAll(): Promise<readonly Run[]> {
  const server = await startCameraServer({ streams: 4, kbit: Number(values.kbit), size: '1280x720', h265: false });
  const list = Array.from({ length: count }, (_, at) => ({ key: `camera-${at}`, url: server.address(at), ...LOGIN }));
  const direct = await startDirectMediaMtx(list);
  const camlease = await startListedCamlease(list);
  const ours = startReaders();
  const theirs = startReaders();
  try {
    const ids = await openedIds(camlease);
    ours.read(ids.map((id) => camlease.rtsp(id)));
    theirs.read(list.map(({ key }) => direct.rtsp(key)));
    await until('every camera plays at both', async () => {
      const counts = [await ours.counts(), await theirs.counts()];
      const refusals = counts.flatMap((one) => one.refusals);
      if (refusals.length > 0) throw new Error(`A reader was refused: ${refusals[0] ?? ''}`);
      return counts.every(({ playing, packets }) => playing === count && packets > count);
    });
    await pause(WARM_MS);
    const { relay, mediaMtx } = await camlease.pids();
    const runs: Run[] = [];
    for (let run = 0; run < Number(values.runs); run++) {
      ours.reset();
      theirs.reset();
      const groups = [relay, mediaMtx, [direct.pid]];
      const before = groups.map(processorMs);
      const beganMs = performance.now();
      await pause(lengthMs);
      const after = groups.map(processorMs);
      const passed = (performance.now() - beganMs) / 1_000;
      const each = after.map((ms, at) => (ms - (before[at] ?? 0)) / passed / count);
      const [got, wanted] = [await ours.counts(), await theirs.counts()];
      const lostPackets = got.lostPackets + wanted.lostPackets + got.closed + wanted.closed;
      const one = { ...figures(each), part: got.packets / wanted.packets, lostPackets };
      runs.push(one);
      console.error(`Run ${run + 1}: ${row(one).join(', ')}.`);
    }
    return runs;
  } finally {
    ours.stop();
    theirs.stop();
    await camlease.stop();
    await direct.stop();
    await server.stop();
  }
}

function figures([relay = Number.NaN, mediaMtx = Number.NaN, direct = Number.NaN]: readonly number[]) {
  return { relay, mediaMtx, direct };
}

async function openedIds(camlease: ListedCamlease): Promise<readonly string[]> {
  let ids: readonly string[] = [];
  await until('every camera was opened', async () => {
    ids = (await camlease.cameras()).filter(({ source }) => source.openedAt !== null).map(({ id }) => id);
    return ids.length === count;
  });
  return ids;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + START_MS; ;) {
    if (await isSo()) return;
    if (performance.now() > endMs) throw new Error(`Not within ${START_MS / 1_000} s: ${what}.`);
    await pause(500);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const more = ({ relay, mediaMtx, direct }: Run): number => relay + mediaMtx - direct;

function row(run: Run): string[] {
  const { relay, mediaMtx, direct, lostPackets } = run;
  return [relay, mediaMtx, direct, more(run)].map((ms) => `${ms.toFixed(2)} ms/s`).concat(`${lostPackets}`);
}

/** `3.10 ms/s (3.00, 3.30)`: median, least and most. */
function spreadOf(all: readonly number[]): string {
  return `${median(all).toFixed(2)} ms/s (${Math.min(...all).toFixed(2)}, ${Math.max(...all).toFixed(2)})`;
}

const all = await measureAll();
const moreMs = median(all.map(more));
const least = Math.min(...all.map(({ part }) => part));
const lost = all.reduce((sum, { lostPackets }) => sum + lostPackets, 0);
const what = `${count} cameras of ${values.kbit} kbit/s`;
const list: readonly Wish[] = [
  {
    what,
    wanted: `at most ${MOST_MORE} ms of processor a second and camera more than MediaMTX alone`,
    ...{ seen: `${moreMs.toFixed(2)} ms`, isMet: moreMs <= MOST_MORE },
  },
  {
    what,
    wanted: 'as many packets at both, none lost',
    ...{ seen: `${(least * 100).toFixed(1)} %, ${lost} lost`, isMet: least >= LEAST_PART && lost === 0 },
  },
];
if (values.json) console.log(JSON.stringify({ cameras: count, load: loadavg()[0], wishes: list, all }, null, 2));
else {
  console.log(
    `${what}, ${all.length} runs of ${values.seconds} s; load ${loadavg()[0]?.toFixed(1) ?? ''} at the end.\n`,
  );
  const heads = ['runs', 'relay, median (least, most)', 'its MediaMTX', 'MediaMTX alone', 'difference'];
  const ofAll = (of: (run: Run) => number): string => spreadOf(all.map(of));
  const cells = [ofAll((one) => one.relay), ofAll((one) => one.mediaMtx), ofAll((one) => one.direct), ofAll(more)];
  console.log(table(heads, [[`${all.length}`, ...cells]]));
  console.log(`\n${wishTable(list)}`);
}
process.exitCode = list.every(({ isMet }) => isMet) ? 0 : 1;
