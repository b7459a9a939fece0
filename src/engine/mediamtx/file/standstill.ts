import type { Clock } from '../../../core/clock.js';

/** What somebody else changed is written over only when he has not touched it for so long: he may write in steps. */
const STILL_MS = 3_000;
/** What lost settings or paths looks like half of a file. */
const TORN_STILL_MS = 20_000;
/** MediaMTX reads a changed file a little later than we may see it. */
const READ_LATE_MS = 1_500;
/** A lost time is made up for by the API, so nobody waits for longer than this, nor for more than this part of a lease. */
const MOST_PATIENCE_MS = 120_000;
const PATIENCE_PART = 1 / 2;

/** Whether somebody else is at work on the file. */
export class Standstill {
  readonly #clock: Clock;
  #changedMs: number | null = null;
  #stillMs = STILL_MS;
  #readMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody changed the file. `isTorn`: it looks like half of what he means to write. */
  changed(isTorn: boolean): void {
    this.#stillMs = isTorn ? TORN_STILL_MS : STILL_MS;
    this.touched();
  }

  /** Somebody wrote the same text again. */
  touched(): void {
    this.#changedMs = this.#clock.monotonicMs();
    this.#readMs = this.#changedMs + READ_LATE_MS;
  }

  /** True once after each change: by now MediaMTX has read what it had not when we saw it. */
  isReadLate(): boolean {
    if (this.#readMs === null || this.#clock.monotonicMs() < this.#readMs) return false;
    this.#readMs = null;
    return true;
  }

  /** Milliseconds until it may be written; 0: now. */
  get leftMs(): number {
    if (this.#changedMs === null) return 0;
    const leftMs = this.#changedMs + this.#stillMs - this.#clock.monotonicMs();
    if (leftMs > 0) return leftMs;
    this.#changedMs = null;
    return 0;
  }
}

/** For how long a change may wait for the file to stand still. `shortestLeaseMs`: what is left of the shortest lease; null: there is none. */
export function patienceMs(shortestLeaseMs: number | null): number {
  if (shortestLeaseMs === null) return MOST_PATIENCE_MS;
  return Math.max(0, Math.min(MOST_PATIENCE_MS, shortestLeaseMs * PATIENCE_PART));
}
