/**
 * Tells a camera's own pictures from those that the relay sends in their place: it repeats the last key frame or the last picture byte for byte,
 * or a slate, which a camera's encoder never does.
 */
export class NewPictures {
  #lastKey: Buffer | null = null;
  #last: Buffer | null = null;
  #count = 0;

  /** Asked once for each coded picture, in order. */
  isNew(data: Buffer, isKey: boolean): boolean {
    const isRepeated = this.#last?.equals(data) === true || this.#lastKey?.equals(data) === true;
    this.#last = data;
    if (isKey) this.#lastKey = data;
    if (!isRepeated) this.#count += 1;
    return !isRepeated;
  }

  /** True: two different pictures have come, so the camera is there. */
  get moves(): boolean {
    return this.#count >= 2;
  }
}
