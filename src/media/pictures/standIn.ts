import { every } from '../../core/async/every.js';
import type { StandInRules } from '../../core/streams/standInRules.js';
import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { TICKS_PER_SECOND, type AudioConfig, type VideoUnit } from '../formats/units.js';
import type { Turns } from '../turns.js';
import type { SlateClip } from './slateClip.js';
import { repeatedPicture, standInLabel, standInPicture } from './standInPicture.js';
import { StandInPlayer } from './standInPlayer.js';

/** So long after the camera's connection ended the stand-in is shown, unless a new connection brings pictures before. */
const ENDED_MS = 700;
/** A camera that sends few pictures counts as away only after so many of its own picture intervals. */
const AWAY_PICTURES = 3;
const LONGEST_INTERVAL_MS = 5_000;
const LOOK_MS = 200;

/** The last picture that was seen of a camera, and when. */
export interface LastPicture {
  readonly key: VideoUnit;
  /** The sound of the camera's stream; null: it had none. */
  readonly sound: AudioConfig | null;
  readonly at: Date;
  readonly atMs: number;
}

export interface StandInDeps {
  readonly av: Av;
  readonly clock: Clock;
  readonly encodings: Turns;
  readonly timeZone: string;
  /** Called before the first frame of each still picture. */
  begin(): void;
  push(unit: VideoUnit): void;
  /** Called when the stand-in was shown for `longestMs`. */
  over(): void;
}

/** Watches whether a camera's pictures come, and shows its last picture while they do not. */
export class StandIn {
  readonly #deps: StandInDeps;
  #rules: StandInRules | null = null;
  #cancelChecks: () => void = () => undefined;
  #last: Omit<LastPicture, 'sound'> | null;
  #hasEnded = false;
  #lastDts: number | null = null;
  #intervalMs = 0;
  #player: StandInPlayer | null = null;
  #shownSinceMs = 0;
  /** The key frame for which a labelled picture was begun, whether or not that succeeded. */
  #labelled: VideoUnit | null = null;

  constructor(deps: StandInDeps, last: LastPicture | null) {
    this.#deps = deps;
    this.#last = last;
  }

  get shown(): boolean {
    return this.#player !== null;
  }

  /** True: a stand-in is shown, or will be when no picture comes. */
  get willShow(): boolean {
    return this.#rules !== null && this.#last !== null;
  }

  lastSeen(sound: AudioConfig | null): LastPicture | null {
    return this.#last && { ...this.#last, sound };
  }

  /** Notes a picture of the camera, with its time on the viewers' timeline. */
  see(unit: VideoUnit): void {
    const { clock } = this.#deps;
    const stepMs = this.#lastDts === null ? 0 : ((unit.dts - this.#lastDts) * 1000) / TICKS_PER_SECOND;
    this.#intervalMs = Math.min(stepMs, LONGEST_INTERVAL_MS);
    this.#lastDts = unit.dts;
    const key = unit.keyFrame ? unit : this.#last?.key;
    if (key) this.#last = { key, at: clock.now(), atMs: clock.monotonicMs() };
  }

  sourceChanged(): void {
    this.#hasEnded = false;
  }

  sourceEnded(): void {
    this.#hasEnded = true;
  }

  /** Sets when a stand-in is shown; null: never. */
  follow(rules: StandInRules | null): void {
    const was = this.#rules;
    this.#rules = rules;
    if (rules === null) {
      this.#cancelChecks();
      this.stop();
    } else if (was === null) this.#startChecks();
  }

  /** Ends the stand-in: the camera's pictures come again. */
  stop(): void {
    this.#player?.stop();
    this.#player = null;
    this.#labelled = null;
  }

  /** Shows the stand-in now, without waiting: the caller knows that no picture comes. */
  show(): void {
    const last = this.#last;
    if (!this.#rules || !last) return;
    const isLabelled = this.#silentMs(last) >= this.#rules.labelledMs;
    if (isLabelled && this.#labelled !== last.key) {
      this.#labelled = last.key;
      void this.#label(last);
    } else if (!isLabelled && !this.#player) this.#play(repeatedPicture(last.key));
  }

  #startChecks(): void {
    this.#cancelChecks = every(this.#deps.clock, LOOK_MS, () => {
      const { clock } = this.#deps;
      const rules = this.#rules;
      const last = this.#last;
      if (!rules || !last) return;
      const patienceMs = this.#hasEnded ? ENDED_MS : Math.max(rules.silentMs, AWAY_PICTURES * this.#intervalMs);
      if (!this.#player && this.#silentMs(last) < patienceMs) return;
      const isOver = this.#player && clock.monotonicMs() - this.#shownSinceMs >= (rules.longestMs ?? Infinity);
      if (isOver) this.#end();
      else this.show();
    });
  }

  #end(): void {
    this.stop();
    this.#last = null;
    this.#deps.over();
  }

  #silentMs({ atMs }: Pick<LastPicture, 'atMs'>): number {
    return this.#deps.clock.monotonicMs() - atMs;
  }

  async #label(last: Omit<LastPicture, 'sound'>): Promise<void> {
    const { av, encodings, timeZone } = this.#deps;
    const label = standInLabel(last.at, timeZone);
    const made = encodings.run(() => standInPicture(av, last.key, label));
    const clip = await made.catch(() => null);
    if (this.#last !== last || this.#labelled !== last.key) {
      if (this.#labelled === last.key) this.#labelled = null;
      return;
    }
    if (clip) this.#play(clip);
    else if (!this.#player) this.#play(repeatedPicture(last.key)); // a picture without a label is better than none
  }

  #play(clip: SlateClip): void {
    if (!this.#player) this.#shownSinceMs = this.#deps.clock.monotonicMs();
    this.#player?.stop();
    this.#deps.begin();
    this.#player = new StandInPlayer(this.#deps.clock, clip, (unit) => this.#deps.push(unit));
  }
}
