/**
 * How soon does a viewer see a camera that had no viewers before?
 *
 *   npm run bench:first-frame -- [--runs 20] [--key-frames 1,4] [--variants mpegts,lowLatency,fmp4] [--json]
 *
 * Needs `mediamtx`, `chromium` and `ffmpeg` on PATH. For each `hlsVariant` and distance of key frames there is an installation with
 * on-demand cameras of the simulated cloud, all leased and proven, and as many plain paths of MediaMTX that pull the same clips without
 * camlease. MediaMTX keeps an HLS muxer for a minute, so each run takes a camera and a path that were not watched yet. The plain hls.js
 * page and MediaMTX's WebRTC page are opened one after the other, for the camera and for the path in turn. The time runs from the page's
 * first request for the stream to the first frame on the screen (first picture), and to the second of three changed frames in a row (first
 * motion). The cloud starts every play with a key frame. In the first run of each kind the page plays on for 10 s, in which its requests
 * are counted.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { launchChromium } from '../test/support/viewers/chromium.js';
import { firstFrame, pause, type FirstFrame } from './first/measure.js';
import { FfmpegPlayer } from './players/ffmpegPlayer.js';
import { closeAll } from './players/openPlayers.js';
import { servePlainPage } from './players/plainPage.js';
import { median, seconds, spread, table, wishTable, type Wish } from './report.js';
import { startInstallation, type Installation } from './rig/installation.js';
import { VARIANTS, withVariant, type Variant } from './rig/variant.js';

const PLAYERS_OF = { HLS: 'plain-hls', WebRTC: 'mediamtx-webrtc' } as const;
type Way = keyof typeof PLAYERS_OF;
const WAYS = ['HLS', 'WebRTC'] as const satisfies readonly Way[];
/** The simulator's cameras share so many clips when there are more than 64 of them. */
const CLIPS = 16;
const CAMERAS = 65;
const WARM_MS = 9_000;
const ENCODED_MS = 20_000;
const COUNT_MS = 10_000;
const PICTURE_WITHIN_MS = 1_000;
/** Two medians of the same measurement may differ by this. */
const SAME_MS = 50;

interface Run extends FirstFrame {
  readonly variant: Variant;
  readonly keyFrameSeconds: number;
  readonly way: Way;
  readonly by: 'on-demand' | 'MediaMTX alone';
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    'key-frames': { type: 'string', default: '1,4' },
    variants: { type: 'string', default: VARIANTS.join(',') },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const named = values.variants.split(',');
const variants = VARIANTS.filter((variant) => named.includes(variant));
if (variants.length !== named.length)
  throw new Error(`--variants takes of ${VARIANTS.join(', ')}, with commas between.`);
const say = (line: string): void => console.error(line);
const ownPath = (at: number): string => `own-${at}`;

async function measure(variant: Variant, keyFrameSeconds: number): Promise<readonly Run[]> {
  const count = runs * WAYS.length;
  const installation = await startInstallation({
    cameras: Math.max(CAMERAS, count),
    keyFrameSeconds,
    ownPaths: Array.from({ length: CLIPS + count }, (_, at) => ownPath(at)),
    config: (text) => withVariant(text, variant),
  });
  const browser = await launchChromium();
  const plainPage = await servePlainPage();
  const all: Run[] = [];
  try {
    const room = { browser, plainPage, recordings: null };
    await warmClips(installation);
    await installation.allProven();
    for (let at = 0; at < count; at++)
      await installation.setOwnSource(ownPath(CLIPS + at), await installation.freshSource(cameraAt(installation, at)));
    for (let run = 0; run < runs; run++) {
      for (const [of, way] of WAYS.entries()) {
        const at = run * WAYS.length + of;
        const countMs = run === 0 && way === 'HLS' ? COUNT_MS : 0;
        const shared = { variant, keyFrameSeconds, way };
        const ours = installation.addresses(cameraAt(installation, at));
        all.push({ ...shared, by: 'on-demand', ...(await firstFrame(room, PLAYERS_OF[way], ours, countMs)) });
        const alone = installation.ownAddresses(ownPath(CLIPS + at));
        all.push({ ...shared, by: 'MediaMTX alone', ...(await firstFrame(room, PLAYERS_OF[way], alone, countMs)) });
        say(
          `${variant}, key frames ${keyFrameSeconds} s, run ${run + 1}, ${way}: ${all.slice(-2).map(inShort).join('; ')}`,
        );
      }
    }
    return all;
  } finally {
    await browser.close();
    plainPage.stop();
    await installation.stop();
  }
}

function cameraAt({ cameras }: Installation, at: number): Installation['cameras'][number] {
  const camera = cameras[at];
  if (!camera) throw new Error(`There is no camera ${at}.`);
  return camera;
}

/** Each clip is played once, so that no viewer waits for the simulator's encoder. */
async function warmClips(installation: Installation): Promise<void> {
  const players = [];
  for (let at = 0; at < CLIPS; at++) {
    await installation.setOwnSource(ownPath(at), await installation.freshSource(cameraAt(installation, at)));
    players.push(new FfmpegPlayer('ffmpeg-rtsp', installation.ownAddresses(ownPath(at)).rtsp, 'player=0', null));
  }
  await pause(WARM_MS);
  await closeAll(players);
  await pause(ENCODED_MS);
}

function inShort({ by, pictureMs, motionMs }: Run): string {
  return `${by} ${told(pictureMs)}, moves ${told(motionMs)}`;
}

function told(ms: number | null): string {
  return ms === null ? 'never' : `${ms.toFixed(0)} ms`;
}

function of(all: readonly Run[], like: Partial<Run>): readonly Run[] {
  return all.filter((run) => Object.entries(like).every(([key, value]) => run[key as keyof Run] === value));
}

const times = (group: readonly Run[], key: 'pictureMs' | 'motionMs'): readonly number[] =>
  group.map((run) => run[key] ?? Number.POSITIVE_INFINITY);

function rows(all: readonly Run[]): string[][] {
  return groups(all).flatMap(({ variant, keyFrameSeconds, way }) =>
    (['on-demand', 'MediaMTX alone'] as const).map((by) => {
      const group = of(all, { variant, keyFrameSeconds, way, by });
      const requests = group.find(({ requestsPerSecond }) => requestsPerSecond !== null)?.requestsPerSecond;
      return [
        variant,
        `${keyFrameSeconds} s`,
        way,
        by,
        spread(times(group, 'pictureMs')),
        spread(times(group, 'motionMs')),
        requests === undefined || requests === null ? '' : requests.toFixed(1),
        `${group.length}`,
      ];
    }),
  );
}

function groups(all: readonly Run[]): readonly Pick<Run, 'variant' | 'keyFrameSeconds' | 'way'>[] {
  return variants
    .flatMap((variant) =>
      keyFrames.flatMap((keyFrameSeconds) => WAYS.map((way) => ({ variant, keyFrameSeconds, way }))),
    )
    .filter((group) => of(all, group).length > 0);
}

/** The wishes for each variant; the template's variant was chosen by this table. */
function wishes(all: readonly Run[]): readonly Wish[] {
  return groups(all).flatMap((group): readonly Wish[] => {
    const first = (by: Run['by']): number => median(times(of(all, { ...group, by }), 'pictureMs'));
    const [ours, alone] = [first('on-demand'), first('MediaMTX alone')];
    const what = `${group.way}, ${group.variant}, key frames ${group.keyFrameSeconds} s apart`;
    if (group.way === 'WebRTC') {
      const wanted = `no later than MediaMTX's ${seconds(alone)}`;
      return [{ what, wanted, seen: seconds(ours), isMet: ours <= alone + SAME_MS }];
    }
    return [
      { what, wanted: `within ${seconds(PICTURE_WITHIN_MS)}`, seen: seconds(ours), isMet: ours <= PICTURE_WITHIN_MS },
      { what, wanted: `sooner than MediaMTX's ${seconds(alone)}`, seen: seconds(ours), isMet: ours < alone },
    ];
  });
}

const keyFrames = values['key-frames'].split(',').map(Number);
const all: Run[] = [];
for (const variant of variants)
  for (const keyFrameSeconds of keyFrames) all.push(...(await measure(variant, keyFrameSeconds)));
const list = wishes(all);
if (values.json) console.log(JSON.stringify({ runs, load: loadavg()[0], wishes: list, all }, null, 2));
else {
  console.log(`${runs} runs each; load ${loadavg()[0]?.toFixed(1) ?? ''} at the end.\n`);
  const heads = [
    'hlsVariant',
    'key frames',
    'way',
    'served by',
    'first picture, median (least, most)',
    'first motion',
    'requests a second',
    'runs',
  ];
  console.log(table(heads, rows(all)));
  console.log(`\n${wishTable(list)}`);
}
if (list.some(({ isMet }) => !isMet)) process.exitCode = 1;
