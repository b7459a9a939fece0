import { TICKS_PER_SECOND, type MediaUnit } from '../formats/units.js';

/** A step larger than this, or any step back, is a jump of the source's clock and not a pause. */
const JUMP_TICKS = 5 * TICKS_PER_SECOND;
const FIRST_STEP_TICKS = TICKS_PER_SECOND / 15;
/** For so long after the first picture we learn how far pictures run ahead of the clock: a cloud's cache sends old ones all at once. */
const LEARNED_MS = 500;
/** Later pictures may run ahead by this much more than that. */
const AHEAD_TICKS = 0.1 * TICKS_PER_SECOND;
/** Pictures that are too far ahead are moved together, down to steps of 1 ms. */
const SHORTEST_STEP_TICKS = TICKS_PER_SECOND / 1000;

/**
 * Joins the timestamps of a camera's sources into one timeline that only goes forward, as fast as the clock does. The old pictures with
 * which a source begins do not move it ahead, and a gap between two sources is as long on it as it really was.
 */
export class Timeline {
  #offset: number | null = null;
  #lastVideo: number | null = null;
  #lastAtMs = 0;
  #lastAudio = -1;
  #step = FIRST_STEP_TICKS;
  #startedAtMs = 0;
  /** The most by which a picture ran ahead of the clock, counted from the first picture. */
  #ahead = 0;

  /** The next video unit comes from another source: it is placed as long after the last unit as the time that really passed. */
  join(): void {
    this.#offset = null;
  }

  /**
   * The unit with its times on the timeline; null: sound before the first picture, or sound that goes back. `nowMs`: when the unit came
   * (monotonic ms).
   */
  place<T extends MediaUnit>(unit: T, nowMs: number): T | null {
    return unit.kind === 'video' ? this.#placeVideo(unit, nowMs) : this.#placeAudio(unit);
  }

  #placeVideo<T extends MediaUnit>(unit: T, nowMs: number): T {
    const shown = unit.kind === 'video' ? unit.pts - unit.dts : 0;
    const last = this.#lastVideo;
    if (last === null) {
      this.#startedAtMs = nowMs;
      return this.#at(unit, 0, shown, nowMs);
    }
    const own = this.#offset === null ? null : unit.dts + this.#offset;
    const follows = own !== null && own > last && own - last <= JUMP_TICKS;
    const dts = follows ? own : last + Math.max(this.#step, ticks(nowMs - this.#lastAtMs));
    if (dts - last < TICKS_PER_SECOND) this.#step = dts - last;
    const ahead = dts - ticks(nowMs - this.#startedAtMs);
    if (nowMs - this.#startedAtMs <= LEARNED_MS) this.#ahead = Math.max(this.#ahead, ahead);
    const excess = ahead - this.#ahead - AHEAD_TICKS;
    if (excess <= 0) return this.#at(unit, dts, shown, nowMs);
    const drawn = Math.max(last + SHORTEST_STEP_TICKS, dts - excess);
    // Presentation offsets shrink by the same factor, so that pictures which are shown in another order than decoded keep that order.
    return this.#at(unit, drawn, Math.round((shown * (drawn - last)) / (dts - last)), nowMs);
  }

  #at<T extends MediaUnit>(unit: T, at: number, shown: number, nowMs: number): T {
    const dts = Math.round(at);
    this.#offset = dts - unit.dts;
    this.#lastVideo = dts;
    this.#lastAtMs = nowMs;
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

function ticks(ms: number): number {
  return (ms * TICKS_PER_SECOND) / 1000;
}
