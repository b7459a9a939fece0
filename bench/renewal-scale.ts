/**
 * How long does it take to renew all cameras of a fleet at once?
 *
 *   npm run bench:renewal-scale -- [--paths 100,1000,5000,10000] [--runs 5] [--patches 1000] [--quiet 30] [--json]
 *
 * Needs `mediamtx` on PATH. On-demand cameras without viewers, in SQLite. The time runs from 'candidates stored and proven' to
 * 'in force, confirmed': the media loop's own decisions, one promotion for all, one `apply` of the real engine on real MediaMTX.
 * Right after each run a second MediaMTX reads the very same file by a rename (until its API shows the new source of one path). At the
 * end a simple loop renews the same paths by one PATCH after the other; fleets of more than `--patches` are extrapolated from 20.
 * Before each measurement the bench waits until the machine does little else, for `--quiet` seconds at most.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { makeMediaMtx, mediaMtxTemplate } from '../test/support/engine/mediamtx.js';
import { median } from './report.js';
import { patchEach, reloadMs, sourceOf } from './scale/bareMediaMtx.js';
import { quiet } from './scale/quiet.js';
import { startPipeline, type Renewal } from './scale/camlease.js';

const WANTED_RATIO = 1.3;
const SAMPLE = 20;
/** MediaMTX's file watcher ignores changes for a while after one, and camlease keeps its own rewrites 2 s apart. */
const REST_MS = 3_000;

const { values } = parseArgs({
  options: {
    paths: { type: 'string', default: '100,1000,5000,10000' },
    runs: { type: 'string', default: '5' },
    patches: { type: 'string', default: '1000' },
    quiet: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const mostPatches = Number(values.patches);
const quietWithinMs = Number(values.quiet) * 1_000;
let disturbed = 0;

interface Sized {
  readonly paths: number;
  readonly renewals: readonly Renewal[];
  readonly reloadsMs: readonly number[];
  readonly patchLoopMs: number;
  readonly isExtrapolated: boolean;
}

async function measure(paths: number): Promise<Sized> {
  const template = await mediaMtxTemplate();
  const [ours, bare] = [await makeMediaMtx(template), await makeMediaMtx(template)];
  try {
    await Promise.all([ours.start(), bare.start()]);
    const pipeline = await startPipeline(ours, paths);
    try {
      const renewals: Renewal[] = [];
      const reloadsMs: number[] = [];
      await reload(); // adds the paths, which is not measured
      for (let run = 1; run <= runs; run++) {
        await rest();
        await pipeline.prepare();
        const renewal = await pipeline.renewAll();
        renewals.push(renewal);
        await rest();
        reloadsMs.push(await reload());
        console.error(
          `${paths} paths, run ${run}: ${renewal.inForceMs.toFixed(0)} ms by ${renewal.by} (${renewal.storedMs.toFixed(0)} ms until stored), reload ${reloadsMs.at(-1)?.toFixed(0) ?? ''} ms`,
        );
      }
      await pipeline.prepare();
      await pipeline.renewAll();
      return { paths, renewals, reloadsMs, ...(await patchLoop()) };
    } finally {
      await pipeline.stop();
    }
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }

  async function reload(): Promise<number> {
    const text = await ours.config();
    const [name = ''] = namesIn(text).slice(-1);
    return reloadMs(bare, text, { name, source: await sourceOf(ours, name) });
  }

  async function patchLoop(): Promise<Pick<Sized, 'patchLoopMs' | 'isExtrapolated'>> {
    const isExtrapolated = paths > mostPatches;
    const names = namesIn(await ours.config()).slice(0, isExtrapolated ? SAMPLE : paths);
    const sources = await Promise.all(names.map(async (name) => ({ name, source: await sourceOf(ours, name) })));
    const times = await patchEach(bare, sources);
    const sum = times.reduce((total, ms) => total + ms, 0);
    return { patchLoopMs: isExtrapolated ? (sum / times.length) * paths : sum, isExtrapolated };
  }
}

/** The names of the paths in a file that camlease wrote: one line for each, 24 hex digits. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/^\s+"?([0-9a-f]{24})"?:/gm)].map(([, name = '']) => name);
}

async function rest(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  if (!(await quiet(quietWithinMs))) disturbed++;
}

function row({ paths, renewals, reloadsMs, patchLoopMs, isExtrapolated }: Sized): string {
  const ours = renewals.map(({ inForceMs }) => inForceMs);
  const ratio = median(ours) / median(reloadsMs);
  const cells = [
    paths.toLocaleString('en'),
    spread(ours),
    told(median(renewals.map(({ storedMs }) => storedMs))),
    spread(reloadsMs),
    `${ratio.toFixed(2)} (${ratio <= WANTED_RATIO ? 'met' : 'missed'})`,
    `${told(patchLoopMs)}${isExtrapolated ? `, extrapolated from ${SAMPLE}` : ''}`,
    `${Math.round(patchLoopMs / median(ours))} times`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function spread(all: readonly number[]): string {
  return `${told(median(all))} (${told(Math.min(...all))}, ${told(Math.max(...all))})`;
}

function told(ms: number): string {
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}

const all: Sized[] = [];
for (const paths of values.paths.split(',').map(Number)) all.push(await measure(paths));
if (values.json) console.log(JSON.stringify({ runs, disturbed, load: loadavg()[0], sizes: all }, null, 2));
else {
  const calm =
    disturbed === 0 ? 'each on a quiet machine' : `${disturbed} of ${2 * runs * all.length} on a busy machine`;
  console.log(`${runs} runs of each size, ${calm}; load ${loadavg()[0]?.toFixed(1) ?? ''} at the end.\n`);
  console.log(
    `| paths | camlease, median (least, most) | of it until stored | MediaMTX's own reload of the same file | ratio (wanted: at most ${WANTED_RATIO}) | one PATCH after the other | that takes longer by |`,
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const size of all) console.log(row(size));
}
