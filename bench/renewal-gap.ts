/**
 * How long does the picture stand still for who watches when a camera's live address is renewed?
 *
 *   npm run bench:renewal-gap -- [--renewals 10] [--key-frames 1,4] [--kinds control,naive,forced,handover,splice] [--json]
 *
 * Needs `mediamtx` and `chromium` on PATH. Real MediaMTX, the simulated cloud with its RTMP origin and camlease are processes of
 * their own; each kind has a camera, which one page watches over WebRTC and one over HLS. In each round every kind is renewed
 * once, one after the other, and frames are counted as they are put on the screen (requestVideoFrameCallback), from 1 s before
 * the renewal until 12 s (naive: 25 s) after the media server had it; where key frames are further apart, so much longer as an
 * HLS player is further behind.
 *
 * - control: nothing is renewed.
 * - naive: `source` is patched through MediaMTX's API, on a path that camlease does not know; MediaMTX's own pages.
 * - forced: mode on-demand, renewed while it is watched; our own page.
 * - handover: mode always-on; splice: mode seamless. MediaMTX's own pages, so that no player of ours mends what was broken.
 *
 * Two more pages watch the control's camera all the time: they show what a renewal does to viewers of other cameras.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { launchChromium } from '../test/support/chromium.js';
import { measure, openAll, type Measurement } from './gap/measure.js';
import { tables, wishes, wishTable } from './gap/report.js';
import { KINDS, startRig } from './gap/rig.js';

const { values } = parseArgs({
  options: {
    renewals: { type: 'string', default: '10' },
    'key-frames': { type: 'string', default: '1,4' },
    kinds: { type: 'string', default: KINDS.join(',') },
    json: { type: 'boolean', default: false },
  },
});
const renewals = Number(values.renewals);
const named = values.kinds.split(',');
const wantedKinds = KINDS.filter((kind) => named.includes(kind));
if (wantedKinds.length !== named.length) throw new Error(`--kinds takes of ${KINDS.join(', ')}, with commas between.`);
/** What JSON on standard output must not be mixed with. */
const say = (line: string): void => console.error(line);

async function run(keyFrameSeconds: number): Promise<readonly Measurement[]> {
  const rig = await startRig(keyFrameSeconds, wantedKinds);
  const browser = await launchChromium();
  try {
    for (const [kind, reason] of rig.refused) say(`${kind} is left out: ${reason}`);
    const kinds = wantedKinds.filter((kind) => !rig.refused.has(kind));
    const bystanders = await openAll(rig, browser, 'control');
    const all: Measurement[] = [];
    for (let round = 1; round <= renewals; round++) {
      for (const kind of kinds) {
        const seen = await measure(rig, browser, kind, keyFrameSeconds, bystanders);
        all.push(...seen);
        say(`key frames ${keyFrameSeconds} s, round ${round}, ${kind}: ${seen.map(inShort).join(', ')}`);
      }
    }
    return all;
  } finally {
    await browser.close();
    await rig.stop();
  }
}

function inShort({ transport, gapMs, gapAtMs, isDropped, foreignFrames, failure, how }: Measurement): string {
  const notes = [
    how !== null && `by ${how}`,
    isDropped && 'dropped',
    foreignFrames > 0 && `${foreignFrames} foreign`,
    failure,
  ].filter(Boolean);
  return `${transport} ${gapMs.toFixed(0)} ms at ${(gapAtMs / 1_000).toFixed(1)} s${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

const measurements: Measurement[] = [];
const loads: number[] = [];
for (const keyFrames of values['key-frames'].split(',').map(Number)) {
  measurements.push(...(await run(keyFrames)));
  loads.push(loadavg()[0] ?? Number.NaN);
}
const list = wishes(measurements);
if (values.json) {
  console.log(JSON.stringify({ renewals, loads, wishes: list, measurements }, null, 2));
} else {
  console.log(`${renewals} renewals of each kind; load ${loads.map((load) => load.toFixed(1)).join(', ')}.\n`);
  console.log(tables(measurements));
  console.log(wishTable(list));
}
if (list.some(({ isMet }) => !isMet) || measurements.some(({ failure }) => failure !== null)) process.exitCode = 1;
