import { Turns } from '../../core/async/turns.js';
import { AppError } from '../../core/errors.js';

/** How many sources are opened at a time, by requests and by the job together; the relay opens no more either. */
const MOST_OPENINGS = 16;
/** How many requests may wait. A list of cameras opens its own one after the other. */
const MOST_WAITING = 256;

/**
 * Turns at opening sources. Requests wait for theirs, and throw RELAY_BUSY when too many wait already. The job takes those that no request
 * wants: people wait for an answer, and the job's cameras can wait.
 */
export class OpeningTurns extends Turns {
  readonly #free: { listener: () => void };

  constructor() {
    const free = { listener: (): void => undefined };
    super({
      atOnce: MOST_OPENINGS,
      mostWaiting: MOST_WAITING,
      full: () =>
        new AppError('RELAY_BUSY', `${MOST_OPENINGS} sources are being opened, and ${MOST_WAITING} wait.`, {
          cure: 'Ask again in some seconds.',
          retryAfterMs: 10_000,
        }),
      onFree: () => free.listener(),
    });
    this.#free = free;
  }

  /** Calls the job whenever a turn is free that no request wants. */
  whenFree(listener: () => void): void {
    this.#free.listener = listener;
  }
}
