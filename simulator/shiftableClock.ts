import type { Clock } from '../src/core/clock.js';

/** A clock whose wall time can be put forward; intervals go on as they were. */
export class ShiftableClock implements Clock {
  readonly #inner: Clock;
  #offsetMs = 0;
  readonly #listeners = new Set<() => void>();

  constructor(inner: Clock) {
    this.#inner = inner;
  }

  now(): Date {
    return new Date(this.#inner.now().getTime() + this.#offsetMs);
  }

  monotonicMs(): number {
    return this.#inner.monotonicMs();
  }

  after(ms: number, run: () => void): () => void {
    return this.#inner.after(ms, run);
  }

  /** How far this clock is ahead of the one it was made from. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Runs after each shift. */
  onShift(listener: () => void): void {
    this.#listeners.add(listener);
  }

  shift(ms: number): void {
    this.#offsetMs += ms;
    for (const listener of this.#listeners) listener();
  }
}
