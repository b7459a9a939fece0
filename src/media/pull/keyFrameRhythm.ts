import { TICKS_PER_SECOND, type VideoUnit } from '../formats/units.js';

/** When key frames come. */
export interface KeyFrames {
  /** How long ago the last one arrived. */
  readonly ageMs: number;
  /** Between the last two; null: only one was seen. */
  readonly intervalMs: number | null;
}

/** Watches a stream for the rhythm of its key frames. Units come in the order of decoding. */
export class KeyFrameRhythm {
  readonly #comesLate: boolean;
  /** Between its own time and ours, by the unit that took the shortest: the first ones come late, all at once. */
  #offsetMs = Infinity;
  #handedOutMs: number | null = null;
  #lastMs: number | null = null;
  #intervalMs: number | null = null;

  /** `comesLate`: a unit is handed out only when the one after it arrives, as FFmpeg does for H.264 by RTSP. */
  constructor(comesLate = false) {
    this.#comesLate = comesLate;
  }

  /** `nowMs` on a monotonic clock, as later in `at`. */
  see({ dts, keyFrame }: Pick<VideoUnit, 'dts' | 'keyFrame'>, nowMs: number): void {
    const streamMs = (dts * 1_000) / TICKS_PER_SECOND;
    const arrivedMs = this.#comesLate ? this.#handedOutMs : nowMs;
    if (arrivedMs !== null) this.#offsetMs = Math.min(this.#offsetMs, arrivedMs - streamMs);
    this.#handedOutMs = nowMs;
    if (!keyFrame) return;
    const sinceMs = this.#lastMs === null ? 0 : streamMs - this.#lastMs;
    if (sinceMs > 0) this.#intervalMs = sinceMs;
    this.#lastMs = streamMs;
  }

  get intervalMs(): number | null {
    return this.#intervalMs;
  }

  /** null: no key frame came yet, or nothing that tells when. */
  at(nowMs: number): KeyFrames | null {
    if (this.#lastMs === null || this.#offsetMs === Infinity) return null;
    return { ageMs: Math.max(0, nowMs - (this.#lastMs + this.#offsetMs)), intervalMs: this.#intervalMs };
  }
}
