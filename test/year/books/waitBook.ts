import type { CallRecord } from '../../../simulator/cloud/callLog.js';
import type { Tell } from './watcher.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** An account that has used up its calls waits ten minutes, by what the vendors say; a little less, for the way there. */
const WAIT_MS = 10 * MINUTE - 2 * SECOND;
/** What had left before the answer came. */
const ON_THE_WAY_MS = 5 * SECOND;
const SUCCESSES: ReadonlySet<string> = new Set(['0', '200']);
/** By a pass of renewals and by a listing's. */
const MOST_TRIALS = 2;

interface UsedUp {
  /** When the cloud last said so, */
  toldMs: number;
  /** and when it was asked for the first time after the latest wait; */
  lookMs: number;
  calls: number;
  /** who knew it already had only to try. */
  isKnown: boolean;
}

/** Calls to accounts whose cloud said that they have used them up: none before its wait is over, and then one that tries. */
export class WaitBook {
  readonly #now: () => number;
  readonly #startedMs: () => number;
  readonly #tooSoon: Tell;
  readonly #crowd: Tell;
  readonly #usedUp = new Map<string, UsedUp>();

  /** `startedMs`: when the process that runs was started. What the one before it was told it cannot know. */
  constructor(now: () => number, startedMs: () => number, tooSoon: Tell, crowd: Tell) {
    this.#now = now;
    this.#startedMs = startedMs;
    this.#tooSoon = tooSoon;
    this.#crowd = crowd;
  }

  onCall({ account, kind }: CallRecord): void {
    if (account === null) return;
    const known = this.#usedUp.get(account);
    if (known && known.toldMs < this.#startedMs()) this.#usedUp.delete(account);
    else if (known && kind === 'live-address') this.#judge(account, known, this.#now());
  }

  /** A refusal that was lost on its way told nobody to wait. */
  onAnswered({ account, code }: CallRecord): void {
    if (account === null) return;
    if (code.endsWith('10007')) this.#refused(account, this.#now());
    else if (SUCCESSES.has(code)) this.#usedUp.delete(account);
  }

  #judge(account: string, known: UsedUp, now: number): void {
    const sinceMs = now - known.toldMs;
    if (sinceMs > ON_THE_WAY_MS && sinceMs < WAIT_MS) {
      const seconds = Math.round(sinceMs / SECOND);
      this.#tooSoon(account, `it was asked ${seconds} s after its cloud had said to wait for ten minutes`);
    }
  }

  #refused(account: string, now: number): void {
    const known = this.#usedUp.get(account);
    if (!known) {
      this.#usedUp.set(account, { toldMs: now, lookMs: now, calls: 1, isKnown: false });
      return;
    }
    if (now - known.toldMs > MINUTE) [known.lookMs, known.calls, known.isKnown] = [now, 0, true];
    known.toldMs = now;
    known.calls += 1;
    if (known.isKnown && known.calls === MOST_TRIALS + 1)
      this.#crowd(account, `more than ${MOST_TRIALS} calls tried at once whether it may call again`);
  }
}
