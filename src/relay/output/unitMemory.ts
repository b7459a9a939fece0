const FIRST_BYTES = 64 * 1_024;
const NOTHING = Buffer.alloc(0);

/**
 * Holds copies of units up to the next key frame, then forgets them together and uses their memory again; it grows to what comes between
 * two key frames. With fresh memory for each unit, V8 moved the units to its old generation, whose collection took a third of the relay's
 * processor time.
 */
export class UnitMemory {
  #memory: Buffer = NOTHING;
  #used = 0;

  /** The copy is valid until `clear`. */
  copyOf(bytes: Buffer): Buffer {
    // Earlier copies stay valid in the old memory.
    if (this.#used + bytes.length > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * this.#memory.length, bytes.length));
      this.#used = 0;
    }
    const copy = this.#memory.subarray(this.#used, this.#used + bytes.length);
    copy.set(bytes);
    this.#used += bytes.length;
    return copy;
  }

  copiesOf(units: readonly Buffer[]): readonly Buffer[] {
    return units.map((unit) => this.copyOf(unit));
  }

  /** Later copies overwrite all earlier ones. */
  clear(): void {
    this.#used = 0;
  }
}
