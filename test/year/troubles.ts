import type { YearOptions } from './year.js';

/** `atLeast` so much happens in it, whatever the seed. */
type ShortYear = Omit<YearOptions, 'seed'> & { readonly atLeast: number };

/** 60 days of 40 cameras. */
const SIXTY = { days: 60, cameras: 40, calmTickMs: 60_000 } as const;

const LARGE = { accountsPerVendor: 1, calmTickMs: 60_000 } as const;

/** Short years full of one kind of trouble: each is there for safeguards that the general year does not need. */
export const TROUBLES = {
  'store-away': { ...SIXTY, intensity: 40, kinds: ['store-away'], atLeast: 100 },
  'store-slow-return': { ...SIXTY, days: 16, intensity: 40, kinds: ['store-slow-return'], atLeast: 30 },
  'cloud-back': { ...LARGE, days: 32, cameras: 30, kinds: ['cloud-down-day'], atLeast: 4 },
  'media-server': { ...SIXTY, intensity: 25, kinds: ['engine-away', 'engine-forgets', 'engine-restart'], atLeast: 100 },
  'media-server-and-viewers': { ...SIXTY, intensity: 150, kinds: ['engine-stalls', 'watched'], atLeast: 100 },
  relay: {
    ...{ ...SIXTY, days: 40, intensity: 20, atLeast: 200 },
    kinds: ['relay-restart', 'relay-worker', 'relay-away', 'relay-disk', 'watched', 'death', 'engine-forgets'],
  },
  'relay-disk': {
    ...{ ...SIXTY, days: 24, cameras: 24, intensity: 150, atLeast: 250 },
    kinds: ['relay-disk', 'relay-away', 'engine-forgets'],
  },
  'relay-and-media-server': {
    ...{ ...SIXTY, days: 20, cameras: 6, intensity: 80, atLeast: 300 },
    kinds: ['relay-away', 'relay-restart', 'relay-disk', 'engine-stalls', 'watched'],
  },
  refused: { ...SIXTY, days: 40, cameras: 12, intensity: 40, kinds: ['camera-refused'], atLeast: 15 },
  'moving-over': { ...SIXTY, days: 32, intensity: 20, kinds: ['relay-comes', 'watched'], atLeast: 500 },
  'silent-days': { ...SIXTY, intensity: 20, kinds: ['camera-silent-days'], atLeast: 50 },
  'large-accounts': { ...LARGE, days: 6, cameras: 500, kinds: [], atLeast: 0 },
  'calls-few': { ...LARGE, days: 7, cameras: 420, callsPerHour: 20, kinds: [], atLeast: 0 },
  'used-up': { ...LARGE, days: 12, cameras: 240, intensity: 80, kinds: ['quota'], atLeast: 10 },
  'site-silent': { ...LARGE, days: 16, cameras: 80, kinds: ['site-silent'], atLeast: 2 },
  midnight: {
    ...{ days: 40, cameras: 16, intensity: 30, kinds: ['death'], atLeast: 100 },
    ...{ calmTickMs: 86_400_000, ticksOnGridOnly: true },
  },
  deleted: { ...SIXTY, days: 14, intensity: 60, kinds: ['camera-deleted', 'camera-unlisted'], atLeast: 15 },
  'pages-fail': { ...LARGE, days: 8, cameras: 120, intensity: 20, kinds: ['pages-fail'], atLeast: 4 },
  'cameras-away': { ...SIXTY, days: 24, cameras: 16, intensity: 30, kinds: ['camera-offline-days'], atLeast: 15 },
  'proof-hangs': { ...SIXTY, days: 24, cameras: 24, intensity: 40, kinds: ['proof-hangs'], atLeast: 40 },
  asleep: { ...SIXTY, cameras: 4, kinds: ['asleep-at-end'], atLeast: 4 },
  'calls-scarce': { ...LARGE, days: 34, cameras: 120, kinds: ['calls-scarce'], atLeast: 4 },
} as const satisfies Readonly<Record<string, ShortYear>>;

export type Trouble = keyof typeof TROUBLES;

export function isTrouble(text: string): text is Trouble {
  return Object.hasOwn(TROUBLES, text);
}
