import { TICKS_PER_SECOND, type MediaUnit } from './units.js';

/** A step larger than this, or any step back, is a jump of the source's clock and not a pause. */
const JUMP_TICKS = 5 * TICKS_PER_SECOND;
const FIRST_STEP_TICKS = TICKS_PER_SECOND / 15;

/** Joins the timestamps of one source after another into one timeline that only goes forward. */
export class Timeline {
  #offset: number | null = null;
  #lastVideo: number | null = null;
  #lastAudio = -1;
  #step = FIRST_STEP_TICKS;
  #gap = 0;

  /** The next video unit comes from another source: it follows right after the last one, or this long after it. */
  join(gapTicks = 0): void {
    this.#offset = null;
    this.#gap = gapTicks;
  }

  /** Where frames of silence belong, from the end of the sound to the end of a gap behind the last picture. */
  *soundGap(gapTicks: number, frameTicks: number): Generator<number> {
    if (this.#lastVideo === null || this.#lastAudio < 0) return;
    const end = this.#lastVideo + gapTicks;
    while (this.#lastAudio + frameTicks < end && end - this.#lastAudio < JUMP_TICKS) {
      this.#lastAudio += frameTicks;
      yield this.#lastAudio;
    }
  }

  /** The unit at its place; null for sound that has no place (before the first picture, or going back). */
  place<T extends MediaUnit>(unit: T): T | null {
    return unit.kind === 'video' ? this.#placeVideo(unit) : this.#placeAudio(unit);
  }

  #placeVideo<T extends MediaUnit>(unit: T): T {
    const shown = unit.kind === 'video' ? unit.pts - unit.dts : 0;
    const next = this.#lastVideo === null ? 0 : this.#lastVideo + Math.max(this.#step, this.#gap);
    this.#gap = 0;
    let dts = this.#offset === null ? next : unit.dts + this.#offset;
    if (this.#lastVideo !== null && (dts <= this.#lastVideo || dts - this.#lastVideo > JUMP_TICKS)) dts = next;
    this.#offset = dts - unit.dts;
    if (this.#lastVideo !== null && dts - this.#lastVideo < TICKS_PER_SECOND) this.#step = dts - this.#lastVideo;
    this.#lastVideo = dts;
    return { ...unit, dts, pts: dts + shown };
  }

  #placeAudio<T extends MediaUnit>(unit: T): T | null {
    if (this.#offset === null || this.#lastVideo === null) return null;
    const dts = unit.dts + this.#offset;
    if (dts <= this.#lastAudio || Math.abs(dts - this.#lastVideo) > JUMP_TICKS) return null;
    this.#lastAudio = dts;
    return { ...unit, dts };
  }
}
