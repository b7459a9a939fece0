/** A source that sends nothing for longer than this (ms) has its clock begun anew instead of its last picture repeated. */
const JUMP_MS = 5_000;

/** Numbers pictures that come at any rate as pictures of an even rate: some are left out, others repeated. */
export class EvenSteps {
  readonly #stepMs: number;
  #next = 0;
  /** The source's time of number 0; null: no picture has come. */
  #zeroMs: number | null = null;

  constructor(perSecond: number) {
    this.#stepMs = 1_000 / perSecond;
  }

  /** The numbers, from 0 on without a gap, that the picture of this time fills; empty: it comes too early after the one before. */
  numbersOf(ms: number): number[] {
    this.#zeroMs ??= ms;
    if (Math.abs(ms - this.#zeroMs - this.#next * this.#stepMs) > JUMP_MS)
      this.#zeroMs = ms - this.#next * this.#stepMs;
    const last = Math.round((ms - this.#zeroMs) / this.#stepMs);
    const numbers = Array.from({ length: Math.max(0, last + 1 - this.#next) }, (_, at) => this.#next + at);
    this.#next += numbers.length;
    return numbers;
  }
}
