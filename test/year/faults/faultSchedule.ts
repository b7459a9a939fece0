import type { Chance } from '../world/chance.js';
import { RARE_KINDS, type RareFault } from './rareFaults.js';
import { RELAY_KINDS, type RelayFault } from './relayFaults.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What goes wrong, or happens, in a simulated year. `index` is the camera's. Lengths are milliseconds. */
export type Fault =
  | RareFault
  | RelayFault
  | {
      readonly kind: 'cloud-down' | 'hang' | 'quota' | 'rate-limited' | 'token-rejected' | 'refused' | 'unreadable';
      readonly account: string;
    }
  | { readonly kind: 'storm'; readonly account: string; readonly share: number }
  | { readonly kind: 'token-dead'; readonly account: string }
  | { readonly kind: 'engine-away' | 'engine-restart' }
  /** It restarts and has lost what it was told. */
  | { readonly kind: 'engine-forgets' }
  /** At any moment, or right after a cloud gave something that is to be stored. */
  | { readonly kind: 'store-away'; readonly amid: 'anything' | 'call' }
  /** `kill -9`, at once or in the middle of something. */
  | { readonly kind: 'death'; readonly amid: 'anything' | 'call' | 'promotion' }
  /** SIGTERM. */
  | { readonly kind: 'restart' }
  /** The wall clock is wrong by `byMs` until it is set right. */
  | { readonly kind: 'clock-jump'; readonly byMs: number }
  /** A laptop that sleeps: nothing runs, its monotonic clock stands still. */
  | { readonly kind: 'sleep' }
  /** Ticks of the schedule do not come, as in the hour that daylight saving leaves out. */
  | { readonly kind: 'no-ticks' }
  | { readonly kind: 'camera-offline' | 'camera-unlisted' | 'camera-timeout' | 'camera-hangs'; readonly index: number }
  /** Its device does not answer until `endsBeforeMs` before its lease ends, or for as long as is planned. */
  | { readonly kind: 'camera-late'; readonly index: number; readonly endsBeforeMs: number }
  /** Its cloud refuses it for good, until somebody cures it. */
  | { readonly kind: 'camera-refused'; readonly index: number }
  /** URLs that are given for it show no picture. */
  | { readonly kind: 'camera-dud'; readonly index: number }
  /** A person deletes it here; the cloud goes on listing it. */
  | { readonly kind: 'camera-deleted'; readonly index: number }
  | { readonly kind: 'watched'; readonly index: number };

export const FAULT_KINDS = [
  ...(['cloud-down', 'hang', 'quota', 'rate-limited', 'token-rejected', 'refused', 'unreadable', 'storm'] as const),
  ...(['token-dead', 'engine-away', 'engine-restart', 'engine-forgets', 'store-away', 'death', 'restart'] as const),
  ...(['clock-jump', 'sleep', 'no-ticks', 'camera-offline', 'camera-unlisted', 'camera-timeout'] as const),
  ...(['camera-hangs', 'camera-late', 'camera-refused', 'camera-dud', 'camera-deleted', 'watched'] as const),
  ...RARE_KINDS,
  ...RELAY_KINDS,
] satisfies readonly Fault['kind'][];
export type FaultKind = Fault['kind'];

export interface Happening {
  readonly atMs: number;
  readonly lengthMs: number;
  readonly fault: Fault;
}

export interface ScheduleOptions {
  readonly days: number;
  readonly cameras: number;
  readonly accounts: readonly string[];
  /** Nothing happens within, but people who watch: milliseconds from the start. */
  readonly quiet: { readonly fromMs: number; readonly toMs: number };
  /** So many times as much goes wrong as in a usual year. */
  readonly intensity: number;
  /** Only these; absent: all. */
  readonly kinds?: readonly FaultKind[];
}

/** Everything that goes wrong, the earliest first; made of the seed alone. `others` are added. */
export function faultSchedule(chance: Chance, options: ScheduleOptions, others: readonly Happening[]): Happening[] {
  const { days, quiet } = options;
  const all: Happening[] = [];
  const add = (perYear: number, leastMs: number, mostMs: number, fault: () => Fault): void => {
    for (let left = chance.times(perYear * options.intensity, days); left > 0; left--) {
      const atMs = Math.round(chance.between(0.5 * DAY, days * DAY));
      const lengthMs = mostMs === 0 ? 0 : chance.length(leastMs, mostMs);
      all.push({ atMs, lengthMs, fault: fault() });
    }
  };
  for (const account of options.accounts) {
    add(8, 5 * MINUTE, 36 * HOUR, () => ({ kind: 'cloud-down', account }));
    // The longest there is, at least once.
    add(365 / days / options.intensity, 35 * HOUR, 36 * HOUR, () => ({ kind: 'cloud-down', account }));
    add(20, MINUTE, 3 * HOUR, () => ({ kind: 'storm', account, share: chance.between(0.3, 1) }));
    add(12, MINUTE, 2 * HOUR, () => ({ kind: 'hang', account }));
    add(4, MINUTE, 2 * HOUR, () => ({ kind: 'unreadable', account }));
    add(6, 10 * MINUTE, 10 * HOUR, () => ({ kind: 'quota', account }));
    add(6, MINUTE, 30 * MINUTE, () => ({ kind: 'rate-limited', account }));
    add(20, 0, 0, () => ({ kind: 'token-dead', account }));
    add(4, 2 * MINUTE, 2 * HOUR, () => ({ kind: 'token-rejected', account }));
    add(3, 10 * MINUTE, 10 * HOUR, () => ({ kind: 'refused', account }));
  }
  add(40, 5 * SECOND, 2 * HOUR, () => ({ kind: 'engine-away' }));
  add(20, 2 * SECOND, MINUTE, () => ({ kind: 'engine-restart' }));
  add(20, 0, 0, () => ({ kind: 'engine-forgets' }));
  add(30, 30 * SECOND, 4 * HOUR, () => ({ kind: 'store-away', amid: chance.pick(['anything', 'call']) }));
  add(4, 20 * HOUR, 60 * HOUR, () => ({ kind: 'store-away', amid: 'anything' }));
  add(60, SECOND, 5 * HOUR, () => ({ kind: 'death', amid: chance.pick(['anything', 'call', 'call', 'promotion']) }));
  add(20, SECOND, 10 * MINUTE, () => ({ kind: 'restart' }));
  add(14, 10 * MINUTE, 12 * HOUR, () => ({
    kind: 'clock-jump',
    byMs: chance.length(SECOND, 3 * HOUR) * (chance.happens(0.5) ? 1 : -1),
  }));
  add(10, 10 * MINUTE, 10 * HOUR, () => ({ kind: 'sleep' }));
  add(2, HOUR, HOUR, () => ({ kind: 'no-ticks' }));
  const { cameras } = options;
  const index = (): number => chance.whole(cameras);
  // Each one that is away and back is two listings of the whole fleet: fewer of them for large ones.
  const often = Math.min(2 * cameras, 500);
  add(often, 10 * MINUTE, 7 * DAY, () => ({ kind: 'camera-offline', index: index() }));
  add(often / 8, HOUR, 5 * DAY, () => ({ kind: 'camera-unlisted', index: index() }));
  add(often / 4, 5 * MINUTE, 10 * HOUR, () => ({ kind: 'camera-timeout', index: index() }));
  add(often / 8, 5 * MINUTE, 2 * HOUR, () => ({ kind: 'camera-hangs', index: index() }));
  add(often / 4, 6 * DAY, 7 * DAY, () => ({
    kind: 'camera-late',
    index: index(),
    endsBeforeMs: chance.length(25 * MINUTE, 10 * HOUR),
  }));
  add(often / 4, DAY, 6 * DAY, () => ({ kind: 'camera-refused', index: index() }));
  add(often / 4, DAY, 6 * DAY, () => ({ kind: 'camera-dud', index: index() }));
  add(often / 20, 0, 0, () => ({ kind: 'camera-deleted', index: index() }));
  add(4 * often, 2 * MINUTE, 4 * HOUR, () => ({ kind: 'watched', index: index() }));
  // Some are watched day and night: they are moved at the last safe moment.
  add(often / 6, 2 * DAY, 6 * DAY, () => ({ kind: 'watched', index: index() }));
  const { kinds } = options;
  return [...all.filter(({ fault }) => kinds === undefined || kinds.includes(fault.kind)), ...others]
    .flatMap((one) => outsideOf(quiet, one))
    .sort((a, b) => a.atMs - b.atMs);
}

function outsideOf({ fromMs, toMs }: ScheduleOptions['quiet'], one: Happening): Happening[] {
  if (one.fault.kind === 'watched') return [one];
  if (one.atMs >= fromMs && one.atMs < toMs) return [];
  if (one.atMs >= toMs || one.atMs + one.lengthMs <= fromMs) return [one];
  return [{ ...one, lengthMs: fromMs - one.atMs }];
}
