import type { Clock } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';
import { abortReason } from '../../core/abortReason.js';
import { orAborted } from '../../core/async/orAborted.js';

const LONGEST_MARGIN_MS = 3_600_000;
/** The wait after an early renewal that failed; the old token still works meanwhile. */
const RENEWAL_RETRY_MS = 60_000;

/** The result of a login. */
export interface AccessToken {
  readonly value: string;
  /** The address for later calls, without a slash at the end. */
  readonly apiUrl: string;
  readonly lifeMs: number;
  /** The cloud's clock at the login; null: its reply had none. */
  readonly cloudTime: Date | null;
}

interface HeldToken {
  readonly token: AccessToken;
  readonly obtainedAt: Date;
  readonly obtainedMs: number;
  readonly renewAfterMs: number;
  /** No early renewal before this monotonic moment. */
  retryAtMs: number;
}

/**
 * The token of one account. Concurrent callers share one login. The token is dropped only when a cloud calls it dead, never for
 * a network fault, and is renewed before its end while the old one still works.
 */
export class AccessTokens {
  readonly #clock: Clock;
  readonly #login: (signal: AbortSignal) => Promise<AccessToken>;
  readonly #closing = new AbortController();
  #held: HeldToken | null = null;
  #loggingIn: Promise<AccessToken> | null = null;

  constructor(clock: Clock, login: (signal: AbortSignal) => Promise<AccessToken>) {
    this.#clock = clock;
    this.#login = login;
  }

  /**
   * Makes a call with the token. When the cloud calls the token dead, logs in once and repeats the call once. `call` asks for
   * the token at the last moment, because it may have been renewed while the call waited; `afterLogin` is true for the
   * repetition.
   */
  async use<T>(call: (token: () => AccessToken, afterLogin: boolean) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let used = await this.#get(signal);
    const latest = (): AccessToken => (used = this.#held?.token ?? used);
    try {
      return await call(latest, false);
    } catch (thrown) {
      if (!(thrown instanceof CameraError) || thrown.failureClass !== 'reauth') throw thrown;
    }
    // Another call may have dropped the token already, and even have logged in.
    if (this.#held?.token === used) this.#held = null;
    used = await this.#get(signal);
    return await call(latest, true);
  }

  /** Logs in even if a token is held; joins a login that is under way. */
  renew(signal?: AbortSignal): Promise<AccessToken> {
    this.#loggingIn ??= this.#logIn().finally(() => (this.#loggingIn = null));
    return orAborted(this.#loggingIn, signal);
  }

  close(): void {
    this.#closing.abort();
  }

  async #get(signal?: AbortSignal): Promise<AccessToken> {
    if (signal?.aborted) throw abortReason(signal.reason);
    const held = this.#held;
    if (held && this.#isUsable(held)) return held.token;
    try {
      return await this.renew(signal);
    } catch (thrown) {
      if (signal?.aborted || this.#held === null || this.#ageMs(this.#held) >= this.#held.token.lifeMs) throw thrown;
      this.#held.retryAtMs = this.#clock.monotonicMs() + RENEWAL_RETRY_MS;
      return this.#held.token;
    }
  }

  #isUsable(held: HeldToken): boolean {
    const ageMs = this.#ageMs(held);
    return ageMs < held.renewAfterMs || (ageMs < held.token.lifeMs && this.#clock.monotonicMs() < held.retryAtMs);
  }

  /** The greater of two ages: the monotonic clock stands still while the machine sleeps, and the other clock may be set back. */
  #ageMs({ obtainedAt, obtainedMs }: HeldToken): number {
    return Math.max(this.#clock.monotonicMs() - obtainedMs, this.#clock.now().getTime() - obtainedAt.getTime());
  }

  async #logIn(): Promise<AccessToken> {
    const token = await this.#login(this.#closing.signal);
    const renewAfterMs = token.lifeMs - Math.min(LONGEST_MARGIN_MS, token.lifeMs / 7);
    const [obtainedAt, obtainedMs] = [this.#clock.now(), this.#clock.monotonicMs()];
    this.#held = { token, obtainedAt, obtainedMs, renewAfterMs, retryAtMs: obtainedMs };
    return token;
  }
}
