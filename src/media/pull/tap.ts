import type { MediaUnit, SoundNote } from '../formats/units.js';

type Tapped = MediaUnit | SoundNote;

/** Passes the units of a running pull to one more reader, such as a proof, from the last key frame on. */
export class Tap implements AsyncIterable<Tapped> {
  readonly #queue: Tapped[];
  #wake: () => void = () => undefined;
  #ended = false;

  constructor(first: readonly Tapped[]) {
    this.#queue = [...first];
  }

  push(unit: Tapped): void {
    this.#queue.push(unit);
    this.#wake();
  }

  readonly end = (): void => {
    this.#ended = true;
    this.#wake();
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<Tapped> {
    for (;;) {
      const unit = this.#queue.shift();
      if (unit) yield unit;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
