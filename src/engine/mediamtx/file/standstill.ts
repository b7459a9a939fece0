import type { Clock } from '../../../core/clock.js';

/** How long the file must stand still before camlease writes it: another program may write it in steps. */
const STILL_MS = 3_000;
/** The same for a file that lost settings or paths, since it looks half written. */
const TORN_STILL_MS = 20_000;
/** MediaMTX may read a changed file this much later than camlease sees it. */
const READ_LATE_MS = 1_500;
/** A change waits for a still file at most this long, and at most `PATIENCE_PART` of the time left of a lease; then it goes by API. */
const MOST_PATIENCE_MS = 120_000;
const PATIENCE_PART = 1 / 2;

/** Tells whether another program is editing the file. */
export class Standstill {
  readonly #clock: Clock;
  #changedMs: number | null = null;
  #stillMs = STILL_MS;
  #readMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Another program changed the file. `isTorn`: the text looks half written. */
  changed(isTorn: boolean): void {
    this.#stillMs = isTorn ? TORN_STILL_MS : STILL_MS;
    this.touched();
  }

  /** Another program wrote the same text again. */
  touched(): void {
    this.#changedMs = this.#clock.monotonicMs();
    this.#readMs = this.#changedMs + READ_LATE_MS;
  }

  /** True once after each change, when MediaMTX has surely read it: it may not have when camlease saw the change. */
  isReadLate(): boolean {
    if (this.#readMs === null || this.#clock.monotonicMs() < this.#readMs) return false;
    this.#readMs = null;
    return true;
  }

  /** Milliseconds until camlease may write the file; 0: now. */
  get leftMs(): number {
    if (this.#changedMs === null) return 0;
    const leftMs = this.#changedMs + this.#stillMs - this.#clock.monotonicMs();
    if (leftMs > 0) return leftMs;
    this.#changedMs = null;
    return 0;
  }
}

/** How many ms a change may wait for a still file. `shortestLeaseMs`: until the first served lease ends; null: none is served. */
export function patienceMs(shortestLeaseMs: number | null): number {
  if (shortestLeaseMs === null) return MOST_PATIENCE_MS;
  return Math.max(0, Math.min(MOST_PATIENCE_MS, shortestLeaseMs * PATIENCE_PART));
}
