/**
 * Is any camera lost in a simulated year in which everything goes wrong?
 *
 *   npm run bench:year -- [--seed 1] [--trouble store-away] [--days 365] [--cameras 1000] [--intensity 1] [--grid 3600] [--only cloud-down,death] [--about <text>] [--json]
 *
 * Planned renewals wait for a tick every `--grid` seconds, so that several run together; failed ones are tried again every 10 s.
 *
 * `--trouble` runs one of the short years of `npm test` (test/year/troubles.ts); other options override its settings.
 *
 * Runs the real jobs, store (an SQLite file) and cloud clients on a clock that jumps; see docs/concepts/simulated-year.md. `--about`
 * prints the lines of the trace that contain a text (a camera's name at its cloud, or `death`).
 */
import { parseArgs } from 'node:util';
import { FAULT_KINDS, type FaultKind } from '../test/year/faults/faultSchedule.js';
import { liveYear } from '../test/year/year.js';
import { told } from '../test/year/told.js';
import { isTrouble, TROUBLES } from '../test/year/troubles.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    days: { type: 'string' },
    cameras: { type: 'string' },
    grid: { type: 'string' },
    intensity: { type: 'string' },
    only: { type: 'string' },
    trouble: { type: 'string' },
    about: { type: 'string' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const WHOLE = { days: 365, cameras: 1000, calmTickMs: 3_600_000 };
const isKind = (text: string): text is FaultKind => FAULT_KINDS.some((kind) => kind === text);
const { trouble } = values;
if (trouble !== undefined && !isTrouble(trouble))
  throw new Error(`--trouble is one of ${Object.keys(TROUBLES).join(', ')}.`);
const report = await liveYear({
  ...(trouble === undefined ? WHOLE : TROUBLES[trouble]),
  seed: values.seed,
  ...(values.days !== undefined && { days: Number(values.days) }),
  ...(values.cameras !== undefined && { cameras: Number(values.cameras) }),
  ...(values.intensity !== undefined && { intensity: Number(values.intensity) }),
  ...(values.grid !== undefined && { calmTickMs: Number(values.grid) * 1000 }),
  ...(values.only !== undefined && { kinds: values.only.split(',').filter(isKind) }),
  onDay: (day) => {
    if (values.verbose && day % 5 === 0) console.error(`day ${day}`);
  },
});
if (values.about !== undefined) for (const line of report.trace(values.about)) console.log(line);
console.log(values.json ? JSON.stringify({ ...report, trace: undefined }) : told(report));
process.exitCode = report.violations.length === 0 ? 0 : 1;
