import type { DayReport } from './day.js';

const SHOWN = 20;

/** A report for people: how the day went, and how to live through it again. */
export function toldDay(report: DayReport): string {
  const { seed, hours, violations, errors, given, asked, deaths, freezes, stops, takeovers, rare, whileSplit } = report;
  const lines = violations
    .slice(0, SHOWN)
    .map(({ atMs, subject, what, sentence }) => `  ${new Date(atMs).toISOString()} ${subject} ${what}: ${sentence}`);
  return [
    `seed ${seed}, ${hours} h: ${violations.length} violations`,
    `${deaths} deaths, ${freezes} freezes, ${stops} clean stops, ${takeovers} changes of hands`,
    ...(rare > 0
      ? [`${rare} happenings of one trouble; ${whileSplit} live addresses for who did not own the media server`]
      : []),
    `${given} live addresses; ${asked} were asked for by hand`,
    `digest ${report.digest}, ${(report.tookMs / 1000).toFixed(1)} s, ${Math.round(report.passedOverMs / 60_000)} min passed over`,
    ...lines,
    ...errors.slice(0, SHOWN).map((line) => `  error: ${line}`),
  ].join('\n');
}
