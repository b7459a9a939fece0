import type { Clock } from '../../../core/clock.js';
import type { StoreLog } from '../../toldLines.js';

/** Who follows a start hears of what takes long, and of what was found. */
export interface SetUpLog extends StoreLog {
  info?(message: string, fields?: object): void;
}

/** What the MongoDB driver is handed beside the address. */
export interface MongoDeps {
  readonly clock: Clock;
  readonly log: SetUpLog;
}
