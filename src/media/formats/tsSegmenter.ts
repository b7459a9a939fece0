import { NAL_PPS, NAL_SPS, nalType, nalUnits, parameterSets } from './h264.js';
import { LONGEST_TICKS, type Segment } from './segmenter.js';
import { adtsFrame } from './sound.js';
import { STREAM_TYPE, TransportStream } from './transportStream.js';
import { TICKS_PER_SECOND, type AudioConfig, type MediaUnit, type VideoUnit } from './units.js';

/** Added to all times, since the stream's clock runs behind them and must not be below 0. */
const BEGIN_TICKS = TICKS_PER_SECOND;
/** A key frame that comes this much too early ends a segment all the same: cameras' intervals are not exact. */
const TOLERANCE_TICKS = 0.1 * TICKS_PER_SECOND;
const START_CODE = Buffer.from([0, 0, 0, 1]);
/** Of any picture; players on Apple's systems want it in front of each. */
const ACCESS_UNIT_DELIMITER = Buffer.from([9, 0xf0]);
const NAL_DELIMITER = 9;

export interface TsSegmenterOptions {
  readonly onSegment: (segment: Segment) => void;
  /** The stream's sound; audio units of another configuration are left out. */
  readonly sound: () => AudioConfig | null;
  /** A segment ends at the first key frame after this (ms). */
  readonly segmentMs: number;
}

/** Cuts a timeline of units into MPEG-TS segments, each of which begins with a key frame and its tables. */
export class TsSegmenter {
  readonly #options: TsSegmenterOptions;
  readonly #shortestTicks: number;
  readonly #stream = new TransportStream(STREAM_TYPE.h264);
  /** The segment that is being made; it begins with a key frame. */
  #units: MediaUnit[] = [];
  /** What players know of the stream; null: nothing yet. */
  #told: { readonly video: Buffer; readonly sound: AudioConfig | null } | null = null;
  #cutsNext = false;

  constructor(options: TsSegmenterOptions) {
    this.#options = options;
    this.#shortestTicks = (options.segmentMs / 1_000) * TICKS_PER_SECOND - TOLERANCE_TICKS;
  }

  /** Ends the segment at the next key frame, however short it is. */
  cutNext(): void {
    this.#cutsNext = true;
  }

  /** Drops the unfinished segment; players begin anew with the next one. */
  restart(): void {
    this.#units = [];
    this.#told = null;
  }

  push(unit: MediaUnit): void {
    const [first] = this.#units;
    if (unit.kind === 'video') {
      if (!first && !unit.keyFrame) return;
      if (first?.kind === 'video' && this.#cutsBefore(unit, first)) this.#cut(unit.dts, first);
      this.#cutsNext = false;
    } else if (!first) {
      return;
    }
    this.#units.push(unit);
  }

  #cutsBefore(unit: VideoUnit, first: VideoUnit): boolean {
    const length = unit.dts - first.dts;
    if (length >= LONGEST_TICKS) return true;
    if (!unit.keyFrame) return false;
    return this.#cutsNext || length >= this.#shortestTicks || !unit.config.avcC.equals(first.config.avcC);
  }

  #cut(endsAt: number, { config, dts }: VideoUnit): void {
    const units = this.#units;
    this.#units = [];
    const sound = this.#options.sound();
    const told = this.#told;
    this.#told = { video: config.avcC, sound };
    const isFresh = told === null || !told.video.equals(config.avcC) || !isSameSound(told.sound, sound);
    this.#stream.setSound(sound === null ? null : STREAM_TYPE.aac);
    const body = Buffer.concat(units.flatMap((unit) => this.#packetsOf(unit, sound) ?? []));
    const durationMs = ((endsAt - dts) * 1_000) / TICKS_PER_SECOND;
    this.#options.onSegment({ init: isFresh ? Buffer.alloc(0) : null, body, durationMs });
  }

  #packetsOf(unit: MediaUnit, sound: AudioConfig | null): Buffer | null {
    const at = unit.dts + BEGIN_TICKS;
    if (unit.kind === 'video') return this.#stream.picture(annexB(unit), unit.pts + BEGIN_TICKS, unit.keyFrame, at);
    return isSameSound(sound, unit.config) ? this.#stream.sound(adtsFrame(unit.config, unit.data), at) : null;
  }
}

function isSameSound(a: AudioConfig | null, b: AudioConfig | null): boolean {
  return a === null || b === null ? a === b : a.asc.equals(b.asc);
}

/** The picture with start codes, a delimiter in front, and the parameter sets in front of a key frame that does not bring them itself. */
function annexB({ data, config, keyFrame }: VideoUnit): Buffer {
  const nals = nalUnits(data).filter((nal) => nalType(nal) !== NAL_DELIMITER);
  const has = (type: number): boolean => nals.some((nal) => nalType(nal) === type);
  const sets = keyFrame && !(has(NAL_SPS) && has(NAL_PPS)) ? parameterSets(config.avcC) : null;
  const all = [ACCESS_UNIT_DELIMITER, ...(sets ? [...sets.sps, ...sets.pps] : []), ...nals];
  return Buffer.concat(all.flatMap((nal) => [START_CODE, nal]));
}
