import type { Clock } from '../../../core/clock.js';
import type { MediaMtxFate } from './configFileOptions.js';

/** A MediaMTX that has not answered for this long is dead: one that can start answers within a second. */
const DEAD_FOR_MS = 3_000;
/** A MediaMTX that served for this long with a text accepts it; if it is away later, there is another reason. */
const OUTLIVED_MS = 10_000;

/**
 * Whether MediaMTX died of a text in its file. A MediaMTX that camlease starts died of it when it cannot be started; one that the operator
 * runs, when it served until the text came and stopped answering soon after. MediaMTX rejects a bad file within milliseconds.
 */
export class DeathByText {
  readonly #clock: Clock;
  readonly #servedBefore: boolean;
  readonly #cameMs: number;
  #isOutlived = false;
  #deadSinceMs: number | null = null;

  /** `servedBefore`: MediaMTX served when the text came. */
  constructor(clock: Clock, servedBefore: boolean) {
    this.#clock = clock;
    this.#servedBefore = servedBefore;
    this.#cameMs = clock.monotonicMs();
  }

  /** True: MediaMTX served for long enough with the text, so it accepts it. */
  get isOutlived(): boolean {
    return this.#isOutlived;
  }

  /** True: MediaMTX died of the text. Call regularly with MediaMTX's present state. */
  isCertain(fate: MediaMtxFate): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (fate === 'serves') {
      this.#deadSinceMs = null;
      this.#isOutlived ||= nowMs - this.#cameMs > OUTLIVED_MS;
    }
    if (fate !== 'died' && fate !== 'away') return false;
    this.#deadSinceMs ??= nowMs;
    if (nowMs - this.#deadSinceMs < DEAD_FOR_MS) return false;
    return fate === 'died' || (this.#servedBefore && !this.#isOutlived);
  }
}
