import type { Clock } from '../../../core/clock.js';

/** How many lines a second are let through, and (`MOST_AT_ONCE`) how many at once after a quiet time. */
const LINES_PER_SECOND = 200;
const MOST_AT_ONCE = 1_000;

/**
 * Limits how many lines a second are let through. MediaMTX logs each request of each stranger, and camlease's log must not grow as fast
 * as strangers can send requests. The next line that is let through comes with the number of lines dropped before it.
 */
export class LineRate {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #left = MOST_AT_ONCE;
  #filledMs: number;
  #leftOut = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    this.#filledMs = clock.monotonicMs();
  }

  /** null: drop this line. Else how many lines were dropped since the last one that was let through. */
  take(): number | null {
    const nowMs = this.#clock.monotonicMs();
    this.#left = Math.min(MOST_AT_ONCE, this.#left + ((nowMs - this.#filledMs) / 1000) * LINES_PER_SECOND);
    this.#filledMs = nowMs;
    if (this.#left < 1) {
      this.#leftOut += 1;
      return null;
    }
    this.#left -= 1;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
