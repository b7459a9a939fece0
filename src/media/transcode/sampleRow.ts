const SAMPLE_BYTES = 4;

/** Samples (32 bits each) that wait until an encoder's frame is full. */
export class SampleRow {
  readonly #planes: Buffer[];
  /** Bytes that one point in time takes in a plane. */
  readonly #stepBytes: number;

  /** `isPlanar`: each channel in a buffer of its own; else all in one, sample by sample. */
  constructor(isPlanar: boolean, channels: number) {
    this.#planes = Array.from({ length: isPlanar ? channels : 1 }, () => Buffer.alloc(0));
    this.#stepBytes = isPlanar ? SAMPLE_BYTES : SAMPLE_BYTES * channels;
  }

  /** How many samples of each channel wait. */
  get length(): number {
    return (this.#planes[0]?.length ?? 0) / this.#stepBytes;
  }

  /** The bytes are copied. */
  add(planes: readonly Buffer[], samples: number): void {
    for (const [at, plane] of this.#planes.entries()) {
      const added = (planes[at] ?? Buffer.alloc(0)).subarray(0, samples * this.#stepBytes);
      this.#planes[at] = Buffer.concat([plane, added]);
    }
  }

  /** So many samples of each channel; null: not as many wait. */
  take(samples: number): Buffer[] | null {
    if (this.length < samples || samples <= 0) return null;
    const bytes = samples * this.#stepBytes;
    return this.#planes.map((plane, at) => {
      this.#planes[at] = plane.subarray(bytes);
      return plane.subarray(0, bytes);
    });
  }

  clear(): void {
    for (const at of this.#planes.keys()) this.#planes[at] = Buffer.alloc(0);
  }
}
