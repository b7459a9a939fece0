import type { YearReport } from './year.js';

const SHOWN = 20;

/** A report for people: how it went, what was lost, and how to live through it again. */
export function told(report: YearReport): string {
  const { seed, violations, quiet, warnings, errors } = report;
  const ratio = quiet.needed === 0 ? 'none' : (quiet.calls / quiet.needed).toFixed(4);
  const byKind = new Map<string, number>();
  for (const { what } of violations) byKind.set(what, (byKind.get(what) ?? 0) + 1);
  const kinds = [...byKind].map(([what, count]) => `${count} ${what}`).join(', ');
  const losses = [...report.losses].map(([why, count]) => `${count} ${why}`).join(', ');
  const often = [...warnings].toSorted((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return [
    `seed ${seed}: ${violations.length} violations${kinds === '' ? '' : ` (${kinds})`}, ${report.lostSeconds} camera-seconds lost`,
    `${report.happenings} happenings, ${report.deaths} deaths, ${Math.round(report.darkSeconds / 3600)} camera-hours dark that nobody could help`,
    `${report.calls} calls for ${report.given} live addresses, ${report.renewals} needed; without faults ${quiet.calls} for ${quiet.needed}: ${ratio}`,
    `viewers had to come again: ${losses === '' ? 'none' : losses}`,
    `digest ${report.digest}, ${(report.tookMs / 1000).toFixed(1)} s`,
    ...violations
      .slice(0, SHOWN)
      .map(({ atMs, ref, what, sentence }) => `  ${new Date(atMs).toISOString()} ${ref} ${what}: ${sentence}`),
    ...errors.slice(0, SHOWN).map((line) => `  error: ${line}`),
    ...(process.env['YEAR_WARNINGS'] === undefined ? [] : often.map(([line, count]) => `  ${count} x ${line}`)),
  ].join('\n');
}
