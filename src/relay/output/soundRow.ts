import { soundLengthMs, type SilentPiece } from './silence.js';
import type { SoundSetup } from '../rtmp/sound.js';

/** So much missing sound is a gap, and no unsteady time stamp. */
const GAP_MS = 200;
/** So many units in a row that are off to the same side are no unsteady time stamps either. */
const OFF_FOR_UNITS = 4;
/** A gap that is longer stays one: the row begins anew behind it. */
const MOST_FILLED_MS = 10_000;

export interface Placed {
  /** Where units of silence go out before it, in ms. */
  readonly silence: readonly number[];
  /** Where the unit itself goes out; null: it is left out. */
  readonly timeMs: number | null;
}

/**
 * Sound as one unbroken row: each unit begins where the one before it ends, counted in samples. MediaMTX's HLS in MPEG-TS counts the time
 * of AAC in this way by itself (gohlslib 2.4, seen), so each gap and each shift of the timeline would move sound and picture apart. Where
 * the row is more than half a unit from its place, units of silence are put in, or units are left out.
 */
export class SoundRow {
  /** In samples; null: the row has not begun. */
  #next: number | null = null;
  /** The sound is interrupted here anyway, so that it can be put right at once. */
  #isSeam = true;
  /** How far the latest units were off to one side, in ms. */
  #off: number[] = [];

  /** Another source, or silence, is next. */
  interrupt(): void {
    this.#isSeam = true;
  }

  /** `wantedMs`: where the timeline puts it. */
  place(wantedMs: number, data: Buffer, setup: SoundSetup, piece: SilentPiece): Placed {
    const { sampleRate } = setup;
    const toSamples = (ms: number): number => Math.round((ms * sampleRate) / 1_000);
    const toMs = (samples: number): number => (samples * 1_000) / sampleRate;
    const lengthMs = soundLengthMs(setup, data);
    let next = this.#next ?? toSamples(wantedMs);
    const offMs = this.#toCorrect(wantedMs - toMs(next), Math.min(lengthMs, piece.lengthMs) / 2);
    if (Math.abs(offMs) > MOST_FILLED_MS && offMs > 0) next = toSamples(wantedMs);
    else if (offMs < 0 && -offMs > lengthMs / 2) return { silence: [], timeMs: null };
    const silence: number[] = [];
    const pieceSamples = toSamples(piece.lengthMs);
    const count = offMs > 0 && offMs <= MOST_FILLED_MS ? Math.round(offMs / piece.lengthMs) : 0;
    for (let at = 0; at < count; at++) {
      silence.push(toMs(next));
      next += pieceSamples;
    }
    this.#next = next + toSamples(lengthMs);
    this.#isSeam = false;
    return { silence, timeMs: toMs(next) };
  }

  /** How much is to be put right now; 0: nothing. */
  #toCorrect(offMs: number, toleratedMs: number): number {
    if (Math.abs(offMs) <= toleratedMs) {
      this.#off = [];
      return 0;
    }
    if (this.#off.some((before) => before > 0 !== offMs > 0)) this.#off = [];
    this.#off.push(offMs);
    const isSure = this.#isSeam || offMs > GAP_MS || this.#off.length >= OFF_FOR_UNITS;
    if (!isSure) return 0;
    const least = this.#off.reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a));
    const corrected = this.#isSeam || offMs > GAP_MS ? offMs : least;
    this.#off = [];
    return corrected;
  }
}
