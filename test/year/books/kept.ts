import { Stretches } from './stretches.js';

export interface InForce {
  readonly revision: number;
  readonly urlId: string | null;
  /** By the cloud's clock. */
  readonly expiresMs: number;
  /** It never shows a picture. */
  readonly isDud: boolean;
}

/** What a year may break. */
type Breach =
  | 'dark'
  | 'double'
  | 'lower-revision'
  | 'expired-told'
  | 'taken-off'
  | 'came-back'
  | 'hammered'
  | 'closed'
  | 'dud'
  | 'cut'
  | 'away-early'
  | 'late'
  | 'kept'
  | 'unused'
  | 'stale'
  | 'too-soon'
  | 'crowd'
  | 'herd'
  | 'rush'
  | 'held'
  | 'dropped'
  | 'line-gone'
  | 'old-file'
  | 'third-pull'
  | 'not-back';

export interface Violation {
  readonly atMs: number;
  readonly ref: string;
  readonly what: Breach;
  readonly sentence: string;
  readonly lostSeconds: number;
}

/** What is known of a camera, by its cloud's clock. */
export interface Kept {
  readonly ref: string;
  readonly account: string;
  /** Reasons of its own for which its cloud would give nothing. */
  blocked: number;
  /** When the first of these began, */
  blockedMs: number;
  /** and the last of them ended. */
  unblockedMs: number;
  /** When listings last began to leave it out, or to have it again. */
  unlistedMs: number;
  /** Not there yet, or deleted by a person. */
  gone: boolean;
  inForce: InForce | null;
  /** From when on it had nothing in force; null: it has. */
  darkSinceMs: number | null;
  /** From when on a possible renewal would have prevented this dark. */
  windowFromMs: number;
  /** When all was there that a renewal needs. */
  readonly possible: Stretches;
  /** The same, but for the store. */
  readonly withoutStore: Stretches;
  highestRevision: number;
  latest: { readonly atMs: number; readonly arrived: () => boolean } | null;
}

/** Nothing is known of it but that it is there. */
export function newKept(ref: string, account: string, nowMs: number): Kept {
  return {
    ...{ ref, account, blocked: 0, blockedMs: 0, unblockedMs: 0, gone: false, inForce: null },
    unlistedMs: Number.NEGATIVE_INFINITY,
    ...{ darkSinceMs: nowMs, windowFromMs: nowMs, possible: new Stretches(), withoutStore: new Stretches() },
    ...{ highestRevision: 0, latest: null },
  };
}
