import { validateDetailed } from 'node-cron';

const DAY_SECONDS = 86_400;

const FIELDS: Readonly<Record<string, string>> = {
  second: 'seconds',
  minute: 'minutes',
  hour: 'hours',
  dayOfMonth: 'days of the month',
  month: 'months',
  dayOfWeek: 'days of the week',
};

/** What is wrong with a cron expression, with the names of its fields; null: nothing. */
export function cronMistake(expression: string): string | null {
  const { valid, errors } = validateDetailed(expression);
  if (valid) return null;
  const unread = errors.flatMap(({ field }) => FIELDS[field] ?? []);
  if (unread.length === 0) return 'must be a cron expression of five or six fields, such as "*/15 * * * *"';
  return `its field for ${unread.join(' and for ')} cannot be read, or names a date that never comes; a cron expression looks like "*/15 * * * *"`;
}

/** The shortest time between two ticks of a cron expression, in milliseconds, at most a day. Throws when it cannot be read. */
export function cronPeriodMs(expression: string): number {
  const { fields } = validateDetailed(expression);
  if (!fields) throw new Error('The cron expression cannot be read.');
  const { hour, minute, second } = fields;
  const times = hour.flatMap((h) => minute.flatMap((m) => second.map((s) => (h * 60 + m) * 60 + s)));
  times.sort((a, b) => a - b);
  const gaps = times.map((time, index) => (times[index + 1] ?? (times[0] ?? 0) + DAY_SECONDS) - time);
  return gaps.reduce((least, gap) => Math.min(least, gap), DAY_SECONDS) * 1000;
}
