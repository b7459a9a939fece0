import type { Clock } from '../../core/clock.js';
import type { EngineLog } from '../engineLog.js';
import { sentenceOf } from './state/engineMessages.js';

/** Retry after a failure (MediaMTX or the relay was away, say), since no other event may ever start the work again. */
const TRY_AGAIN_MS = 5_000;

export interface UpkeepDeps {
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Brings MediaMTX's paths to the wanted ones. */
  readonly lineUp: () => Promise<unknown>;
  /** The same for a MediaMTX that lost its paths; also brings its file in line. */
  readonly restore: () => Promise<void>;
}

/** The engine's background work: restores what MediaMTX lost, and rewrites paths when something seen changes the wanted ones. */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  #restoreDue = false;
  #restoring: Promise<void> | null = null;
  #liningUp: Promise<void> | null = null;
  #again = false;
  #lastComplaint = '';
  #stopped = false;
  #cancelTimer = (): void => undefined;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  /** Brings MediaMTX in line. Calls that come while it runs share the next run; a run that fails is repeated after 5 s. */
  lineUp(): void {
    if (this.#stopped) return;
    this.#cancelTimer();
    this.#again = true;
    this.#liningUp ??= this.#lineUp().finally(() => (this.#liningUp = null));
  }

  /** MediaMTX lost its paths: `restoreIfDue` writes them again once MediaMTX answers. */
  lost(): void {
    this.#restoreDue = true;
  }

  restoreIfDue(): void {
    if (this.#stopped || !this.#restoreDue || this.#restoring) return;
    this.#restoreDue = false;
    this.#restoring = this.#deps
      .restore()
      .catch((thrown: unknown) => {
        this.#restoreDue = true;
        this.complain(thrown);
      })
      .finally(() => (this.#restoring = null));
  }

  /** Logs a failure, but not again while the same one repeats. */
  complain(thrown: unknown): void {
    if (this.#stopped) return;
    const complaint = sentenceOf(thrown);
    if (complaint !== this.#lastComplaint)
      this.#deps.log.warn('camlease could not update the paths of MediaMTX', { reason: complaint });
    this.#lastComplaint = complaint;
  }

  /** Starts no further work; what runs goes on (see `settled`). */
  end(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** Resolves when the running work has ended. */
  async settled(): Promise<void> {
    await this.#restoring;
    await this.#liningUp;
  }

  async #lineUp(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#deps.lineUp();
      } catch (thrown) {
        this.complain(thrown);
        this.#tryAgain();
      }
    }
  }

  #tryAgain(): void {
    this.#cancelTimer();
    if (!this.#stopped) this.#cancelTimer = this.#deps.clock.after(TRY_AGAIN_MS, () => this.lineUp());
  }
}
