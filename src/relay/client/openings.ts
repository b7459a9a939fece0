import type { Clock } from '../../core/clock.js';
import { askUntil } from '../../core/async/askUntil.js';
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
/** A relay that is just being started, with camlease or after its end, is there within this time, also on a busy machine. */
const STARTING_MS = 8_000;
const ASK_EVERY_MS = 250;
/** As many as the relay opens at a time, over connections of their own, so that they delay no status. */
const CONNECTIONS = 16;

/** Has the relay open sources. */
export class Openings implements SourceOpening {
  readonly #control: ControlReach;
  readonly #clock: Clock;

  constructor(host: Pick<RelayHost, 'find' | 'cure'>, clock: Clock) {
    this.#clock = clock;
    this.#control = new ControlReach(host, clock, CONNECTIONS);
  }

  async open(target: PullTarget, signal: AbortSignal, { again = false }: OpeningOptions = {}): Promise<Outcome> {
    const asked = { method: 'POST', path: '/open', body: { target, again }, schema: outcomeSchema } as const;
    let away: unknown = null;
    const found = await askUntil(
      { clock: this.#clock, everyMs: ASK_EVERY_MS, withinMs: STARTING_MS, signal },
      async () => {
        try {
          return await this.#control.ask({ ...asked, limitMs: OPENING_MS, signal });
        } catch (thrown) {
          if (signal.aborted) throw abortReason(signal.reason);
          if (!isAway(thrown)) throw isOlder(thrown) ? tooOld() : thrown;
          away = thrown;
          return null;
        }
      },
    );
    if (found === null) throw away;
    return found;
  }

  close(): void {
    this.#control.close();
  }
}

/** True: nothing was asked, since no relay listens. */
function isAway(thrown: unknown): boolean {
  if (!(thrown instanceof AppError) || thrown.code !== 'RELAY_UNREACHABLE') return false;
  return thrown.cause === undefined || (thrown.cause instanceof ControlError && thrown.cause.isUnheard);
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
