/** A decoder holds back 16 pictures at most (H.264, A.3.1). */
const MOST_HELD_BACK = 16;
const FIRST_STEP_MS = 40;
const LEAST_STEP_MS = 1;

/**
 * Decoding times out of presentation times, which are all that RTP says. Where a decoder holds back `n` pictures to put them in order, a
 * picture is decoded when the earliest of the `n + 1` that are shown last is shown: that rises from picture to picture, and is never later
 * than its own presentation. `n` is what the stream says of itself, or more where its pictures show more.
 */
export class DecodeTimes {
  #stated = 0;
  /** What the pictures since the latest key frame showed, and those before it. */
  #seen = 0;
  #seenBefore = 0;
  /** The latest presentation times so far, rising. */
  #latest: number[] = [];
  #lastMs: number | null = null;
  #stepMs = FIRST_STEP_MS;

  /** A key frame follows. `heldBack`: how many pictures its stream holds back; null: it does not say. */
  begin(heldBack: number | null): void {
    this.#stated = Math.min(heldBack ?? 0, MOST_HELD_BACK);
    this.#seenBefore = this.#seen;
    this.#seen = 0;
  }

  /** The clock jumped: pictures before and after it are not compared. */
  forget(): void {
    this.#latest = [];
    this.#lastMs = null;
  }

  /** The decoding time of the next picture, which is shown at `presentMs`. */
  of(presentMs: number): number {
    const later = this.#latest.filter((ms) => ms > presentMs).length;
    this.#seen = Math.min(MOST_HELD_BACK, Math.max(this.#seen, later));
    const nearestMs = Math.min(...this.#latest.map((ms) => Math.abs(presentMs - ms)));
    if (nearestMs >= LEAST_STEP_MS && Number.isFinite(nearestMs)) this.#stepMs = nearestMs;
    this.#latest = [...this.#latest, presentMs].toSorted((a, b) => a - b).slice(-(MOST_HELD_BACK + 1));
    const decodeMs = Math.max(this.#wantedMs(presentMs), (this.#lastMs ?? Number.NEGATIVE_INFINITY) + LEAST_STEP_MS);
    this.#lastMs = decodeMs;
    return decodeMs;
  }

  #wantedMs(presentMs: number): number {
    const heldBack = Math.max(this.#stated, this.#seen, this.#seenBefore);
    const missing = heldBack + 1 - this.#latest.length;
    // At the beginning, the pictures before the first one are made up.
    if (missing > 0) return (this.#latest[0] ?? presentMs) - missing * this.#stepMs;
    return this.#latest.at(-1 - heldBack) ?? presentMs;
  }
}
