/**
 * How soon are two hundred cameras by URL proven, and are those that cannot play named as what they are?
 *
 *   npm run bench:sources -- [--cameras 200] [--runs 3] [--json]
 *
 * Needs `mediamtx` and `ffmpeg` (with libx264 and libx265) on PATH, and node-av. The cameras stand in camlease.yml. All but four are RTSP
 * cameras with a login, at a MediaMTX of their own (640x360, 15 pictures a second, a key frame every 2 s). Among them are one with a wrong
 * password, one at a port that never answers, one that is a web page, and one that sends H.265. The time runs from the
 * start of camlease's process until the API shows tracks, and gives a picture, of each camera that can play; then until each of the four
 * is named. Each run is a new installation. The most sessions at once are those that the cameras count.
 */
import { createServer } from 'node:http';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { median, seconds, spread, table, wishTable, type Wish } from './report.js';
import { LOGIN, startCameraServer, type CameraServer } from './sources/cameraServer.js';
import { startSilentHost } from './sources/silentHost.js';
import { startListedCamlease, type ListedCamera, type SeenCamera } from './sources/listedCamlease.js';

const PROVEN_WITHIN_MS = 60_000;
const NAMED_WITHIN_MS = 60_000;
const MOST_AT_ONCE = 16;
/** What is not there after this time never comes, for this bench. */
const LIMIT_MS = 180_000;
const LOOK_MS = 500;
const ASK_AT_ONCE = 16;

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '200' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.cameras);
const runs = Number(values.runs);

/** What is said of a camera that plays H.264; the failure's code, or else the codec. */
const GOOD = 'H264';
/** The four that are odd, by key, with what is to be said of each. */
const ODD: Readonly<Record<string, string>> = {
  'wrong-password': 'STREAM_LOGIN_REFUSED',
  'dead-host': 'STREAM_UNREACHABLE',
  'web-page': 'STREAM_NOT_A_STREAM',
  'h265-camera': 'H265',
};

interface Run {
  /** Time until all that can play had tracks and a picture; null: not within the limit. */
  readonly provenMs: number | null;
  /** Time from then on until the four were named, 0 where they were before; null: not within the limit. */
  readonly namedMs: number | null;
  readonly mostAtOnce: number;
  /** What is said of the four at the end, by key. */
  readonly said: Readonly<Record<string, { readonly is: string; readonly sentence: string }>>;
  /** Of the others: how many had a failure at any look. */
  readonly failed: number;
}

async function measure(server: CameraServer, webPage: string, silentPort: number): Promise<Run> {
  const camlease = await startListedCamlease(listOf(server, webPage, silentPort));
  const pictured = new Set<string>();
  const failed = new Set<string>();
  let [provenMs, namedMs, mostAtOnce]: [number | null, number | null, number] = [null, null, 0];
  let cameras: readonly SeenCamera[] = [];
  try {
    while ((provenMs === null || namedMs === null) && performance.now() - camlease.beganMs < LIMIT_MS) {
      mostAtOnce = Math.max(mostAtOnce, await server.sessions());
      cameras = await camlease.cameras();
      const good = cameras.filter((camera) => !(keyOf(camera) in ODD));
      for (const camera of good) if (camera.failure !== null) failed.add(camera.id);
      const unseen = good.filter((camera) => saidOf(camera).is === GOOD && !pictured.has(camera.id));
      for (let at = 0; at < unseen.length; at += ASK_AT_ONCE) {
        const asked = unseen.slice(at, at + ASK_AT_ONCE).map(async ({ id }) => {
          if (await camlease.hasPicture(id)) pictured.add(id);
        });
        await Promise.all(asked);
      }
      const passedMs = performance.now() - camlease.beganMs;
      const goodOnes = count - Object.keys(ODD).length;
      if (provenMs === null && pictured.size === goodOnes) provenMs = passedMs;
      const odd = cameras.filter((camera) => saidOf(camera).is === ODD[keyOf(camera)]);
      if (provenMs !== null && odd.length === Object.keys(ODD).length) namedMs = passedMs - provenMs;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } finally {
    await camlease.stop();
  }
  const said = Object.fromEntries(
    cameras.flatMap((camera) => (keyOf(camera) in ODD ? [[keyOf(camera), saidOf(camera)]] : [])),
  );
  return { provenMs, namedMs, mostAtOnce, said, failed: failed.size };
}

function listOf(server: CameraServer, webPage: string, silentPort: number): readonly ListedCamera[] {
  const odd: readonly ListedCamera[] = [
    { key: 'wrong-password', url: server.address(count), user: LOGIN.user, password: 'wrong' },
    { key: 'dead-host', url: `rtsp://127.0.0.1:${silentPort}/main`, ...LOGIN },
    { key: 'web-page', url: webPage },
    { key: 'h265-camera', url: server.h265Address, ...LOGIN },
  ];
  const good = Array.from({ length: count - odd.length }, (_, at) => ({
    ...{ key: `camera-${at}`, url: server.address(at) },
    ...LOGIN,
  }));
  // In the middle, where they could hold up the others.
  const middle = Math.floor(good.length / 2);
  return [...good.slice(0, middle), ...odd, ...good.slice(middle)];
}

function keyOf({ feed }: SeenCamera): string {
  return feed?.key ?? '';
}

function saidOf({ failure, source }: SeenCamera): { is: string; sentence: string } {
  if (failure !== null) return { is: failure.code, sentence: failure.message };
  return { is: source.openedAt === null ? '' : (source.tracks?.video.codec ?? ''), sentence: '' };
}

function wishes(all: readonly Run[]): readonly Wish[] {
  const worst = (of: (run: Run) => number | null): number =>
    Math.max(...all.map((run) => of(run) ?? Number.POSITIVE_INFINITY));
  const provenMs = worst((run) => run.provenMs);
  const namedMs = worst((run) => run.namedMs);
  const most = worst((run) => run.mostAtOnce);
  const failed = worst((run) => run.failed);
  return [
    {
      what: `${count - Object.keys(ODD).length} cameras that can play`,
      wanted: `tracks and a picture within ${PROVEN_WITHIN_MS / 1_000} s, in each run`,
      seen: seconds(provenMs),
      isMet: provenMs <= PROVEN_WITHIN_MS,
    },
    {
      what: 'the four that are odd',
      wanted: `named within ${NAMED_WITHIN_MS / 1_000} s more, in each run`,
      seen: seconds(namedMs),
      isMet: namedMs <= NAMED_WITHIN_MS,
    },
    {
      ...{ what: 'sessions at once', wanted: `at most ${MOST_AT_ONCE}`, seen: `${most}` },
      isMet: most <= MOST_AT_ONCE,
    },
    { what: 'others', wanted: 'none has a failure', seen: `${failed}`, isMet: failed === 0 },
  ];
}

const page = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end('<!doctype html><title>Camera</title><h1>Log in</h1>');
});
await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
const address = page.address();
const webPage = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
const silent = await startSilentHost();
const server = await startCameraServer({ streams: 4, kbit: 1_000, size: '640x360', h265: true });
const all: Run[] = [];
try {
  for (let run = 1; run <= runs; run++) {
    const one = await measure(server, webPage, silent.port);
    all.push(one);
    const told = (ms: number | null): string => (ms === null ? 'never' : seconds(ms));
    console.error(`Run ${run}: proven after ${told(one.provenMs)}, all four named ${told(one.namedMs)} later.`);
  }
} finally {
  await server.stop();
  silent.stop();
  page.closeAllConnections();
  page.close();
}

const list = wishes(all);
const known = (of: (run: Run) => number | null): readonly number[] =>
  all.map((run) => of(run) ?? Number.POSITIVE_INFINITY);
if (values.json) console.log(JSON.stringify({ cameras: count, load: loadavg()[0], wishes: list, all }, null, 2));
else {
  console.log(`${count} cameras, ${runs} runs; load ${loadavg()[0]?.toFixed(1) ?? ''} at the end.\n`);
  const row = [
    `${runs}`,
    spread(known((run) => run.provenMs)),
    spread(known((run) => run.namedMs)),
    `${median(known((run) => run.mostAtOnce))}`,
  ];
  console.log(
    table(
      ['runs', 'proven after, median (least, most)', 'the four named, from then on', 'most sessions at once'],
      [row],
    ),
  );
  const last = Object.entries(all.at(-1)?.said ?? {});
  console.log(
    `\n${table(
      ['odd camera', 'said of it in the last run', ''],
      last.map(([key, { is, sentence }]) => [key, is, sentence]),
    )}`,
  );
  console.log(`\n${wishTable(list)}`);
}
process.exitCode = list.every(({ isMet }) => isMet) ? 0 : 1;
