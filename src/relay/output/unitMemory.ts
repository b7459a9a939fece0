const FIRST_BYTES = 64 * 1_024;
const NOTHING = Buffer.alloc(0);

/**
 * Copies of units, which are kept up to the next key frame and then forgotten together: their memory is used again and grows to what
 * fits between two key frames. Fresh memory for each unit lives just long enough to be an old generation's, whose collection took a
 * third of the relay's processor time.
 */
export class UnitMemory {
  #memory: Buffer = NOTHING;
  #used = 0;

  /** The copy stays as it is until `clear`. */
  copyOf(bytes: Buffer): Buffer {
    // What was copied before keeps the memory that it is in.
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

  /** All copies are forgotten. */
  clear(): void {
    this.#used = 0;
  }
}
