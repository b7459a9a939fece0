import type { Kept } from '../books/kept.js';
import type { Facts, Tell, Watcher } from '../books/watcher.js';

const MINUTE = 60_000;
/** Listings come every 15 minutes while they have news. */
const LISTED_WITHIN_MS = 15 * MINUTE;
/** What a listing tells is asked for at once, in the turn of its account. */
const ASKED_WITHIN_MS = 5 * MINUTE;

export interface CuresFacts extends Pick<Facts, 'now' | 'clockRightSinceMs'> {
  readonly after: (ms: number, run: () => void) => void;
  /** When anything that a listing needs last went or came back, the process and its ticks included. */
  readonly disturbedMs: (account: string) => number;
}

/** Tells of cameras that a listing calls cured, and that are not asked for at once. */
export class Cures implements Watcher {
  readonly #facts: CuresFacts;
  readonly #late: Tell;
  /** Cameras whose latest call was refused for good. */
  readonly #refused = new Set<string>();

  constructor(facts: CuresFacts, late: Tell) {
    this.#facts = facts;
    this.#late = late;
  }

  refused(ref: string): void {
    this.#refused.add(ref);
  }

  called({ ref }: Kept): void {
    this.#refused.delete(ref);
  }

  /** From now on listings tell that it is. */
  cured(kept: Kept): void {
    const { now, after, disturbedMs, clockRightSinceMs } = this.#facts;
    const { ref, account, possible } = kept;
    if (!this.#refused.has(ref)) return;
    const curedMs = now();
    const waitMs = LISTED_WITHIN_MS + ASKED_WITHIN_MS;
    after(waitMs, () => {
      const isClockRight = (clockRightSinceMs() ?? Number.POSITIVE_INFINITY) < curedMs;
      const wasPossible = possible.enoughAt(curedMs, now(), LISTED_WITHIN_MS) < now();
      const isExcused = kept.gone || !wasPossible || !isClockRight || disturbedMs(account) >= curedMs;
      if (this.#refused.has(ref) && !isExcused)
        this.#late(ref, `listings tell that it is cured, and ${waitMs / MINUTE} minutes later nobody has asked for it`);
    });
  }
}
