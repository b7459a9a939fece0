import type { Clock } from '../../core/clock.js';
import { abortReason } from '../../core/abortReason.js';
import { AppError } from '../../core/errors.js';
import type { OpeningOptions, SourceOpening } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { outcomeSchema, type Outcome } from '../wire/opening.js';
import { unreachable } from './clientErrors.js';
import { ControlError } from './controlClient.js';
import { ControlReach } from './controlReach.js';
import type { RelayHost } from './relayHost.js';

/** An opening takes 10 s at most; before that it may wait behind those of other replicas. */
const OPENING_MS = 120_000;
/** As many as the relay opens at a time, over connections of their own, so that they delay no status. */
const CONNECTIONS = 16;

/** Has the relay open sources. */
export class Openings implements SourceOpening {
  readonly #control: ControlReach;

  constructor(host: Pick<RelayHost, 'find' | 'cure'>, clock: Clock) {
    this.#control = new ControlReach(host, clock, CONNECTIONS);
  }

  async open(target: PullTarget, signal: AbortSignal, { again = false }: OpeningOptions = {}): Promise<Outcome> {
    const asked = { method: 'POST', path: '/open', body: { target, again }, schema: outcomeSchema } as const;
    try {
      return await this.#control.ask({ ...asked, limitMs: OPENING_MS, signal });
    } catch (thrown) {
      if (signal.aborted) throw abortReason(signal.reason);
      throw isOlder(thrown) ? tooOld() : thrown;
    }
  }

  close(): void {
    this.#control.close();
  }
}

/** True: the relay has no such route. */
function isOlder(thrown: unknown): boolean {
  return (
    thrown instanceof AppError &&
    thrown.cause instanceof ControlError &&
    thrown.cause.refusal?.code === 'ROUTE_NOT_FOUND'
  );
}

function tooOld(): AppError {
  return unreachable(
    'The relay is of an older version, which cannot look whether an address shows a picture.',
    'Update the relay to the version of this camlease.',
  );
}
