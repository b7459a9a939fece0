/** Short first waits: MediaMTX refuses readers while it closes a path, and accepts them again a moment later. */
const QUICK_WAITS_MS = [50, 100, 200, 300];
/** Waits are short for so long after the first try: MediaMTX tries a failed source again after 5 s. */
const QUICK_FOR_MS = 6_000;
const LONGEST_WAIT_MS = 15_000;

/** How long to wait between tries: short at first, then longer, with jitter so that a hundred players do not all try at once. */
export class Pace {
  #beganMs: number | null = null;
  #tries = 0;
  #waitMs = 0;

  /** Milliseconds until the next try. */
  next(): number {
    const nowMs = performance.now();
    this.#beganMs ??= nowMs;
    const isQuick = nowMs - this.#beganMs <= QUICK_FOR_MS;
    this.#waitMs = isQuick ? this.#quickMs() : Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    return this.#waitMs * (0.75 + Math.random() / 2);
  }

  /** Starts again with short waits, after a success. */
  reset(): void {
    this.#beganMs = null;
    this.#tries = 0;
  }

  #quickMs(): number {
    const wait = QUICK_WAITS_MS[Math.min(this.#tries, QUICK_WAITS_MS.length - 1)] ?? 0;
    this.#tries += 1;
    return wait;
  }
}
