import type { Clock } from '../../../core/clock.js';

/** So many lines a second are handed on, and so many at once after a quiet time. */
const LINES_PER_SECOND = 200;
const MOST_AT_ONCE = 1_000;

/**
 * Lets a bounded number of lines a second through. MediaMTX writes a line for each request of each stranger, and our own log must
 * not grow as fast as strangers can ask. How many lines were left out is told with the next one that comes through.
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

  /** null: this line is to be left out. Else how many were left out since the last one that came through. */
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
