/** A time that differs by more from the one before is a jump of the source's clock. */
const JUMP_MS = 10_000;

/** Leaves pictures out so that a source which sends too many is encoded at a bounded rate, evenly. */
export class PictureRate {
  readonly #intervalMs: number;
  #dueMs: number | null = null;

  constructor(mostPerSecond: number) {
    this.#intervalMs = 1_000 / mostPerSecond;
  }

  /** True: the picture of this time is encoded. A picture that is a little early is, too: networks bring them unevenly. */
  takes(timeMs: number): boolean {
    const dueMs = this.#dueMs;
    if (dueMs === null || Math.abs(timeMs - dueMs) > JUMP_MS) {
      this.#dueMs = timeMs + this.#intervalMs;
      return true;
    }
    if (timeMs < dueMs - this.#intervalMs / 2) return false;
    this.#dueMs = Math.max(dueMs, timeMs - this.#intervalMs) + this.#intervalMs;
    return true;
  }
}
