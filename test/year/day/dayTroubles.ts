import type { DayOptions } from './day.js';

/** `atLeast` so much of it happens, whatever the seed. */
type ShortDay = Omit<DayOptions, 'seed'> & { readonly atLeast: number };

const SMALL = { cameras: 12, lifetimeSeconds: 3_600 } as const;

/** Short days full of one kind of trouble: each is there for a safeguard that the general day does not need. */
export const DAY_TROUBLES = {
  /** Owners miss a beat or two. */
  stalls: {
    ...{ ...SMALL, hours: 2, betweenMs: [20_000, 80_000], atLeast: 60 },
    parts: [
      ['stall', 6],
      ['renew-now', 1],
    ],
  },
  /** The database is away for all, or for one that owns nothing. */
  'store-away': {
    ...{ ...SMALL, hours: 2, betweenMs: [60_000, 240_000], atLeast: 20 },
    parts: [
      ['store-away', 6],
      ['renew-now', 1],
    ],
  },
  /** The media server's owner alone does not reach the database, while the others do. */
  'cut-off': { ...SMALL, hours: 5, betweenMs: [1_500_000, 2_100_000], atLeast: 7, parts: [['cut-off', 1]] },
  /** Owners that were taken for dead wake while others ask for their cameras. */
  wakes: { ...SMALL, hours: 1, betweenMs: [60_000, 150_000], atLeast: 20, parts: [['wakes', 1]] },
  /** What the media server's owner told the relay arrives after its successor's. */
  'late-tells': { ...SMALL, hours: 1.5, betweenMs: [240_000, 330_000], atLeast: 12, parts: [['late-tell', 1]] },
  /** An account's owner is not the media server's. */
  'split-owners': {
    ...{ ...SMALL, hours: 2, vendor: 'ezviz', betweenMs: [45_000, 120_000], atLeast: 30 },
    parts: [
      ['split', 2],
      ['renew-now', 1],
    ],
  },
} as const satisfies Readonly<Record<string, ShortDay>>;

export type DayTrouble = keyof typeof DAY_TROUBLES;

export function isDayTrouble(text: string): text is DayTrouble {
  return Object.hasOwn(DAY_TROUBLES, text);
}
