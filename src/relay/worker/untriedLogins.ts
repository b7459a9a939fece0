import type { Clock } from '../../core/clock.js';
import type { Puller, PullHandlers } from '../pull/puller.js';
import { loginKey } from '../wire/opening.js';

/** How long a pull waits for what another one learns of its login. A host that does not answer must not hold the others up for longer. */
const WAIT_MS = 2_000;
const MOST_ACCEPTED = 20_000;

/**
 * Lets one pull at a time try a login at a host until it was accepted there. Sixteen channels of a recorder that are opened together would
 * otherwise try a wrong password sixteen times before the first refusal is known.
 */
export class UntriedLogins {
  readonly #clock: Clock;
  /** Logins with which a host sent pictures or sound, by `loginKey`; the oldest first. */
  readonly #accepted = new Set<string>();
  /** The pulls that wait while another one tries their login, by `loginKey`. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  oneByOne(pull: Puller): Puller {
    return (target, handlers) => {
      const key = loginKey(target);
      if (key === null || this.#accepted.has(key))
        return pull(target, key === null ? handlers : this.#watched(key, handlers));
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) return this.#first(key, (watched) => pull(target, watched), handlers);
      let begun: ReturnType<Puller> | null = null;
      const cancel = this.#clock.after(WAIT_MS, () => {
        waiting.delete(begin);
        begun = pull(target, this.#watched(key, handlers));
      });
      // Asked anew: one of those that waited tries the login next, or none has to.
      const begin = (): void => {
        cancel();
        begun = this.oneByOne(pull)(target, handlers);
      };
      waiting.add(begin);
      const stop = (): void => {
        cancel();
        waiting.delete(begin);
        begun?.stop();
      };
      return { stop };
    };
  }

  #first(
    key: string,
    pull: (handlers: PullHandlers) => ReturnType<Puller>,
    handlers: PullHandlers,
  ): ReturnType<Puller> {
    const waiting = new Set<() => void>();
    this.#waiting.set(key, waiting);
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      this.#waiting.delete(key);
      for (const begin of [...waiting]) begin();
    };
    const watched = this.#watched(key, handlers);
    const pulled = pull({
      ...watched,
      onUnit: (unit) => {
        watched.onUnit(unit);
        over();
      },
      onEnd: (end) => {
        watched.onEnd(end);
        over();
      },
    });
    const stop = (): void => {
      pulled.stop();
      over();
    };
    return { stop };
  }

  #watched(key: string, handlers: PullHandlers): PullHandlers {
    return {
      ...handlers,
      onUnit: (unit) => {
        this.#accept(key);
        handlers.onUnit(unit);
      },
      onEnd: (end) => {
        if (end.why === 'login') this.#accepted.delete(key);
        handlers.onEnd(end);
      },
    };
  }

  #accept(key: string): void {
    if (this.#accepted.has(key)) return;
    this.#accepted.add(key);
    if (this.#accepted.size > MOST_ACCEPTED) this.#accepted.delete([...this.#accepted][0] ?? '');
  }
}
