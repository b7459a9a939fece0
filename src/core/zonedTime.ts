/** `2026-01-05 08:00:00 UTC`: times in sentences of the interface and in alerts, which people in several zones read. */
export function utcTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `2026-01-05 08:00 UTC`: the same for what a person reads at a glance. */
export function utcMinute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/**
 * `2026-11-21 12:03 UTC+01:00`: as the clock on the wall says in this zone of the IANA's list (absent: that of the process), with how far it
 * is from UTC, since whoever sees it may live elsewhere.
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
