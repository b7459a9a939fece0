import { Turns } from '../../core/async/turns.js';
import { AppError } from '../../core/errors.js';

/** How many sources are opened at a time by requests; the job counts its own. */
const MOST_OPENINGS = 16;
/** How many more may wait. A list of cameras opens its own one after the other. */
const MOST_WAITING = 256;

/** Takes turns at opening sources; throws RELAY_BUSY when too many wait already. */
export class OpeningTurns extends Turns {
  constructor() {
    super({
      atOnce: MOST_OPENINGS,
      mostWaiting: MOST_WAITING,
      full: () =>
        new AppError('RELAY_BUSY', `${MOST_OPENINGS} sources are being opened, and ${MOST_WAITING} wait.`, {
          cure: 'Ask again in some seconds.',
          retryAfterMs: 10_000,
        }),
    });
  }
}
