/** Randomness from one number: the same seed, the same year. */
export class Chance {
  #state: number;

  constructor(seed: number | string) {
    let hash = 2_166_136_261;
    for (const character of String(seed)) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
    this.#state = hash >>> 0;
  }

  /** From 0 (included) to 1 (not included). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** Short ones are as likely as long ones: a minute to ten as ten to a hundred. */
  length(leastMs: number, mostMs: number): number {
    return Math.round(leastMs * (mostMs / leastMs) ** this.next());
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(all: readonly T[]): T {
    const one = all[this.whole(all.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  /** How often something that comes `perYear` times comes within `days`. */
  times(perYear: number, days: number): number {
    const mean = (perYear * days) / 365;
    return Math.floor(mean) + (this.happens(mean - Math.floor(mean)) ? 1 : 0);
  }
}
