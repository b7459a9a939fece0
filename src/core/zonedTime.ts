/** `2026-01-05 08:00:00 UTC`, for the API's sentences and for alerts, which people in several time zones read. */
export function utcTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `2026-01-05 08:00 UTC`: the same to the minute, for what people read at a glance. */
export function utcMinute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/**
 * `2026-11-21 12:03 UTC+01:00`: the time in this IANA time zone (absent: the process's own), with its offset from UTC,
 * because the reader may be in another one.
 */
export function zonedTime(at: Date, to: 'minute' | 'second', timeZone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone !== undefined && { timeZone }),
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const all = (types: readonly Intl.DateTimeFormatPartTypes[], between: string): string =>
    types.map((type) => parts.get(type) ?? '').join(between);
  const clock = all(to === 'second' ? ['hour', 'minute', 'second'] : ['hour', 'minute'], ':');
  const zone = (parts.get('timeZoneName') ?? 'GMT').replace('GMT', 'UTC').replace('+00:00', '');
  return `${all(['year', 'month', 'day'], '-')} ${clock} ${zone}`;
}
