import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { TICKS_PER_SECOND, type AudioConfig, type VideoUnit } from '../formats/units.js';
import type { Turns } from '../turns.js';
import type { SlateClip } from './slateClip.js';
import { repeatedPicture, standInLabel, standInPicture } from './standInPicture.js';
import { StandInPlayer } from './standInPlayer.js';

/** A camera whose connection ended for so long is away, unless a try succeeds meanwhile. */
const ENDED_MS = 700;
/** One that sends fewer pictures than its patience allows has so many of its own intervals. */
const AWAY_PICTURES = 3;
const LONGEST_INTERVAL_MS = 5_000;
const LOOK_MS = 200;

/** What is shown in a camera's place. */
export interface StandInRules {
  /** Also to viewers who come before the camera has shown a picture. */
  readonly whenCold: boolean;
  /** An open connection without a picture for so long: the camera is away. */
  readonly silentMs: number;
  /** So long after the last picture it bears a label; until then it is repeated as it came. */
  readonly labelledMs: number;
  /** It is shown for so long, and ends then; null: until the camera is back. */
  readonly longestMs: number | null;
}

/** The last that was seen of a camera, and when. */
export interface LastSeen {
  readonly key: VideoUnit;
  /** What its stream had as sound; null: none. */
  readonly sound: AudioConfig | null;
  readonly at: Date;
  readonly atMs: number;
}

export interface StandInDeps {
  readonly av: Av;
  readonly clock: Clock;
  readonly encodings: Turns;
  readonly timeZone: string;
  /** Another still picture begins. */
  begin(): void;
  push(unit: VideoUnit): void;
  /** It was shown for as long as it may be. */
  over(): void;
}

/** Watches whether a camera's pictures come, and shows its last one while they do not. */
export class StandIn {
  readonly #deps: StandInDeps;
  #rules: StandInRules | null = null;
  #cancelLook: () => void = () => undefined;
  #last: Omit<LastSeen, 'sound'> | null;
  #hasEnded = false;
  #lastDts: number | null = null;
  #intervalMs = 0;
  #player: StandInPlayer | null = null;
  #shownSinceMs = 0;
  /** What is being made into a labelled picture, was, or could not be. */
  #labelled: VideoUnit | null = null;

  constructor(deps: StandInDeps, last: LastSeen | null) {
    this.#deps = deps;
    this.#last = last;
  }

  get shown(): boolean {
    return this.#player !== null;
  }

  /** It is shown, or will be when no picture comes. */
  get willShow(): boolean {
    return this.#rules !== null && this.#last !== null;
  }

  lastSeen(sound: AudioConfig | null): LastSeen | null {
    return this.#last && { ...this.#last, sound };
  }

  /** A picture of the camera, placed on the timeline. */
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

  /** null: nothing is shown. */
  follow(rules: StandInRules | null): void {
    const was = this.#rules;
    this.#rules = rules;
    if (rules === null) {
      this.#cancelLook();
      this.stop();
    } else if (was === null) this.#look();
  }

  /** The camera is there again. */
  stop(): void {
    this.#player?.stop();
    this.#player = null;
    this.#labelled = null;
  }

  /** It is known that no picture comes: there is nothing to wait for. */
  show(): void {
    const last = this.#last;
    if (!this.#rules || !last) return;
    const isLabelled = this.#silentMs(last) >= this.#rules.labelledMs;
    if (isLabelled && this.#labelled !== last.key) {
      this.#labelled = last.key;
      void this.#label(last);
    } else if (!isLabelled && !this.#player) this.#play(repeatedPicture(last.key));
  }

  #look(): void {
    this.#cancelLook = this.#deps.clock.after(LOOK_MS, () => {
      this.#look();
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

  #silentMs({ atMs }: Pick<LastSeen, 'atMs'>): number {
    return this.#deps.clock.monotonicMs() - atMs;
  }

  async #label(last: Omit<LastSeen, 'sound'>): Promise<void> {
    const { av, encodings, timeZone } = this.#deps;
    const label = standInLabel(last.at, timeZone);
    const made = encodings.run(() => standInPicture(av, last.key, label));
    const clip = await made.catch(() => null);
    if (this.#last !== last || this.#labelled !== last.key) {
      if (this.#labelled === last.key) this.#labelled = null;
      return;
    }
    if (clip) this.#play(clip);
    else if (!this.#player) this.#play(repeatedPicture(last.key)); // without a label rather than no picture at all
  }

  #play(clip: SlateClip): void {
    if (!this.#player) this.#shownSinceMs = this.#deps.clock.monotonicMs();
    this.#player?.stop();
    this.#deps.begin();
    this.#player = new StandInPlayer(this.#deps.clock, clip, (unit) => this.#deps.push(unit));
  }
}
