const FIRST_BYTES = 256 * 1_024;
/** A longer picture is none: 8K at its best quality stays below. */
const MOST_BYTES = 16 * 1_024 * 1_024;
/** H.265 allows 600 slices in a picture (table A.8). */
const MOST_UNITS = 2_000;

/** The NAL units of one picture while it is put together, in memory that is used again for the next one. */
export class PictureMemory {
  #memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #used = 0;
  /** Where the units end, in bytes. */
  #ends: number[] = [];

  /** False: the picture has become longer than any real one. */
  append(bytes: Buffer): boolean {
    const end = this.#used + bytes.length;
    if (end > MOST_BYTES) return false;
    if (end > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(MOST_BYTES, Math.max(end, 2 * this.#memory.length)));
      this.#memory.copy(larger, 0, 0, this.#used);
      this.#memory = larger;
    }
    bytes.copy(this.#memory, this.#used);
    this.#used = end;
    return true;
  }

  /** Ends the unit. False: the picture has more units than any real one. */
  close(): boolean {
    this.#ends.push(this.#used);
    return this.#ends.length <= MOST_UNITS;
  }

  /** The closed units; valid until the next `append`, `clear` or `dropOpen`. */
  get units(): Buffer[] {
    return this.#ends.map((end, at) => this.#memory.subarray(this.#ends[at - 1] ?? 0, end));
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  clear(): void {
    this.#used = 0;
    this.#ends = [];
  }
}
