import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { Puller } from '../pull/puller.js';
import { loginKey, REFUSED_FOR_MS, secondRefusal, targetKey } from '../wire/opening.js';
import { UntriedLogins } from './untriedLogins.js';

const MOST_REFUSED = 20_000;

export interface RefusedLoginsOptions {
  readonly clock: Clock;
  /** Called when a camera has refused a login, with a key that the other workers note. */
  readonly onRefused: (key: string) => void;
}

/**
 * Which targets' logins cameras have refused lately. Such a target is not dialled again for half an hour, however many readers come and go;
 * another revision is another target. A recorder locks its user out after some wrong tries, whichever of its channels is asked for: after two
 * refusals on one host, no target with that login is dialled there.
 */
export class RefusedLogins {
  readonly #options: RefusedLoginsOptions;
  readonly #untried: UntriedLogins;
  /** When the login was refused (monotonic ms), by `targetKey`, `loginKey` and `secondRefusal`; the oldest first. */
  readonly #refusedMs = new Map<string, number>();

  constructor(options: RefusedLoginsOptions) {
    this.#options = options;
    this.#untried = new UntriedLogins(options.clock);
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
    return this.#untried.oneByOne((target, handlers) => {
      const key = targetKey(target);
      if (this.#isRefused(key) || this.#isRefusedTwice(target)) {
        const description = 'The camera refused this login less than half an hour ago.';
        const end = { why: 'login', code: 'REFUSED_BEFORE', description } as const;
        return { stop: this.#options.clock.after(0, () => handlers.onEnd(end)) };
      }
      return pull(target, {
        ...handlers,
        onEnd: (end) => {
          if (end.why === 'login') this.#wasRefused(target);
          handlers.onEnd(end);
        },
      });
    });
  }

  #isRefused(key: string): boolean {
    const atMs = this.#refusedMs.get(key);
    return atMs !== undefined && this.#options.clock.monotonicMs() - atMs < REFUSED_FOR_MS;
  }

  #isRefusedTwice(target: PullTarget): boolean {
    const login = loginKey(target);
    return login !== null && this.#isRefused(secondRefusal(login));
  }

  #wasRefused(target: PullTarget): void {
    const login = loginKey(target);
    const ofLogin = login === null ? [] : [this.#isRefused(login) ? secondRefusal(login) : login];
    for (const key of [targetKey(target), ...ofLogin]) {
      this.note(key, 0);
      this.#options.onRefused(key);
    }
  }
}
