import type { Clock } from '../../../core/clock.js';

const SETTLE_MS = 2_000;
const SETTLE_AT_LATEST_MS = 15_000;

/** Waits until API writes have come to rest, but not for ever: then the same state goes to the file, so that a reload does not undo it. */
export class SettleTimer {
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;
  #sinceMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something was written by API just now; `run` is called once, `leastMs` from now at the earliest. */
  begin(leastMs: number, run: () => void): void {
    this.#sinceMs ??= this.#clock.monotonicMs();
    this.#cancel?.();
    const atLatestMs = Math.max(0, this.#sinceMs + SETTLE_AT_LATEST_MS - this.#clock.monotonicMs());
    this.#cancel = this.#clock.after(Math.max(Math.min(SETTLE_MS, atLatestMs), leastMs), run);
  }

  /** There is nothing to bring in line. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#sinceMs = null;
  }
}
