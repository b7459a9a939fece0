import type { Clock } from '../../core/clock.js';
import type { Puller } from '../pull/puller.js';
import { REFUSED_FOR_MS, targetKey } from '../wire/opening.js';

const MOST_REFUSED = 20_000;

export interface RefusedLoginsOptions {
  readonly clock: Clock;
  /** Called when a camera has refused a login, with the key of its target. */
  readonly onRefused: (key: string) => void;
}

/**
 * Which targets' logins cameras have refused lately. Such a target is not dialled again for half an hour, however many readers come and go;
 * another revision is another target.
 */
export class RefusedLogins {
  readonly #options: RefusedLoginsOptions;
  /** When the login was refused (monotonic ms), by `targetKey`; the oldest first. */
  readonly #refusedMs = new Map<string, number>();

  constructor(options: RefusedLoginsOptions) {
    this.#options = options;
  }

  /** `agoMs`: how long ago another worker's pull was refused; null: the login may be tried again. */
  note(key: string, agoMs: number | null): void {
    this.#refusedMs.delete(key);
    if (agoMs === null) return;
    this.#refusedMs.set(key, this.#options.clock.monotonicMs() - agoMs);
    if (this.#refusedMs.size > MOST_REFUSED) this.#refusedMs.delete([...this.#refusedMs.keys()][0] ?? '');
  }

  /** Pulls by `pull`, but ends at once, without a dial, where the login was refused lately. */
  guarded(pull: Puller): Puller {
    return (target, handlers) => {
      const key = targetKey(target);
      if (this.#isRefused(key)) {
        const description = 'The camera refused this login less than half an hour ago.';
        const end = { why: 'login', code: 'REFUSED_BEFORE', description } as const;
        return { stop: this.#options.clock.after(0, () => handlers.onEnd(end)) };
      }
      return pull(target, {
        ...handlers,
        onEnd: (end) => {
          if (end.why === 'login') this.#wasRefused(key);
          handlers.onEnd(end);
        },
      });
    };
  }

  #isRefused(key: string): boolean {
    const atMs = this.#refusedMs.get(key);
    return atMs !== undefined && this.#options.clock.monotonicMs() - atMs < REFUSED_FOR_MS;
  }

  #wasRefused(key: string): void {
    this.note(key, 0);
    this.#options.onRefused(key);
  }
}
