import { initPart, mediaPart, type Run } from './mp4.js';
import { AUDIO_TRACK, VIDEO_TRACK } from './mp4Boxes.js';
import { TICKS_PER_SECOND, type AudioConfig, type AudioUnit, type MediaUnit, type VideoUnit } from './units.js';

/** A segment ends at the first key frame after this. */
const SHORTEST_TICKS = 0.9 * TICKS_PER_SECOND;
/** A segment without a further key frame ends after this, so that memory is bounded. */
export const LONGEST_TICKS = 12 * TICKS_PER_SECOND;
const LAST_FRAME_TICKS = TICKS_PER_SECOND / 15;
const AAC_FRAME_SAMPLES = 1024;
/** Times of sound are counted in samples; a larger difference from the source's times is a real gap. */
const AUDIO_GAP_SECONDS = 0.1;

export interface Segment {
  /**
   * A new init part, set when it differs from the one before: the playlist must announce it with a discontinuity. Of MPEG-TS, which has its
   * parameters inside, it is empty.
   */
  readonly init: Buffer | null;
  readonly body: Buffer;
  readonly durationMs: number;
}

/** Cuts a timeline of units into fMP4 segments at key frames. */
export class Segmenter {
  readonly #onSegment: (segment: Segment) => void;
  readonly #sound: () => AudioConfig | null;
  #video: VideoUnit[] = [];
  #audio: AudioUnit[] = [];
  #init: Buffer | null = null;
  #sequence = 0;
  #audioEndsAt = 0;
  #cutsNext = false;

  /** `sound`: returns the stream's sound; audio units of another configuration are left out. */
  constructor(onSegment: (segment: Segment) => void, sound: () => AudioConfig | null) {
    this.#onSegment = onSegment;
    this.#sound = sound;
  }

  /**
   * Ends the segment at the next key frame, however short it is: another source begins there, whose following key frame may be so far
   * away that players would stall.
   */
  cutNext(): void {
    this.#cutsNext = true;
  }

  /** Drops unfinished units; the next segment begins with an init part. Called when the stream ends for its viewers. */
  restart(): void {
    this.#video = [];
    this.#audio = [];
    this.#init = null;
  }

  push(unit: MediaUnit): void {
    const [first] = this.#video;
    if (unit.kind === 'audio') {
      if (first) this.#audio.push(unit);
      return;
    }
    if (!first && !unit.keyFrame) return;
    if (first && this.#cutsBefore(unit, first)) this.#cut(unit.dts);
    this.#cutsNext = false;
    this.#video.push(unit);
  }

  #cutsBefore(unit: VideoUnit, first: VideoUnit): boolean {
    const length = unit.dts - first.dts;
    if (length >= LONGEST_TICKS) return true;
    if (!unit.keyFrame) return false;
    return this.#cutsNext || length >= SHORTEST_TICKS || !unit.config.avcC.equals(first.config.avcC);
  }

  #cut(endsAt: number): void {
    const video = this.#video;
    const sound = this.#sound();
    const audio = this.#audio.filter(({ config }) => sound?.asc.equals(config.asc));
    const [first] = video;
    this.#video = [];
    this.#audio = [];
    if (!first) return;
    const init = initPart(first.config, sound);
    const changed = this.#init === null || !this.#init.equals(init);
    this.#init = init;
    const runs = [videoRun(video, endsAt), ...(sound && audio.length > 0 ? [this.#audioRun(audio, sound)] : [])];
    const durationMs = ((endsAt - first.dts) * 1000) / TICKS_PER_SECOND;
    this.#onSegment({ init: changed ? init : null, body: mediaPart(++this.#sequence, runs), durationMs });
  }

  #audioRun(units: readonly AudioUnit[], { sampleRate }: AudioConfig): Run {
    const measured = Math.round(((units[0]?.dts ?? 0) * sampleRate) / TICKS_PER_SECOND);
    // Sources round times to milliseconds. Counting samples instead avoids clicks between segments.
    const drift = Math.abs(measured - this.#audioEndsAt);
    const startsAt = drift > AUDIO_GAP_SECONDS * sampleRate ? measured : this.#audioEndsAt;
    this.#audioEndsAt = startsAt + units.length * AAC_FRAME_SAMPLES;
    const samples = units.map(({ data }) => ({ data, duration: AAC_FRAME_SAMPLES, shownAfter: 0, keyFrame: true }));
    return { track: AUDIO_TRACK, startsAt, samples };
  }
}

function videoRun(units: readonly VideoUnit[], endsAt: number): Run {
  const samples = units.map((unit, index) => {
    const next = units[index + 1]?.dts ?? endsAt;
    const duration = next > unit.dts ? next - unit.dts : LAST_FRAME_TICKS;
    return { data: unit.data, duration, shownAfter: unit.pts - unit.dts, keyFrame: unit.keyFrame };
  });
  return { track: VIDEO_TRACK, startsAt: units[0]?.dts ?? 0, samples };
}
