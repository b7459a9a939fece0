import type { Clock } from '../../src/core/clock.js';

/** A clock whose wall time can be moved forward; timers and the monotonic clock are not affected. */
export class ShiftableClock implements Clock {
  readonly #inner: Clock;
  #offsetMs = 0;

  constructor(inner: Clock) {
    this.#inner = inner;
  }

  now(): Date {
    return new Date(this.#inner.now().getTime() + this.#offsetMs);
  }

  monotonicMs(): number {
    return this.#inner.monotonicMs();
  }

  /** Waits a millisecond at least, as Node does: a smaller step would be lost by rounding in the large numbers of a turned clock. */
  after(ms: number, run: () => void): () => void {
    return this.#inner.after(Math.max(1, ms), run);
  }

  /** How far this clock is ahead of the clock that it was made from. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  shift(ms: number): void {
    this.#offsetMs += ms;
  }
}
