import { orAborted } from '../../core/async/orAborted.js';
import { AppError } from '../../core/errors.js';

/** How many sources are opened at a time, by requests and by the job together. */
export const MOST_OPENINGS = 16;
/** How many more may wait. A list of cameras opens its own one after the other. */
const MOST_WAITING = 256;

/** Takes turns at opening sources, in the order in which they ask. */
export class OpeningTurns {
  #running = 0;
  readonly #waiting: Array<() => void> = [];

  /** Throws RELAY_BUSY when too many wait already, and the signal's reason when it is aborted before its turn. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#running >= MOST_OPENINGS) await this.#turn(signal);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING) {
      throw new AppError('RELAY_BUSY', `${MOST_OPENINGS} sources are being opened, and ${MOST_WAITING} wait.`, {
        cure: 'Ask again in some seconds.',
        retryAfterMs: 10_000,
      });
    }
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
    if (next) next();
    else this.#running -= 1;
  }
}
