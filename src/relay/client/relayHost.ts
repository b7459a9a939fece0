import type { ControlAddress } from './controlClient.js';
import type { RelayStatus } from '../wire/wire.js';

export interface RelayTrouble {
  readonly message: string;
  readonly cure: string;
}

/** Where a relay is, and how it is started: `LocalHost` starts it itself, `remoteHost` leaves that to Docker or systemd. */
export interface RelayHost {
  /** The address and secret of the relay's control port now; null: not known yet. */
  find(): ControlAddress | null;
  /** Called with each status of the relay. False: it has another version, port, SOURCE_NETWORKS or TRANSCODES_MAX than wanted and is to be replaced by another relay. */
  suits(status: RelayStatus): boolean;
  /** A warning for the operator about a relay that is used all the same (it has another version); null: none. */
  remark(status: RelayStatus): RelayTrouble | null;
  /** Called when the relay does not answer: starts it again, where this camlease is the one that starts it and it has ended. */
  revive(): void;
  /** Ends the relay that this process started; resolves when it has exited, and at once where this process started none. */
  end(): Promise<void>;
  /** Why the relay could not be started; null: no more is known than that it does not answer. */
  readonly trouble: RelayTrouble | null;
  /** What the operator can do when the relay does not answer. */
  readonly cure: string;
  /** The host name or address at which MediaMTX reaches the relay. */
  readonly readerHost: string;
}
