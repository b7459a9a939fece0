/** Reads bits forward, the highest of each byte first. Bits beyond the end read as 0. */
export class Bits {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** How many bits are left; below 0: more were read than there are. */
  get left(): number {
    return 8 * this.#bytes.length - this.#at;
  }

  /** The place of the next bit. */
  get at(): number {
    return this.#at;
  }

  /** A reader at the same place, to look ahead with. */
  copy(): Bits {
    const copy = new Bits(this.#bytes);
    copy.skip(this.#at);
    return copy;
  }

  /** A number of 32 bits at most. */
  number(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) value = value * 2 + this.#bit();
    return value;
  }

  flag(): boolean {
    return this.#bit() === 1;
  }

  skip(bits: number): void {
    this.#at += bits;
  }

  /** `count` whole bytes, which may begin in the middle of a byte; fewer at the end. */
  bytes(count: number): Buffer {
    const start = this.#at >> 3;
    const shift = this.#at & 7;
    this.#at += 8 * count;
    if (shift === 0) return this.#bytes.subarray(start, start + count);
    const whole = Math.max(0, Math.min(count, this.#bytes.length - start - 1));
    const shifted = Buffer.alloc(whole);
    for (let at = 0; at < whole; at++) {
      const pair = this.#bytes.readUInt16BE(start + at);
      shifted[at] = (pair >> (8 - shift)) & 0xff;
    }
    return shifted;
  }

  /** An unsigned Exp-Golomb number (H.264, 9.1). */
  golomb(): number {
    let zeros = 0;
    while (zeros < 32 && this.left > 0 && !this.flag()) zeros += 1;
    return 2 ** zeros - 1 + this.number(zeros);
  }

  /** A signed Exp-Golomb number (H.264, 9.1.1). */
  signedGolomb(): number {
    const code = this.golomb();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }

  #bit(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0;
    const bit = (byte >> (7 - (this.#at & 7))) & 1;
    this.#at += 1;
    return bit;
  }
}
