import type { Av } from '../av.js';
import { silenceFor, type Silence } from '../formats/silence.js';
import { aacTrack } from '../formats/sound.js';
import { TICKS_PER_SECOND, type AudioConfig, type AudioUnit } from '../formats/units.js';
import type { Turns } from '../turns.js';

/** Of a source that has given sound: its sound may come so much later than its pictures before silence takes its place. */
const LATE_TICKS = TICKS_PER_SECOND;
/** Of a source that has given none yet: sound that comes with its pictures comes within this. */
const MIXED_TICKS = 0.25 * TICKS_PER_SECOND;
/** A longer gap is not filled: sound goes on where it is. */
const LONGEST_GAP_TICKS = 30 * TICKS_PER_SECOND;
/** A difference below this is how sources round their times; sound is counted by samples. */
const ROUNDED_TICKS = 0.1 * TICKS_PER_SECOND;
const AAC_FRAME_SAMPLES = 1024;

export interface StreamSoundDeps {
  readonly av: Av;
  readonly encodings: Turns;
  readonly push: (unit: AudioUnit) => void;
}

/**
 * The sound of one stream, whatever its source sends. Players cannot take a track that appears, goes, or changes while they play:
 * once they know the sound it stays in that form, silence stands for what is missing, and other sound is left out.
 */
export class StreamSound {
  readonly #deps: StreamSoundDeps;
  #known: AudioConfig | null = null;
  #isFixed = false;
  #silence: Silence | null = null;
  #endsAt: number | null = null;
  /** The source in force has given sound that was passed on. */
  #isHeard = false;
  #isSilent = false;

  constructor(deps: StreamSoundDeps) {
    this.#deps = deps;
  }

  /** What the players know; null: no sound, or none yet. */
  get known(): AudioConfig | null {
    return this.#known;
  }

  /** Somebody plays from now on, so that the sound stays as it is; false: nobody does, and what comes may take its place. */
  fix(isFixed: boolean): void {
    this.#isFixed = isFixed;
  }

  /** The stream begins with this sound, although none of it has come yet. */
  begin(config: AudioConfig): void {
    this.#adopt(config);
  }

  sourceChanged(): void {
    this.#isHeard = false;
  }

  /** Whether sound of this form is passed on. */
  admits(config: AudioConfig): boolean {
    if (this.#known !== null && config.asc.equals(this.#known.asc)) return true;
    if (this.#isFixed) return false;
    this.#adopt(config);
    return true;
  }

  /** Sound of the source, at its place on the timeline. It is handed on behind what came before, as long as it is: without holes. */
  take(unit: AudioUnit): void {
    const frame = this.#frameTicks();
    // A source begins at the nearest frame, so that the shift of its sound against its picture does not grow from one to the next.
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

  /** A picture is about to come at `dts`: silence up to there, where no sound comes. `isFirst`: of its source, or a stand-in's. */
  pictureAt(dts: number, isFirst: boolean): void {
    if (this.#known === null) return;
    this.#endsAt ??= dts;
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
    const keep = (silence: Silence | null): void => {
      if (this.#known === config) this.#silence = silence;
    };
    // Without silence the sound has holes, which is no reason to stop.
    encodings.run(() => silenceFor(av, aacTrack(config))).then(keep, () => undefined);
  }
}
