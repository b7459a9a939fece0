const FIRST_GAP_MS = 4_000;
const LONGEST_GAP_MS = 128_000;
/** Somebody waits for a renewal, and two URLs of the camera live meanwhile: a fleet that is renewed moves in batches of this. */
const LONGEST_MOVE_GAP_MS = 16_000;

/**
 * When the engine may be told again: the first change at once, then gaps of 4, 8, 16 … 128 s while changes keep coming, so
 * that an initialize of 240 s makes at most 8 rewrites (one or two changes go by API, and into the file a moment later); after a quiet time at once again. Times are monotonic ms.
 */
export class ApplyGap {
  #lastMs = Number.NEGATIVE_INFINITY;
  #gapMs = 0;

  /** The moment from which a change may be applied. */
  opensAtMs(): number {
    return this.#lastMs + this.#gapMs;
  }

  /** The moment from which cameras may go from one lease to the next. */
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
