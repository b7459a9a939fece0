import type { Chance } from './chance.js';
import type { Happening, ScheduleOptions } from './faultSchedule.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What happens only in years that name it. */
export type RareFault =
  /** Its device does not answer, for days. */
  | { readonly kind: 'camera-silent-days'; readonly index: number }
  /** The media server does not answer for some minutes, and plays on. */
  | { readonly kind: 'engine-stalls' };

export const RARE_KINDS = ['camera-silent-days', 'engine-stalls'] as const satisfies readonly RareFault['kind'][];

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
  add('engine-stalls', 25, 10 * MINUTE, 30 * MINUTE, () => ({ kind: 'engine-stalls' }));
  return all;
}
