import type { SpanKind } from './cameraWatch.js';

const HOUR_MS = 3_600_000;

/** Milliseconds of each kind, of one camera or added up over several. */
export type Tally = Readonly<Record<SpanKind, number>>;

/** The tally of each hour; the key is the hour's number since 1970 (UTC). */
export type HourTallies = ReadonlyMap<number, Tally>;

export const NO_TALLY: Tally = { up: 0, down: 0, away: 0, unknown: 0 };

/** Hours, not calendar days: a day here is the last 24 hours, wherever the operator lives. */
export const AVAILABILITY_HOURS = { day: 24, week: 168, month: 720 } as const;
export type AvailabilityPeriod = keyof typeof AVAILABILITY_HOURS;

export interface Availability {
  /** Percent of the time in which the camera was pulled or should have been; null: there was none. */
  readonly percent: number | null;
  /** The same without the time in which the camera itself was offline. */
  readonly percentOurs: number | null;
  readonly tally: Tally;
}

/** A span of time (epoch ms), cut at full hours. */
export function byHour(fromMs: number, toMs: number): ReadonlyArray<{ readonly hour: number; readonly ms: number }> {
  const pieces: { hour: number; ms: number }[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const hour = Math.floor(atMs / HOUR_MS);
    const endMs = Math.min(toMs, (hour + 1) * HOUR_MS);
    pieces.push({ hour, ms: endMs - atMs });
    atMs = endMs;
  }
  return pieces;
}

export function plus(a: Tally, b: Tally): Tally {
  return { up: a.up + b.up, down: a.down + b.down, away: a.away + b.away, unknown: a.unknown + b.unknown };
}

/** The availability over a period: its hours up to and including the current one. */
export function availabilityOf(hours: HourTallies, period: AvailabilityPeriod, now: Date): Availability {
  const last = Math.floor(now.getTime() / HOUR_MS);
  const first = last - AVAILABILITY_HOURS[period];
  let tally = NO_TALLY;
  for (const [hour, some] of hours) if (hour > first && hour <= last) tally = plus(tally, some);
  return { percent: ratio(tally.up, tally.down + tally.away), percentOurs: ratio(tally.up, tally.down), tally };
}

/**
 * How much of a period was observed: the time in which the camera was pulled or should have been, and was checked. For
 * several cameras the sum; a `part` of 1 is all of them all the time. A percentage says nothing about the rest.
 */
export function observedOf(
  { up, down, away }: Tally,
  period: AvailabilityPeriod,
  cameras: number,
): { readonly ms: number; readonly part: number } {
  const ms = up + down + away;
  return { ms, part: Math.min(1, ms / (AVAILABILITY_HOURS[period] * HOUR_MS * Math.max(1, cameras))) };
}

function ratio(up: number, down: number): number | null {
  return up + down === 0 ? null : (100 * up) / (up + down);
}
