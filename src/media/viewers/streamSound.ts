import type { Av } from '../av.js';
import { silenceFor, type SilentFrame } from '../formats/silence.js';
import { aacTrack } from '../formats/sound.js';
import { TICKS_PER_SECOND, type AudioConfig, type AudioUnit } from '../formats/units.js';
import type { Turns } from '../turns.js';

/** For a source that has given sound: silence replaces sound that is later than the pictures by more than this. */
const LATE_TICKS = TICKS_PER_SECOND;
/** For a source that has given no sound yet: silence is sent up to this long before the current picture, since sound comes within it. */
const MIXED_TICKS = 0.25 * TICKS_PER_SECOND;
/** A longer gap is not filled with silence. */
const LONGEST_GAP_TICKS = 30 * TICKS_PER_SECOND;
/** A smaller difference comes from how sources round their times and is ignored; times of sound are counted in samples. */
const ROUNDED_TICKS = 0.1 * TICKS_PER_SECOND;
const AAC_FRAME_SAMPLES = 1024;

export interface StreamSoundDeps {
  readonly av: Av;
  readonly encodings: Turns;
  readonly push: (unit: AudioUnit) => void;
}

/**
 * The sound of one stream, whatever its source sends. Players cannot handle a track that appears, ends or changes while they play: once
 * they know the sound, its format stays, silence fills what is missing, and sound of another format is left out.
 */
export class StreamSound {
  readonly #deps: StreamSoundDeps;
  #known: AudioConfig | null = null;
  #isFixed = false;
  #silence: SilentFrame | null = null;
  #endsAt: number | null = null;
  /** True: sound of the current source was passed on. */
  #isHeard = false;
  #isSilent = false;

  constructor(deps: StreamSoundDeps) {
    this.#deps = deps;
  }

  /** The sound that players know; null: no sound, or none yet. */
  get known(): AudioConfig | null {
    return this.#known;
  }

  /** true: the stream has viewers, so the format of its sound stays. false: it has none, so another format may replace it. */
  fix(isFixed: boolean): void {
    this.#isFixed = isFixed;
  }

  /** Begins the stream with this format of sound before any sound has come. */
  begin(config: AudioConfig): void {
    this.#adopt(config);
  }

  sourceChanged(): void {
    this.#isHeard = false;
  }

  /** Whether sound of this format is passed on. */
  admits(config: AudioConfig): boolean {
    if (this.#known !== null && config.asc.equals(this.#known.asc)) return true;
    if (this.#isFixed) return false;
    this.#adopt(config);
    return true;
  }

  /** Passes on a unit of sound, with its time on the timeline; small differences are evened out so that the sound has no holes. */
  take(unit: AudioUnit): void {
    const frame = this.#frameTicks();
    // A source's sound begins at the nearest frame, so that the shift of sound against picture does not grow from source to source.
    const most = this.#isHeard && !this.#isSilent ? ROUNDED_TICKS : frame / 2;
    if (this.#endsAt !== null) {
      if (unit.dts < this.#endsAt - most) return;
      if (unit.dts > this.#endsAt + most) this.#fillTo(unit.dts - frame / 2);
    }
    this.#isHeard = true;
    this.#isSilent = false;
    const follows = this.#endsAt !== null && unit.dts <= this.#endsAt + most;
    const dts = follows && this.#endsAt !== null ? this.#endsAt : unit.dts;
    this.#endsAt = dts + frame;
    this.#deps.push({ ...unit, dts: Math.round(dts) });
  }

  /** Called before a picture at `dts`: fills missing sound up to there with silence. `isFirst`: the first picture of a source or stand-in. */
  pictureAt(dts: number, isFirst: boolean): void {
    if (this.#known === null) return;
    this.#endsAt ??= dts;
    // hls.js starts a discontinuity at its earliest time and stalls where sound begins before the picture: the silence goes before it.
    if (isFirst) this.#fillTo(dts);
    else if (dts - this.#endsAt > (this.#isHeard ? LATE_TICKS : MIXED_TICKS)) this.#fillTo(dts - MIXED_TICKS);
  }

  #fillTo(end: number): void {
    if (this.#known === null || this.#silence === null || this.#endsAt === null) return;
    if (end - this.#endsAt > LONGEST_GAP_TICKS) this.#endsAt = end;
    const { frame: data } = this.#silence;
    for (const frame = this.#frameTicks(); this.#endsAt < end; this.#endsAt += frame) {
      this.#isSilent = true;
      this.#deps.push({ kind: 'audio', config: this.#known, dts: Math.round(this.#endsAt), data });
    }
  }

  #frameTicks(): number {
    return (AAC_FRAME_SAMPLES * TICKS_PER_SECOND) / (this.#known?.sampleRate ?? TICKS_PER_SECOND);
  }

  #adopt(config: AudioConfig): void {
    const { av, encodings } = this.#deps;
    this.#known = config;
    this.#silence = null;
    this.#endsAt = null;
    const keep = (silence: SilentFrame | null): void => {
      if (this.#known === config) this.#silence = silence;
    };
    // An error is ignored: without silence the sound has holes, and the stream goes on.
    encodings.run(() => silenceFor(av, aacTrack(config))).then(keep, () => undefined);
  }
}
