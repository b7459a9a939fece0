import type { PictureKind } from './pictures.js';
import type { SourceClock } from './sourceClock.js';

/** Ticks per second of every RTP video track. */
const VIDEO_RATE = 90_000;
const TICKS_PER_MS = VIDEO_RATE / 1000;
/** A larger step is a jump of the source's clock, not a pause. */
const JUMP_TICKS = 5 * VIDEO_RATE;
const FIRST_STEP_TICKS = VIDEO_RATE / 15;
const STEPS_KEPT = 15;
/** A pause of more than this many frame steps is shown as the pause it was. */
const PAUSE_STEPS = 2.5;
/** Sound waits so long for the sender reports before it is placed by when it came. */
const REPORTS_MS = 400;
const LARGEST_SKEW_SECONDS = 3;
/** The first packet of another source may begin so much before the last one ends; a packet can hold a third of a second. */
const LARGEST_OVERLAP_SECONDS = 0.02;

/** Joins one source after another into one timeline that only goes forward. Times are unwrapped RTP timestamps. */
export class SpliceTimeline {
  #shift: number | null = null;
  /** Of the picture shown last; null before the first. */
  #latest: number | null = null;
  #latestMs = 0;
  #key = 0;
  #previous = 0;
  #steps: { ticks: number; between: boolean }[] = [];
  /** Where the present shift began: a moment of the source, and the same on the timeline. */
  #anchor = { source: 0, here: 0, ms: 0 };
  #soundShift: number | null = null;
  #lastSound: number | null = null;
  #soundStep = 0;
  /** Since a new shift no sound was placed yet. */
  #soundJoins = false;

  /** The next picture comes from another source: it follows right after the last one. */
  join(): void {
    this.#shift = null;
  }

  /** The natural time between two pictures. */
  get stepMs(): number {
    return this.#step / TICKS_PER_MS;
  }

  /** `nowMs`: when it came, monotonic. */
  picture(source: number, kind: PictureKind, nowMs: number): number {
    let here = this.#shift === null ? null : source + this.#shift;
    if (here === null || !this.#fits(here, kind)) {
      here = this.#latest === null ? 0 : this.#latest + this.#gap(nowMs);
      this.#shift = here - source;
      this.#anchor = { source, here, ms: nowMs };
      this.#soundShift = null;
    } else {
      this.#learn(Math.abs(here - this.#previous), kind);
    }
    this.#previous = here;
    if (kind === 'key') this.#key = here;
    this.#latest = Math.max(here, this.#latest ?? here);
    this.#latestMs = nowMs;
    return here;
  }

  /**
   * `drop`: it was heard already, or belongs before the first picture. `wait`: ask again when more of the source has come, since
   * it is not known yet which picture it belongs to.
   */
  sound(source: number, clock: SourceClock, rate: number, nowMs: number): number | 'drop' | 'wait' {
    if (this.#shift === null || this.#latest === null) return 'wait';
    if (this.#soundShift === null) {
      this.#soundShift = this.#reportedSoundShift(clock, rate);
      this.#soundJoins = true;
    }
    if (this.#soundShift === null && nowMs - this.#anchor.ms < REPORTS_MS) return 'wait';
    const now = (this.#latest * rate) / VIDEO_RATE;
    if (this.#soundShift === null || Math.abs(source + this.#soundShift - now) > LARGEST_SKEW_SECONDS * rate) {
      this.#soundShift = Math.round(now) - source;
    }
    const here = source + this.#soundShift;
    if (this.#lastSound === null && here < 0) return 'drop';
    if (this.#lastSound !== null) {
      const step = here - this.#lastSound;
      const overlap = Math.min(this.#soundStep / 2, LARGEST_OVERLAP_SECONDS * rate);
      if (step <= 0 || (this.#soundJoins && step < this.#soundStep - overlap)) return 'drop';
      const isGap = this.#soundStep > 0 && step > 2 * this.#soundStep;
      if (!this.#soundJoins && !isGap) this.#soundStep = step;
    }
    this.#soundJoins = false;
    this.#lastSound = here;
    return here;
  }

  #reportedSoundShift(clock: SourceClock, rate: number): number | null {
    const source = clock.soundAt(this.#anchor.source);
    return source === null ? null : Math.round((this.#anchor.here * rate) / VIDEO_RATE - source);
  }

  #fits(here: number, kind: PictureKind): boolean {
    if (this.#latest === null) return true;
    if (here - this.#latest > JUMP_TICKS) return false;
    return kind === 'between' ? here > this.#key : here > this.#latest;
  }

  /** How far after the last picture the first of another source is shown. */
  #gap(nowMs: number): number {
    const step = this.#step;
    const passed = Math.round((nowMs - this.#latestMs) * TICKS_PER_MS);
    return passed > step * PAUSE_STEPS ? passed : step;
  }

  #learn(ticks: number, kind: PictureKind): void {
    if (ticks === 0 || ticks > JUMP_TICKS) return;
    this.#steps.push({ ticks, between: kind === 'between' });
    if (this.#steps.length > STEPS_KEPT) this.#steps.shift();
  }

  /** The natural step between frames. B pictures come out of order, where the smallest distance is one step. */
  get #step(): number {
    const sorted = this.#steps.map(({ ticks }) => ticks).sort((a, b) => a - b);
    const index = this.#steps.some(({ between }) => between) ? 0 : sorted.length >> 1;
    return sorted[index] ?? FIRST_STEP_TICKS;
  }
}
