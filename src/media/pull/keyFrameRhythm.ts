import { TICKS_PER_SECOND, type VideoUnit } from '../formats/units.js';

/** When the key frames of a stream come. */
export interface KeyFrames {
  /** How long ago the last key frame arrived. */
  readonly ageMs: number;
  /** Time between the last two key frames; null: only one was seen. */
  readonly intervalMs: number | null;
}

/** Measures the rhythm of a stream's key frames. Units must come in the order of decoding. */
export class KeyFrameRhythm {
  readonly #comesLate: boolean;
  /** Smallest difference seen between our clock and the stream's: the first units come late, all at once, so later ones correct it. */
  #offsetMs = Infinity;
  #handedOutMs: number | null = null;
  #lastMs: number | null = null;
  #intervalMs: number | null = null;

  /** `comesLate`: the reader delivers each unit only when the next one arrives, as FFmpeg does for H.264 over RTSP. */
  constructor(comesLate = false) {
    this.#comesLate = comesLate;
  }

  /** `nowMs`: monotonic, as in `at`. */
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

  /** null: no key frame has come yet, or no unit by which its arrival can be timed. */
  at(nowMs: number): KeyFrames | null {
    if (this.#lastMs === null || this.#offsetMs === Infinity) return null;
    return { ageMs: Math.max(0, nowMs - (this.#lastMs + this.#offsetMs)), intervalMs: this.#intervalMs };
  }
}
