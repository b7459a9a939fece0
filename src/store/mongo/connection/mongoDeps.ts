import type { Clock } from '../../../core/clock.js';
import type { StoreLog } from '../../documentWarnings.js';

/** The log of a start: steps that take long, and what was found. */
export interface SetUpLog extends StoreLog {
  info?(message: string, fields?: object): void;
}

/** What the MongoDB driver needs besides the address. */
export interface MongoDeps {
  readonly clock: Clock;
  readonly log: SetUpLog;
}
