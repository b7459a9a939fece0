import type { InForce, Kept } from './kept.js';
import type { Facts, Tell, Watcher } from './watcher.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The world is looked at each minute; in the year such a look waits for the next stop of the clock. */
const TOLD_WITHIN_MS = 15 * MINUTE;
/** A proof is bounded by a minute, and others of its account go before it. */
const PROVEN_WITHIN_MS = 8 * HOUR;

export interface EndsFacts extends Facts {
  /** When anything that every camera needs last went or came back: process, machine, media server, store. */
  readonly disturbedMs: (account: string) => number;
  /** When somebody last watched it; now, if somebody does. */
  readonly watchedMs: (ref: string) => number;
}

/** Tells of leases that are told for long after their end, and of URLs that wait for long though nobody watches. */
export class Ends implements Watcher {
  readonly #facts: EndsFacts;
  readonly #stale: Tell;
  readonly #unused: Tell;
  readonly #given = new Map<string, { readonly urlId: string; readonly atMs: number }>();

  constructor(facts: EndsFacts, stale: Tell, unused: Tell) {
    this.#facts = facts;
    this.#stale = stale;
    this.#unused = unused;
  }

  gave({ ref }: Kept, { urlId }: { readonly urlId: string }): void {
    this.#given.set(ref, { urlId, atMs: this.#facts.now() });
  }

  inForce(kept: Kept, was: InForce | null): void {
    const given = this.#given.get(kept.ref);
    // From now on it is in use, whatever the clocks say: the media server may forget it, and be told it again.
    const isUsed = given !== undefined && kept.inForce?.urlId === given.urlId && this.#given.delete(kept.ref);
    const rightSinceMs = this.#facts.clockRightSinceMs();
    if (rightSinceMs === null) return;
    if (was !== null) this.#lookAtEnd(kept, was, rightSinceMs);
    if (isUsed) this.#lookAtUse(kept, given.atMs, rightSinceMs);
  }

  #lookAtEnd({ ref, account }: Kept, was: InForce, rightSinceMs: number): void {
    const sinceMs = Math.max(was.expiresMs, rightSinceMs, this.#facts.disturbedMs(account));
    const minutes = Math.round((this.#facts.now() - sinceMs) / MINUTE);
    if (minutes * MINUTE > TOLD_WITHIN_MS && was.expiresMs > 0)
      this.#stale(ref, `revision ${was.revision} was told to the media server for ${minutes} minutes after its end`);
  }

  #lookAtUse({ ref, account, possible, unblockedMs }: Kept, givenMs: number, rightSinceMs: number): void {
    if (this.#facts.disturbedMs(account) > givenMs) return;
    const now = this.#facts.now();
    const fromMs = Math.max(givenMs, unblockedMs, rightSinceMs, this.#facts.watchedMs(ref));
    if (possible.enoughAt(fromMs, now, PROVEN_WITHIN_MS + this.#facts.tickMs) < now)
      this.#unused(ref, `its URL waited for ${Math.round((now - fromMs) / HOUR)} h though nobody watched`);
  }
}
