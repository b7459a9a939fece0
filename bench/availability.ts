/**
 * Does the availability that camlease reports agree with the frames that can really be read?
 *
 *   npm run bench:availability -- [--minutes 30] [--cameras 20] [--life 30] [--seed 1] [--json]
 *
 * Needs `mediamtx` on PATH. With TEST_MONGODB_URI the store is that database, behind a TCP proxy that cuts it off at random.
 * Simulator, MediaMTX and camlease run in their own processes. Every camera is always-on with leases of 30 s. One reader for each camera
 * plays its public path over RTSP all the time and notes when pictures of the camera itself came; the slate does not count. MediaMTX is
 * killed (-9) and the store is cut off at random moments that the seed decides. At the end the share of time in which pictures came is
 * compared with GET /api/availability, camera by camera.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { measureFrames, percentOf } from './availability/frames.js';
import { startAvailabilityRig, type AvailabilityRig, type Told } from './availability/rig.js';
import { CameraWatcher, cameraParameters } from './availability/watcher.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    cameras: { type: 'string', default: '20' },
    life: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
/** The API and the frames may differ by so many percentage points. */
const MAY_DIFFER = 1;
/** Time without faults at the end, so that camlease has seen every camera come back. */
const CALM_MS = 20_000;
const say = (line: string): void => console.error(line);

let state = Number(values.seed);
const random = (): number => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
const between = (low: number, high: number): number => low + random() * (high - low);

const parameters = await cameraParameters();
const rig = await startAvailabilityRig(Number(values.cameras), Number(values.life));
const watchers = new Map(rig.cameras.map((camera) => [camera, new CameraWatcher(rig.addressOf(camera), parameters)]));
try {
  say(`${rig.cameras.length} cameras, leases of ${values.life} s, store: ${rig.storeKind}, seed ${values.seed}.`);
  await allFlow(rig);
  const before = await toldOfAll(rig);
  const fromMs = performance.now();
  const toMs = fromMs + Number(values.minutes) * 60_000;
  const [kills, away] = await Promise.all([killNow(rig, toMs - CALM_MS), breakStore(rig, toMs - CALM_MS)]);
  await wait(Math.max(0, toMs - performance.now()));
  const endMs = performance.now();
  const after = await toldOfAll(rig);
  const rows = rig.cameras.map((camera) => {
    const frames = measureFrames(watchers.get(camera)?.seenMs ?? [], fromMs, endMs);
    const api = minus(after.get(camera), before.get(camera));
    const apiPercent = percentOf({ upMs: api.upMs, downMs: api.downMs + api.offlineMs });
    return {
      camera,
      frames,
      api,
      percent: percentOf(frames),
      apiPercent,
      apart: Math.abs(percentOf(frames) - apiPercent),
    };
  });
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const percent = percentOf({ upMs: sum(({ frames }) => frames.upMs), downMs: sum(({ frames }) => frames.downMs) });
  const apiPercent = percentOf({
    upMs: sum(({ api }) => api.upMs),
    downMs: sum(({ api }) => api.downMs + api.offlineMs),
  });
  const worst = Math.max(...rows.map(({ apart }) => apart));
  if (values.json) console.log(JSON.stringify({ kills, away, percent, apiPercent, worst, rows }, null, 2));
  else {
    for (const { camera, frames, api, ...row } of rows) {
      const [gaps, unknown] = [frames.gaps.length, (api.unknownMs / 1_000).toFixed(1)];
      console.log(
        `${camera}: frames ${row.percent.toFixed(3)} %, API ${row.apiPercent.toFixed(3)} %, apart ${row.apart.toFixed(3)}; ${gaps} gaps, unknown ${unknown} s`,
      );
    }
    for (const { camera, frames, apart } of rows.filter((row) => row.apart > MAY_DIFFER)) {
      console.log(`${camera} is ${apart.toFixed(3)} apart. Gaps of its frames, and its outages:`);
      for (const gap of frames.gaps) console.log(`  frames ${atClock(gap.fromMs)} to ${atClock(gap.toMs)}`);
      for (const { reason, beganAt, endedAt } of await rig.outages(camera)) {
        console.log(`  outage ${beganAt.slice(11, 23)} to ${endedAt?.slice(11, 23) ?? 'now'} ${reason}`);
      }
    }
    console.log(`MediaMTX killed ${kills} times, store away ${away} times in ${values.minutes} min.`);
    console.log(
      `All: frames ${percent.toFixed(3)} %, API ${apiPercent.toFixed(3)} %; the worst camera is ${worst.toFixed(3)} apart.`,
    );
  }
  if (worst > MAY_DIFFER) process.exitCode = 1;
} finally {
  for (const watcher of watchers.values()) watcher.stop();
  await rig.stop();
}

async function allFlow(rig: AvailabilityRig): Promise<void> {
  for (const endMs = performance.now() + 180_000; ;) {
    const flowing = await Promise.all(rig.cameras.map((camera) => rig.flows(camera)));
    const isSeen = [...watchers.values()].every(({ seenMs }) => performance.now() - (seenMs.at(-1) ?? 0) < 2_000);
    if (flowing.every(Boolean) && isSeen) return;
    if (performance.now() > endMs) {
      const silent = [...watchers].filter(([, { seenMs }]) => performance.now() - (seenMs.at(-1) ?? 0) >= 2_000);
      throw new Error(
        `Not all cameras flowed in 3 min: ${flowing.filter(Boolean).length} by the API, ${silent.length} unseen.`,
      );
    }
    await wait(500);
  }
}

async function toldOfAll(rig: AvailabilityRig): Promise<ReadonlyMap<string, Told>> {
  return new Map(await Promise.all(rig.cameras.map(async (camera) => [camera, await rig.told(camera)] as const)));
}

async function killNow(rig: AvailabilityRig, endMs: number): Promise<number> {
  for (let kills = 0; ; kills++) {
    const waitMs = between(30_000, 90_000);
    if (performance.now() + waitMs > endMs) return kills;
    await wait(waitMs);
    say(`${clock()} MediaMTX is killed.`);
    rig.killMediaMtx();
  }
}

async function breakStore({ store }: AvailabilityRig, endMs: number): Promise<number> {
  for (let times = 0; ; times++) {
    const [waitMs, lengthMs] = [between(40_000, 120_000), between(2_000, 15_000)];
    if (store === null || performance.now() + waitMs + lengthMs > endMs) return times;
    await wait(waitMs);
    say(`${clock()} The store is away for ${(lengthMs / 1_000).toFixed(0)} s.`);
    await store.away();
    await wait(lengthMs);
    await store.back();
  }
}

function minus(after: Told | undefined, before: Told | undefined): Told {
  const of = (key: keyof Told): number => (after?.[key] ?? 0) - (before?.[key] ?? 0);
  return { upMs: of('upMs'), downMs: of('downMs'), offlineMs: of('offlineMs'), unknownMs: of('unknownMs') };
}

function clock(): string {
  return new Date().toISOString().slice(11, 19);
}

/** A monotonic time as a time of day. */
function atClock(ms: number): string {
  return new Date(performance.timeOrigin + ms).toISOString().slice(11, 23);
}
