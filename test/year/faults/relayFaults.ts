import type { Chance } from '../world/chance.js';
import type { Happening, ScheduleOptions } from './faultSchedule.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What goes wrong with the relay beside the media server. */
export type RelayFault =
  /** Its parent ends and is started again within seconds. `hasOldFile`: the last line of each camera was lost with its disk's cache. */
  | { readonly kind: 'relay-restart'; readonly hasOldFile: boolean }
  /** One of its workers ends. */
  | { readonly kind: 'relay-worker' }
  /** It is away for so long that cameras are to be pulled without it. */
  | { readonly kind: 'relay-away' }
  /** Its disk takes nothing. */
  | { readonly kind: 'relay-disk' };

export const RELAY_KINDS = [
  'relay-restart',
  'relay-worker',
  'relay-away',
  'relay-disk',
] as const satisfies readonly RelayFault['kind'][];

export function isRelayFault(fault: { readonly kind: string }): fault is RelayFault {
  return RELAY_KINDS.some((kind) => kind === fault.kind);
}

/** Drawn from a chance of its own, so that what else goes wrong in a year does not hang on it. */
export function relayFaults(chance: Chance, { days, intensity, kinds }: ScheduleOptions): Happening[] {
  const all: Happening[] = [];
  const add = (perYear: number, leastMs: number, mostMs: number, fault: () => RelayFault): void => {
    for (let left = chance.times(perYear * intensity, days); left > 0; left--) {
      const atMs = Math.round(chance.between(0.5 * DAY, days * DAY));
      all.push({ atMs, lengthMs: mostMs === 0 ? 0 : chance.length(leastMs, mostMs), fault: fault() });
    }
  };
  add(30, SECOND, 8 * SECOND, () => ({ kind: 'relay-restart', hasOldFile: chance.happens(1 / 3) }));
  add(40, 0, 0, () => ({ kind: 'relay-worker' }));
  add(20, 15 * SECOND, 3 * HOUR, () => ({ kind: 'relay-away' }));
  add(12, 30 * SECOND, 6 * HOUR, () => ({ kind: 'relay-disk' }));
  return all.filter(({ fault }) => kinds === undefined || kinds.includes(fault.kind));
}
