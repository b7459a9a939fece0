const QUICK_WAIT_MS = 300;
/** So long after the first try it is worth to be quick: MediaMTX asks a source that failed again after 5 s. */
const QUICK_FOR_MS = 6_000;
const LONGEST_WAIT_MS = 15_000;

/** How long to wait between tries: short at first, then longer and longer, spread so that a hundred players do not come at once. */
export class Pace {
  #beganMs: number | null = null;
  #waitMs = QUICK_WAIT_MS;

  /** Milliseconds until the next try. */
  next(): number {
    const nowMs = performance.now();
    this.#beganMs ??= nowMs;
    if (nowMs - this.#beganMs > QUICK_FOR_MS) this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    return this.#waitMs * (0.75 + Math.random() / 2);
  }

  /** All is well again. */
  reset(): void {
    this.#beganMs = null;
    this.#waitMs = QUICK_WAIT_MS;
  }
}
