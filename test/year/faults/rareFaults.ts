import type { Chance } from '../world/chance.js';
import type { Happening, ScheduleOptions } from './faultSchedule.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const APART_DAYS = 8;

/** What happens only in years that name it. */
export type RareFault =
  /** Its device does not answer, for days. */
  | { readonly kind: 'camera-silent-days'; readonly index: number }
  /** It is offline for so many days that its lease ends meanwhile, more often than not. */
  | { readonly kind: 'camera-offline-days'; readonly index: number }
  /** The media server does not answer for some minutes, and plays on. */
  | { readonly kind: 'engine-stalls' }
  /** The store goes away, as by `store-away`; when it is back, each of its answers takes seconds for some minutes. */
  | { readonly kind: 'store-slow-return'; readonly amid: 'anything' | 'call' }
  /** It begins proofs and never ends them. */
  | { readonly kind: 'proof-hangs' }
  /** A camera is refused for good until its lease has ended, and the machine sleeps through that end. */
  | { readonly kind: 'asleep-at-end'; readonly index: number }
  /** An account's cloud is down for a day and more. */
  | { readonly kind: 'cloud-down-day'; readonly account: string }
  /** A site loses its line for a day; when that is back, its devices do not answer yet. */
  | { readonly kind: 'site-silent'; readonly account: string }
  /** camlease is restarted as one that has a relay: until then there was none. Once, a quarter into the year. */
  | { readonly kind: 'relay-comes' }
  /** Listings break off: each page but the first is answered with an error. Nothing that a renewal needs. */
  | { readonly kind: 'pages-fail'; readonly account: string }
  /** An account's cloud is down for a day and more; for hours after, it gives a live address each `everyMs` only. */
  | { readonly kind: 'calls-scarce'; readonly account: string; readonly everyMs: number };

/** Of its length, the part in which the cloud is down. */
export const DOWN_MS: Readonly<Record<'site-silent' | 'calls-scarce', number>> = {
  'site-silent': 30 * HOUR,
  'calls-scarce': 30 * HOUR,
};

export const RARE_KINDS = [
  'camera-silent-days',
  'engine-stalls',
  'site-silent',
  'calls-scarce',
  'pages-fail',
  'proof-hangs',
  'asleep-at-end',
  'store-slow-return',
  'cloud-down-day',
  'camera-offline-days',
  'relay-comes',
] as const satisfies readonly RareFault['kind'][];

/** Drawn from a chance of its own, so that no other year becomes another one by it. */
export function rareFaults(chance: Chance, options: ScheduleOptions): Happening[] {
  const { days, cameras, intensity } = options;
  const all: Happening[] = [];
  const add = (
    kind: RareFault['kind'],
    perYear: number,
    leastMs: number,
    mostMs: number,
    fault: () => RareFault,
  ): void => {
    if (options.kinds?.includes(kind) !== true) return;
    for (let left = chance.times(perYear * intensity, days); left > 0; left--) {
      const atMs = Math.round(chance.between(0.5 * DAY, days * DAY));
      all.push({ atMs, lengthMs: chance.length(leastMs, mostMs), fault: fault() });
    }
  };
  add('camera-silent-days', cameras, DAY, 4 * DAY, () => ({
    kind: 'camera-silent-days',
    index: chance.whole(cameras),
  }));
  add('camera-offline-days', cameras, 5.5 * DAY, 7.5 * DAY, () => ({
    kind: 'camera-offline-days',
    index: chance.whole(cameras),
  }));
  add('engine-stalls', 25, 10 * MINUTE, 30 * MINUTE, () => ({ kind: 'engine-stalls' }));
  add('proof-hangs', 25, 10 * MINUTE, 90 * MINUTE, () => ({ kind: 'proof-hangs' }));
  add('store-slow-return', 30, 30 * 1000, 40 * MINUTE, () => ({ kind: 'store-slow-return', amid: 'call' }));
  add('store-slow-return', 2, 20 * HOUR, 60 * HOUR, () => ({ kind: 'store-slow-return', amid: 'anything' }));
  if (options.kinds?.includes('relay-comes') === true) {
    all.push({ atMs: (days / 4) * DAY, lengthMs: chance.length(5_000, 60_000), fault: { kind: 'relay-comes' } });
    // Some are watched day and night, before and after.
    for (let index = 0; index < cameras / 4; index++)
      all.push({ atMs: DAY, lengthMs: days * DAY, fault: { kind: 'watched', index } });
  }
  // What lasts for days, each in a stretch of its own.
  const addApart = (kind: RareFault['kind'], leastMs: number, mostMs: number, fault: () => RareFault): void => {
    if (options.kinds?.includes(kind) !== true) return;
    const times = Math.floor(days / APART_DAYS);
    for (let at = 0; at < times; at++) {
      const atMs = Math.round((at + chance.between(0.05, 0.2)) * APART_DAYS * DAY + 5 * DAY);
      all.push({ atMs, lengthMs: chance.length(leastMs, mostMs), fault: fault() });
    }
  };
  // One after the other: refusals of one camera do not overlap.
  let next = 0;
  addApart('asleep-at-end', 180 * HOUR, 190 * HOUR, () => ({ kind: 'asleep-at-end', index: next++ % cameras }));
  for (const account of options.accounts) {
    add('pages-fail', 10, 2 * HOUR, 12 * HOUR, () => ({ kind: 'pages-fail', account }));
    addApart('cloud-down-day', 26 * HOUR, 34 * HOUR, () => ({ kind: 'cloud-down-day', account }));
    addApart('site-silent', 56 * HOUR, 60 * HOUR, () => ({ kind: 'site-silent', account }));
    addApart('calls-scarce', 56 * HOUR, 62 * HOUR, () => ({ kind: 'calls-scarce', account, everyMs: HOUR }));
  }
  return all;
}
