import type { Clock } from '../../core/clock.js';
import type { EngineLog } from '../engineLog.js';
import { sentenceOf } from './state/sentences.js';

/** After what could not be brought in line, because something was away, say, and nothing may ever be seen that would try it again. */
const TRY_AGAIN_MS = 5_000;

export interface UpkeepDeps {
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Makes MediaMTX equal to what is wanted. */
  readonly lineUp: () => Promise<unknown>;
  /** The same for a MediaMTX that forgot everything, its file included. */
  readonly restore: () => Promise<void>;
}

/** What the engine does unasked, in the background: restore what MediaMTX lost, and follow what is seen of its feeders. */
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

  /** Something was seen that changes what is wanted. Calls that come meanwhile share the next turn; one that fails is repeated. */
  lineUp(): void {
    if (this.#stopped) return;
    this.#cancelTimer();
    this.#again = true;
    this.#liningUp ??= this.#lineUp().finally(() => (this.#liningUp = null));
  }

  /** MediaMTX lost what it was told: it gets it back when it answers. */
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

  /** Says once what would otherwise be said every second. */
  complain(thrown: unknown): void {
    if (this.#stopped) return;
    const complaint = sentenceOf(thrown);
    if (complaint !== this.#lastComplaint)
      this.#deps.log.warn('MediaMTX could not be brought in line', { reason: complaint });
    this.#lastComplaint = complaint;
  }

  /** Begins nothing any more. */
  end(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** Waits for what runs. */
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
