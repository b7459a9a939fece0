const FIRST_GAP_MS = 4_000;
const LONGEST_GAP_MS = 128_000;
/**
 * A fleet that is renewed moves in batches at most this far apart: callers wait for the outcome, and each camera holds two
 * URLs meanwhile.
 */
const LONGEST_MOVE_GAP_MS = 16_000;

/**
 * When the engine may be told again: the first change at once, then after gaps of 4, 8, 16 … 128 s while changes keep
 * coming, and at once again after a quiet time. So an initialize of 240 s causes at most 8 rewrites of MediaMTX's file
 * (one or two changes go by its API, and into the file a moment later). Times are monotonic ms.
 */
export class ApplyGap {
  #lastMs = Number.NEGATIVE_INFINITY;
  #gapMs = 0;

  /** The moment from which a change may be applied. */
  opensAtMs(): number {
    return this.#lastMs + this.#gapMs;
  }

  /** The moment from which cameras may move from one lease to the next. */
  opensForMovesAtMs(): number {
    return this.#lastMs + Math.min(this.#gapMs, LONGEST_MOVE_GAP_MS);
  }

  /** Changes were applied now. `longestMs` shortens the gaps where leases are short. */
  applied(nowMs: number, longestMs: number = LONGEST_GAP_MS): void {
    const quiet = nowMs - this.#lastMs > 2 * this.#gapMs;
    this.#gapMs = Math.min(quiet ? FIRST_GAP_MS : this.#gapMs * 2, LONGEST_GAP_MS, Math.max(0, Math.floor(longestMs)));
    this.#lastMs = nowMs;
  }
}
