import type { GivenUrl } from '../world/yearClouds.js';
import type { InForce, Kept } from './kept.js';

/** Looks at what the ledger sees of each camera, for one kind of violation; reads only. */
export interface Watcher {
  /** Its live address was asked for. */
  readonly called?: (kept: Kept) => void;
  /** The cloud gives one; `kept.latest` is the one before. */
  readonly gave?: (kept: Kept, given: GivenUrl) => void;
  /** One was given back. */
  readonly closed?: (kept: Kept, urlId: string) => void;
  /** What is in force is another one than `was`. */
  readonly inForce?: (kept: Kept, was: InForce | null) => void;
}

/** What watchers know beside the ledger. */
export interface Facts {
  readonly now: () => number;
  /** Since when the machine's wall clock is right; null: it is not. */
  readonly clockRightSinceMs: () => number | null;
  /** Planned renewals are made this often. */
  readonly tickMs: number;
}

export type Tell = (subject: string, sentence: string) => void;
