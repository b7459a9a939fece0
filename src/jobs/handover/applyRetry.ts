import { AppError, messageOf } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';

const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;

/** When to call an engine again that refused an `apply`, and what it said. Logs the first failure, and the end of the failures. */
export class ApplyRetry {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log'>;
  #problem: string | null = null;
  #atMs = 0;
  #waitMs = 0;

  constructor(deps: Pick<JobsDeps, 'clock' | 'log'>) {
    this.#deps = deps;
  }

  /** Why the engine does not accept the streams now; null: it does. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Monotonic ms; `apply` is not called before. */
  get atMs(): number {
    return this.#atMs;
  }

  /** The engine was restarted, so that it may be called at once. */
  now(): void {
    this.#atMs = 0;
  }

  /** Another replica tells the engine from now on. */
  forget(): void {
    this.#problem = null;
  }

  worked(): void {
    if (this.#problem !== null) this.#deps.log.info('The media server accepts the list of cameras again.');
    this.#problem = null;
    this.#waitMs = 0;
  }

  failed(thrown: unknown): void {
    const { clock, log } = this.#deps;
    const cure = thrown instanceof AppError ? thrown.cure : undefined;
    if (this.#problem === null) {
      log.warn(
        `The media server did not accept the list of cameras; camlease tries again: ${messageOf(thrown)}`,
        cure === undefined ? {} : { cure },
      );
    }
    this.#problem = cure === undefined ? messageOf(thrown) : `${messageOf(thrown)} ${cure}`;
    this.#waitMs = Math.min(LONGEST_MS, Math.max(FIRST_MS, this.#waitMs * 2));
    this.#atMs = clock.monotonicMs() + this.#waitMs;
  }
}
