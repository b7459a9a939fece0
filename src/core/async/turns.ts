import { orAborted } from './orAborted.js';

export interface TurnsOptions {
  readonly atOnce: number;
  readonly mostWaiting: number;
  /** The error for work that would have to wait behind too many others. */
  readonly full: () => Error;
  /** Called whenever a turn is free for which nothing waits. */
  readonly onFree?: () => void;
}

/** Lets so many pieces of work run at once; the others wait in the order in which they ask. */
export class Turns {
  readonly #options: TurnsOptions;
  #running = 0;
  readonly #waiting: Array<() => void> = [];

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** True: work that asks now does not wait. */
  get isFree(): boolean {
    return this.#running < this.#options.atOnce;
  }

  /** Throws `full` when too many wait already, and the signal's reason when it is aborted before its turn. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.atOnce) await this.#turn(signal);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#options.mostWaiting) throw this.#options.full();
    let given = (): void => undefined;
    const turn = new Promise<void>((resolve) => (given = resolve));
    this.#waiting.push(given);
    try {
      await orAborted(turn, signal);
    } catch (reason) {
      const at = this.#waiting.indexOf(given);
      if (at !== -1) this.#waiting.splice(at, 1);
      // The turn came at the same moment: it goes to the next one.
      else this.#pass();
      throw reason;
    }
  }

  /** Gives this turn to the next one that waits. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next) {
      next();
      return;
    }
    this.#running -= 1;
    this.#options.onFree?.();
  }
}
