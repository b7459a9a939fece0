const FIRST_MS = 250;
const LONGEST_MS = 2_000;

/** Waits that double: 250 ms, 500 ms, 1 s, 2 s, 2 s… */
export class Retry {
  #nextMs = FIRST_MS;

  next(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(waitMs * 2, LONGEST_MS);
    return waitMs;
  }

  forget(): void {
    this.#nextMs = FIRST_MS;
  }
}
