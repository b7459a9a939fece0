const BLOCK = 16;
/** Coding noise changes the mean of a block (0 to 255) by this at most. The clock that a camera draws changes some blocks far more. */
const NOISE = 5;

/** Watches whether a picture ever changes, by the mean brightness of its 16x16 blocks. */
export class StillPicture {
  #first: number[] | null = null;
  #moved = false;

  /** True once any block differed from the first picture. */
  get moved(): boolean {
    return this.#moved;
  }

  see(luma: Buffer, stride: number, width: number, height: number): void {
    const means = blockMeans(luma, stride, width, height);
    if (this.#first === null) this.#first = means;
    else if (this.#first.some((mean, index) => Math.abs(mean - (means[index] ?? 0)) > NOISE)) this.#moved = true;
  }
}

function blockMeans(luma: Buffer, stride: number, width: number, height: number): number[] {
  const means: number[] = [];
  for (let top = 0; top + BLOCK <= height; top += BLOCK) {
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      let sum = 0;
      for (let y = top; y < top + BLOCK; y++) {
        for (let x = left; x < left + BLOCK; x++) sum += luma[y * stride + x] ?? 0;
      }
      means.push(sum / (BLOCK * BLOCK));
    }
  }
  return means;
}
