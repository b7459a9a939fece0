import { soundLengthMs, type SilentPiece } from './silence.js';
import type { SoundSetup } from '../units/sound.js';

/** More missing sound than this is a gap and not an unsteady time stamp. */
const GAP_MS = 200;
/** So many units in a row, all too early or all too late, are a real shift and not unsteady time stamps. */
const OFF_FOR_UNITS = 4;
/** A longer gap is not filled: the row starts again behind it. */
const MOST_FILLED_MS = 10_000;

export interface Placed {
  /** The times, in ms, of the units of silence to send before this unit. */
  readonly silence: readonly number[];
  /** The time of the unit itself, in ms; null: it is left out. */
  readonly timeMs: number | null;
}

/**
 * Sound as one unbroken row: each unit begins where the one before it ends, counted in samples. MediaMTX's HLS in MPEG-TS counts the time
 * of AAC in this way by itself (observed with gohlslib 2.4), so each gap and each shift of the timeline would move sound and picture apart.
 * Where the row is more than half a unit away from the timeline, silence is put in or units are left out.
 */
export class SoundRow {
  /** Where the next unit begins, in samples; null: no unit has come yet. */
  #next: number | null = null;
  /** The sound breaks here anyway, so a difference from the timeline can be corrected at once. */
  #isSeam = true;
  /** By how many ms each of the latest units differed from the timeline; all to the same side. */
  #off: number[] = [];

  /** The next unit comes from another source, or is silence. */
  interrupt(): void {
    this.#isSeam = true;
  }

  /** `wantedMs`: the unit's time on the timeline. `piece`: the silence to fill gaps with. */
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

  /** By how many ms the row is to be corrected before this unit; 0: not at all. */
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
