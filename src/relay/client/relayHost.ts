import type { ControlAddress } from './controlClient.js';
import type { RelayStatus } from '../wire/wire.js';

export interface RelayTrouble {
  readonly message: string;
  readonly cure: string;
}

/** Where a relay is, and who starts it. */
export interface RelayHost {
  /** Where it can be asked now; null: nothing is known yet. */
  find(): ControlAddress | null;
  /** Told of its answers: one that is not as it is to be may be asked to leave for another one. True: it is as it is to be. */
  suits(status: RelayStatus): boolean;
  /** What a person has to know of a relay that is used all the same; null: nothing. */
  remark(status: RelayStatus): RelayTrouble | null;
  /** It does not answer: starts it where it is ours to start and does not run. */
  revive(): void;
  /** Ends the process that was started here; resolves when it is gone, and at once where there is none. */
  end(): Promise<void>;
  /** Why it does not run, where more is known than that it does not answer; null: nothing is. */
  readonly trouble: RelayTrouble | null;
  /** What to do when it does not answer. */
  readonly cure: string;
  /** The host under which MediaMTX reaches it. */
  readonly readerHost: string;
}
