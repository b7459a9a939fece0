import type { Kept } from './kept.js';
import { LONGEST_WAIT_MS, RENEWAL_WINDOW_MS } from './ledger.js';
import { LAST_HOURS_MS } from './rush.js';
import type { Facts, Tell, Watcher } from './watcher.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** camlease renews without the store in the last twelve hours of a lease; */
const CAN_WAIT_MS = 12 * HOUR;
/** until it has seen that the store is away, calls that wait in a queue may leave. */
const SEES_AWAY_MS = 2 * MINUTE;
/** Longer than it takes to hear that everything is there again, and to go through a fleet. */
const HEARS_MS = 2 * HOUR;

export interface PromptnessFacts extends Facts {
  readonly storeAwaySinceMs: () => number | null;
  /** Until when an account's cloud gives too little for all (its cameras wait for their turn). */
  readonly scarceUntilMs: (account: string) => number;
  /** Its renewals are planned far from five sevenths: there are too many for the rate. */
  readonly needsMoreRoom: (account: string) => boolean;
}

/** Tells of renewals that came before they could not wait any longer, and of those that came long after they could be had. */
export class Promptness implements Watcher {
  readonly #facts: PromptnessFacts;
  readonly #awayEarly: Tell;
  readonly #late: Tell;

  constructor(facts: PromptnessFacts, awayEarly: Tell, late: Tell) {
    this.#facts = facts;
    this.#awayEarly = awayEarly;
    this.#late = late;
  }

  called({ ref, inForce }: Kept): void {
    const { now, storeAwaySinceMs, clockRightSinceMs } = this.#facts;
    const awaySinceMs = storeAwaySinceMs();
    if (awaySinceMs === null || now() - awaySinceMs < SEES_AWAY_MS || clockRightSinceMs() === null) return;
    const leftMs = (inForce?.expiresMs ?? 0) - now();
    if (leftMs > CAN_WAIT_MS + MINUTE)
      this.#awayEarly(ref, `it was asked for though the store is away and its lease lives for ${hours(leftMs)}`);
  }

  gave({ ref, account, inForce, latest, possible, unblockedMs }: Kept): void {
    const now = this.#facts.now();
    const rightSinceMs = this.#facts.clockRightSinceMs();
    if (inForce === null || inForce.expiresMs <= now || rightSinceMs === null) return;
    const dueMs = inForce.expiresMs - (this.#facts.needsMoreRoom(account) ? LAST_HOURS_MS : RENEWAL_WINDOW_MS);
    // One that came in time and was of no use is another matter.
    if (latest !== null && latest.atMs > dueMs && latest.arrived()) return;
    // Nothing tells when what was wrong with the camera alone is over.
    const waitMs = unblockedMs > dueMs - LONGEST_WAIT_MS ? LONGEST_WAIT_MS : HEARS_MS;
    const fromMs = Math.max(dueMs, rightSinceMs, this.#facts.scarceUntilMs(account));
    const couldMs = possible.enoughAt(fromMs, now, waitMs + this.#facts.tickMs);
    if (couldMs < now) this.#late(ref, `it was renewed ${hours(now - couldMs)} after it could have been at the latest`);
  }
}

function hours(ms: number): string {
  return `${(ms / HOUR).toFixed(1)} h`;
}
