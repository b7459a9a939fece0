import type { Clock } from '../../core/clock.js';
import type { StoreDriver } from '../driver.js';

/** How long an owner's counter must stand still before its claims are free. */
const STALE_AFTER_MS = 15_000;
/** An owner that has been dead for this long is forgotten; should it come back, its next beat adds it again. */
const FORGET_AFTER_MS = 3_600_000;

type BeatDriver = Pick<StoreDriver, 'beat' | 'readBeats' | 'forgetOwner'>;

/** Tells living owners from dead ones. Compares no clocks: a counter either moves, or stands still on our own clock. */
export class OwnerWatch {
  readonly #driver: BeatDriver;
  readonly #clock: Clock;
  /** Each owner's counter, and when on our own monotonic clock we first saw it at that value. */
  readonly #seen = new Map<string, { readonly beat: number; readonly sinceMs: number }>();
  readonly #announced = new Set<string>();

  constructor(driver: BeatDriver, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
  }

  async beat(owner: string): Promise<void> {
    await this.#driver.beat(owner);
    this.#announced.add(owner);
  }

  /** The other owners that are alive, and whose claims stand. */
  async livingOthers(owner: string): Promise<Set<string>> {
    // Other owners would take this owner's claims for free if it had no counter.
    if (!this.#announced.has(owner)) await this.beat(owner);
    // The counters may be as old as the question or as new as the answer: the time in between does not count as standing still.
    const askedMs = this.#clock.monotonicMs();
    const beats = await this.#driver.readBeats();
    const nowMs = this.#clock.monotonicMs();
    const living = new Set<string>();
    for (const [other, beat] of beats) {
      if (other === owner) continue;
      const seen = this.#seen.get(other);
      const stillForMs = seen?.beat === beat ? askedMs - seen.sinceMs : 0;
      if (seen?.beat !== beat) this.#seen.set(other, { beat, sinceMs: nowMs });
      if (stillForMs < STALE_AFTER_MS) living.add(other);
      else if (stillForMs >= FORGET_AFTER_MS) await this.#driver.forgetOwner(other, beat);
    }
    for (const other of this.#seen.keys()) if (!beats.has(other)) this.#seen.delete(other);
    return living;
  }
}
