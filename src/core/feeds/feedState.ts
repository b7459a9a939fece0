import { boundedText } from '../boundedText.js';
import { faultSentence, type EntryFault } from './feedEntry.js';

/**
 * `file`: the cameras that `camlease.yml` lists; `list`: an address that is asked for a list; `compat`: the configuration file of an
 * older system.
 */
export type FeedKind = 'file' | 'list' | 'compat';

/** What the latest reading of a list did. */
export interface FeedCounts {
  /** Entries that were taken. */
  readonly entries: number;
  readonly created: number;
  readonly changed: number;
  readonly missing: number;
  /** Entries without the fields that make a camera. */
  readonly skipped: number;
  /** Entries that name a camera that a person deleted. */
  readonly deleted: number;
}

/** A list of cameras, and what became of its latest reading. Holds no secret. */
export interface FeedState {
  readonly name: string;
  readonly kind: FeedKind;
  /** When it was last read and taken; null: not since the start. */
  readonly readAt: Date | null;
  /** Why the latest reading changed nothing: a sentence; null: it was taken, or nothing was read yet. */
  readonly problem: string | null;
  /** What a person can do about the problem; null without a problem. */
  readonly cure: string | null;
  /** Since when there is a problem; null without one. */
  readonly problemSince: Date | null;
  /** Of the latest reading that was taken. */
  readonly counts: FeedCounts;
  /** How many entries of it could not be taken. */
  readonly refused: number;
  /** The first of them. */
  readonly faults: readonly EntryFault[];
}

export const NO_COUNTS: FeedCounts = { entries: 0, created: 0, changed: 0, missing: 0, skipped: 0, deleted: 0 };
/** How many faults of a list are kept, and how many a sentence names. */
export const MOST_FAULTS = 50;
const MOST_TOLD = 3;

export function feedTitle({ name, kind }: Pick<FeedState, 'name' | 'kind'>): string {
  switch (kind) {
    case 'file':
      return 'The list of cameras in camlease.yml';
    case 'list':
      return `The list "${name}"`;
    case 'compat':
      return `The file that COMPAT_${name.toUpperCase()}_CONFIG names`;
  }
}

/** What is wrong with a list, in sentences; null: nothing. */
export function feedTrouble(state: FeedState): string | null {
  const told: string[] = [];
  if (state.problem !== null) told.push([state.problem, state.cure].filter((text) => text !== null).join(' '));
  if (state.refused > 0) {
    const some = state.faults.slice(0, MOST_TOLD).map(faultSentence);
    const more = state.refused - some.length;
    const count = state.refused === 1 ? 'one entry that' : `${state.refused} entries that`;
    told.push(
      `${feedTitle(state)} has ${count} cannot be taken: ${some.join(' ')}${more > 0 ? ` (and ${more} more)` : ''}`,
    );
  }
  return told.length === 0 ? null : told.join(' ');
}

/** What is wrong with the lists, in sentences; null: nothing. */
export function feedsTrouble(states: readonly FeedState[]): string | null {
  const told = states.map(feedTrouble).filter((sentence) => sentence !== null);
  return told.length === 0 ? null : boundedText(told.join(' '), 2_000);
}
