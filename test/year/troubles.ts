import type { YearOptions } from './year.js';

/** `atLeast` so much happens in it, whatever the seed. */
type ShortYear = Omit<YearOptions, 'seed'> & { readonly atLeast: number };

/** 60 days of 40 cameras. */
const SIXTY = { days: 60, cameras: 40, calmTickMs: 60_000 } as const;

/** Short years full of one kind of trouble: each is there for safeguards that the general year does not need. */
export const TROUBLES = {
  'store-away': { ...SIXTY, intensity: 40, kinds: ['store-away'], atLeast: 100 },
  'media-server': { ...SIXTY, intensity: 25, kinds: ['engine-away', 'engine-forgets', 'engine-restart'], atLeast: 100 },
  'media-server-and-viewers': { ...SIXTY, intensity: 150, kinds: ['engine-stalls', 'watched'], atLeast: 100 },
  'silent-days': { ...SIXTY, intensity: 20, kinds: ['camera-silent-days'], atLeast: 50 },
} as const satisfies Readonly<Record<string, ShortYear>>;

export type Trouble = keyof typeof TROUBLES;

export function isTrouble(text: string): text is Trouble {
  return Object.hasOwn(TROUBLES, text);
}
