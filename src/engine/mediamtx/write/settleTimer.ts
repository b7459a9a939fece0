import type { Clock } from '../../../core/clock.js';

const SETTLE_MS = 2_000;
const SETTLE_AT_LATEST_MS = 15_000;

/**
 * Waits until API writes pause for 2 s, at most 15 s: then the writer puts the same paths into the file, so that a reload of the file does
 * not undo them.
 */
export class SettleTimer {
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;
  #sinceMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A write was made through the API just now; `run` is called once, `leastMs` from now at the earliest. */
  begin(leastMs: number, run: () => void): void {
    this.#sinceMs ??= this.#clock.monotonicMs();
    this.#cancel?.();
    const atLatestMs = Math.max(0, this.#sinceMs + SETTLE_AT_LATEST_MS - this.#clock.monotonicMs());
    this.#cancel = this.#clock.after(Math.max(Math.min(SETTLE_MS, atLatestMs), leastMs), run);
  }

  /** The file needs no rewrite any more: cancels the timer. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#sinceMs = null;
  }
}
