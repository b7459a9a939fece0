import type { Clock } from '../../../core/clock.js';
import type { MediaMtxFate } from './configFileOptions.js';

/** Dead for so long, without one answer: a MediaMTX that can start answers within a second. */
const DEAD_FOR_MS = 3_000;
/** A MediaMTX that is not ours and served for so long with a text lives with it, and is away for another reason. */
const OUTLIVED_MS = 10_000;

/**
 * Whether MediaMTX died of a text that we cannot read. A MediaMTX of ours did when it cannot be started; one that somebody else runs,
 * when it served until the text came and was never seen again soon after it. What it refuses, it refuses within milliseconds.
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

  /** MediaMTX lives with the text. */
  get isOutlived(): boolean {
    return this.#isOutlived;
  }

  /** Asked again and again with how MediaMTX fares now. */
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
