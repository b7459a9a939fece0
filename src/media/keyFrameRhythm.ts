import { TICKS_PER_SECOND, type VideoUnit } from './units.js';

/** When key frames come. */
export interface KeyFrames {
  /** How long ago the last one arrived. */
  readonly ageMs: number;
  /** Between the last two; null: only one was seen. */
  readonly intervalMs: number | null;
}

/** Watches a stream for the rhythm of its key frames. Units come in the order of decoding. */
export class KeyFrameRhythm {
  /** Between its own time and ours, by the unit that took the shortest: the first ones come late, all at once. */
  #offsetMs = Infinity;
  #lastMs: number | null = null;
  #intervalMs: number | null = null;

  /** `arrivedMs` on a monotonic clock, as later in `at`. */
  see({ dts, keyFrame }: Pick<VideoUnit, 'dts' | 'keyFrame'>, arrivedMs: number): void {
    const streamMs = (dts * 1_000) / TICKS_PER_SECOND;
    this.#offsetMs = Math.min(this.#offsetMs, arrivedMs - streamMs);
    if (!keyFrame) return;
    const sinceMs = this.#lastMs === null ? 0 : streamMs - this.#lastMs;
    if (sinceMs > 0) this.#intervalMs = sinceMs;
    this.#lastMs = streamMs;
  }

  get intervalMs(): number | null {
    return this.#intervalMs;
  }

  /** null: no key frame came yet. */
  at(nowMs: number): KeyFrames | null {
    if (this.#lastMs === null) return null;
    return { ageMs: Math.max(0, nowMs - (this.#lastMs + this.#offsetMs)), intervalMs: this.#intervalMs };
  }
}
