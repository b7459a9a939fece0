/** A step in the source's times that is longer than the real wait by more than this is a jump of the source's clock. */
const JUMP_MS = 5_000;
/** Decoding times that fall back by less than this are unsteady: they are raised, and the shift of the source stays. */
const UNSTEADY_MS = 100;
/** Sound that falls back by less than this overlaps sound that was sent, as after a change of sources; by more, it is a jump. */
const SOUND_OVERLAP_MS = 2_000;
const SMALLEST_STEP_MS = 1;
/** Tolerance for rounding: the lengths of sound are not whole milliseconds. */
const ROUNDING_MS = 1;
/** The assumed time between two pictures, until the source has shown one. */
const FIRST_STEP_MS = 40;
const STEPS_KEPT = 15;
/** How long arrival times are collected before the source's clock is compared with ours. */
const DRIFT_WINDOW_MS = 10_000;
/** Drift is corrected by a thousandth of each step at most: that cannot be heard, and no camera's clock is further off. */
const FASTEST_PACE = 0.001;
/** A smaller drift is ignored: networks vary by this much. */
const UNSEEN_DRIFT_MS = 20;
/** B-frames are shown some pictures later. A larger offset is the source's error and is ignored: it would delay all pictures that follow. */
const LARGEST_OFFSET_MS = 5_000;
/** By how much more than the first picture later pictures may run ahead of the clock. */
const LARGEST_LEAD_MS = 100;

type Track = 'picture' | 'sound';

interface Sound {
  /** How long the piece is; 0: not known. */
  readonly lengthMs: number;
  readonly isSilence: boolean;
}

interface Last {
  /** On the source's own clock. */
  readonly sourceMs: number;
  /** On the timeline. */
  readonly hereMs: number;
  /** When it arrived (monotonic ms). */
  readonly atMs: number;
}

export interface PictureTime {
  /** Rises with every picture. */
  readonly decodeMs: number;
  /** Decoding time plus offset; may fall from one picture to the next with B-frames. */
  readonly presentMs: number;
}

/**
 * Joins the sources of one camera into one timeline that only goes forward, by the stream's own monotonic clock. Sound and picture of a
 * source get one common shift, so that they stay in step. A jump of a source's clock, or its restart at 0, changes that shift: the picture
 * that jumped is placed as long after the one before as the time that really passed. Drift of a source's clock is corrected slowly.
 * Old pictures that a source sends all at once at its start are moved close together, so that the timeline never runs ahead of our clock:
 * players that follow MediaMTX's sender reports (FFmpeg) would see it fall back.
 * All times are milliseconds; `nowMs` is monotonic.
 */
export class RelayTimeline {
  #shiftMs: number | null = null;
  readonly #last: { picture: Last | null; sound: (Last & Sound) | null } = { picture: null, sound: null };
  /** The latest presentation time so far: another source begins behind it. */
  #latestMs = Number.NEGATIVE_INFINITY;
  #steps: number[] = [];
  readonly #order = new ShownOrder();
  readonly #drift = new Drift();

  /** The next picture comes from another source. Until it comes, sound has no place. */
  join(): void {
    this.#shiftMs = null;
    this.#order.forget();
  }

  /** The usual time between two pictures of the source, in ms. */
  get stepMs(): number {
    const sorted = this.#steps.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? FIRST_STEP_MS;
  }

  picture(sourceMs: number, statedOffsetMs: number, nowMs: number): PictureTime {
    const offsetMs = Math.abs(statedOffsetMs) > LARGEST_OFFSET_MS ? 0 : statedOffsetMs;
    const last = this.#last.picture;
    let hereMs = this.#placed('picture', sourceMs, nowMs);
    if (hereMs === null) {
      this.#order.forget();
      hereMs = this.#following('picture', nowMs);
      // Later than everything that is to be shown, also than B-frames of the source before.
      if (this.#shiftMs === null) hereMs = Math.max(hereMs, this.#latestMs + SMALLEST_STEP_MS - offsetMs);
      this.#shiftMs = hereMs - sourceMs;
    } else if (last !== null) {
      this.#learn(sourceMs - last.sourceMs);
      this.#shiftMs = (this.#shiftMs ?? 0) - this.#drift.correction(hereMs - last.hereMs);
    }
    const mostMs = this.#drift.latestMs(nowMs) + LARGEST_LEAD_MS;
    if (hereMs > mostMs) {
      hereMs = mostMs;
      this.#shiftMs = hereMs - sourceMs;
    }
    if (last !== null) hereMs = Math.max(hereMs, last.hereMs + SMALLEST_STEP_MS);
    if (last !== null && sourceMs <= last.sourceMs) this.#order.forget();
    const presentMs = this.#order.place(sourceMs + offsetMs, hereMs + offsetMs, this.#latestMs);
    return this.#shown(sourceMs, hereMs, presentMs, nowMs);
  }

  /** The time of a stand-in: as long after the last picture as the time that really passed, and `leastMs` at least. */
  repeat(nowMs: number, leastMs = this.stepMs): PictureTime {
    const hereMs = Math.max(this.#following('picture', nowMs, leastMs), this.#latestMs + SMALLEST_STEP_MS);
    this.#order.forget();
    return this.#shown(this.#last.picture?.sourceMs ?? 0, hereMs, hereMs, nowMs);
  }

  /** The time for a piece of sound. null: leave it out, since sound for its time was sent, or no picture of its source has come yet. */
  sound(sourceMs: number, nowMs: number, lengthMs = 0): number | null {
    if (this.#shiftMs === null) return null;
    let hereMs = this.#placed('sound', sourceMs, nowMs);
    if (hereMs === null) {
      hereMs = this.#following('sound', nowMs);
      this.#shiftMs = hereMs - sourceMs;
    }
    const last = this.#last.sound;
    // The timeline begins with a picture, at 0.
    if (last === null ? hereMs < 0 : hereMs <= last.hereMs) return null;
    if (last?.isSilence && hereMs < last.hereMs + last.lengthMs - ROUNDING_MS) return null;
    this.#last.sound = { sourceMs, hereMs, atMs: nowMs, lengthMs, isSilence: false };
    return hereMs;
  }

  /**
   * The time for the next piece of silence: right behind the sound before it. null: that time has not come yet, or no picture has. Without
   * any sound before, silence begins at the time of the current pictures.
   */
  silence(lengthMs: number, nowMs: number): number | null {
    const last = this.#last.sound;
    if (last === null) {
      if (this.#last.picture === null) return null;
      const hereMs = this.#last.picture.hereMs + nowMs - this.#last.picture.atMs;
      this.#last.sound = { sourceMs: 0, hereMs, atMs: nowMs, lengthMs, isSilence: true };
      return hereMs;
    }
    const hereMs = last.hereMs + Math.max(last.lengthMs, SMALLEST_STEP_MS);
    const atMs = last.atMs + hereMs - last.hereMs;
    if (atMs > nowMs) return null;
    this.#last.sound = { sourceMs: last.sourceMs, hereMs, atMs, lengthMs, isSilence: true };
    return hereMs;
  }

  /** The source's time with the present shift; null: it jumped too far forward or back to be placed so. */
  #placed(track: Track, sourceMs: number, nowMs: number): number | null {
    if (this.#shiftMs === null) return null;
    const hereMs = sourceMs + this.#shiftMs;
    const last = this.#last[track] ?? this.#last.picture;
    if (last === null) return hereMs;
    const stepMs = hereMs - last.hereMs;
    if (stepMs > nowMs - last.atMs + JUMP_MS) return null;
    return stepMs < -(track === 'picture' ? UNSTEADY_MS : SOUND_OVERLAP_MS) ? null : hereMs;
  }

  #following(track: Track, nowMs: number, leastMs = track === 'picture' ? this.stepMs : SMALLEST_STEP_MS): number {
    const last = this.#last[track] ?? this.#last.picture;
    if (last === null) return 0;
    return last.hereMs + Math.max(leastMs, nowMs - last.atMs);
  }

  #shown(sourceMs: number, hereMs: number, presentMs: number, nowMs: number): PictureTime {
    this.#last.picture = { sourceMs, hereMs, atMs: nowMs };
    this.#drift.see(hereMs, nowMs);
    this.#latestMs = Math.max(this.#latestMs, presentMs);
    return { decodeMs: hereMs, presentMs };
  }

  #learn(stepMs: number): void {
    if (stepMs < SMALLEST_STEP_MS || stepMs > JUMP_MS) return;
    this.#steps.push(stepMs);
    if (this.#steps.length > STEPS_KEPT) this.#steps.shift();
  }
}

/** One picture more than a decoder may hold back to reorder (H.264, A.3.1: 16 frames). */
const ORDER_KEPT = 17;

/**
 * Presentation times of B-frames, which are shown in another order than they arrive. A picture shown between two others keeps its relative
 * position between them, also where those were moved close together: MediaMTX derives decoding times from that order, and ends its HLS
 * when a decoding time is later than the presentation time.
 */
class ShownOrder {
  #shown: { readonly sourceMs: number; readonly hereMs: number }[] = [];

  /** `latestMs`: the latest presentation time so far; a picture that is shown after all others gets a later one. */
  place(sourceMs: number, wantedMs: number, latestMs: number): number {
    const hereMs = this.#between(sourceMs, wantedMs) ?? Math.max(wantedMs, latestMs + SMALLEST_STEP_MS);
    this.#shown.push({ sourceMs, hereMs });
    if (this.#shown.length > ORDER_KEPT) this.#shown.shift();
    return hereMs;
  }

  forget(): void {
    this.#shown = [];
  }

  /** null: the picture is shown after all others. */
  #between(sourceMs: number, wantedMs: number): number | null {
    // Always so for a camera without B-frames: nothing has to be sorted.
    if (!this.#shown.some((shown) => shown.sourceMs > sourceMs)) return null;
    const sorted = this.#shown.toSorted((a, b) => a.sourceMs - b.sourceMs);
    const above = sorted.find((shown) => shown.sourceMs > sourceMs);
    const below = sorted.findLast((shown) => shown.sourceMs <= sourceMs);
    if (above === undefined) return null;
    if (below === undefined) return Math.min(wantedMs, above.hereMs - SMALLEST_STEP_MS);
    const share = (sourceMs - below.sourceMs) / (above.sourceMs - below.sourceMs);
    return below.hereMs + (above.hereMs - below.hereMs) * share;
  }
}

/** How far the source's clock drifts from ours, measured by the picture of each ten seconds that arrived earliest for its time. */
class Drift {
  #targetMs: number | null = null;
  #soonestMs = Number.NEGATIVE_INFINITY;
  #windowEndsMs: number | null = null;
  /** The share of each step that is taken away; negative: added. */
  #pace = 0;

  see(hereMs: number, nowMs: number): void {
    this.#targetMs ??= hereMs - nowMs;
    this.#windowEndsMs ??= nowMs + DRIFT_WINDOW_MS;
    if (nowMs >= this.#windowEndsMs) {
      this.#compare();
      this.#windowEndsMs = nowMs + DRIFT_WINDOW_MS;
      this.#soonestMs = Number.NEGATIVE_INFINITY;
    }
    this.#soonestMs = Math.max(this.#soonestMs, hereMs - nowMs);
  }

  /** The latest time that a picture which arrives now may get without running ahead. */
  latestMs(nowMs: number): number {
    return nowMs + (this.#targetMs ?? Number.POSITIVE_INFINITY);
  }

  correction(stepMs: number): number {
    return stepMs > 0 ? stepMs * this.#pace : 0;
  }

  #compare(): void {
    const aheadMs = this.#soonestMs - (this.#targetMs ?? this.#soonestMs);
    const pace = Math.abs(aheadMs) < UNSEEN_DRIFT_MS ? 0 : aheadMs / DRIFT_WINDOW_MS;
    this.#pace = Math.max(-FASTEST_PACE, Math.min(FASTEST_PACE, pace));
  }
}
