import type { Clock } from '../core/clock.js';
import type { Av } from './av.js';
import { standInLabel, standInPicture, type StandInPicture } from './standInPicture.js';
import { StandInPlayer } from './standInPlayer.js';
import type { Turns } from './turns.js';
import { TICKS_PER_SECOND, type AudioConfig, type MediaUnit, type VideoUnit } from './units.js';

/** A camera that is silent for so long is away; one whose connection ended is, unless the next try succeeds at once. */
const AWAY_MS = { silent: 1_500, ended: 700 };
/** One that sends fewer pictures than that has so many of its own intervals. */
const AWAY_PICTURES = 3;
const LONGEST_INTERVAL_MS = 5_000;
const LOOK_MS = 200;

export interface StandInDeps {
  readonly av: Av;
  readonly clock: Clock;
  readonly encodings: Turns;
  readonly timeZone: string;
  /** This stand-in is shown from now on; its first picture comes `gapTicks` after the camera's last. */
  begin(picture: StandInPicture, gapTicks: number): void;
  push(unit: MediaUnit): void;
}

/** Watches whether a camera's pictures come, and shows its last one with a label while they do not. */
export class StandIn {
  readonly #deps: StandInDeps;
  #allowed = false;
  #cancelLook: () => void = () => undefined;
  #lastKey: VideoUnit | null = null;
  #sound: AudioConfig | null = null;
  #hasEnded = false;
  #lastDts: number | null = null;
  #intervalMs = 0;
  #seenAtMs = 0;
  #seenAt = new Date(0);
  #player: StandInPlayer | null = null;
  /** The key frame that is being made into a stand-in, or could not be. */
  #tried: VideoUnit | null = null;

  constructor(deps: StandInDeps) {
    this.#deps = deps;
  }

  get shown(): boolean {
    return this.#player !== null;
  }

  /** A unit of the camera, placed on the timeline. */
  see(unit: MediaUnit): void {
    if (unit.kind === 'audio') {
      this.#sound = unit.config;
      return;
    }
    const { clock } = this.#deps;
    const stepMs = this.#lastDts === null ? 0 : ((unit.dts - this.#lastDts) * 1000) / TICKS_PER_SECOND;
    this.#intervalMs = Math.min(stepMs, LONGEST_INTERVAL_MS);
    this.#lastDts = unit.dts;
    this.#seenAtMs = clock.monotonicMs();
    this.#seenAt = clock.now();
    if (unit.keyFrame) this.#lastKey = unit;
  }

  /** Another source: whether it has sound is not known yet. */
  sourceChanged(): void {
    this.#sound = null;
    this.#hasEnded = false;
  }

  sourceEnded(): void {
    this.#hasEnded = true;
  }

  allow(allowed: boolean): void {
    if (allowed === this.#allowed) return;
    this.#allowed = allowed;
    this.#cancelLook();
    if (allowed) this.#look();
    else this.stop();
  }

  /** The camera is there again. */
  stop(): void {
    this.#player?.stop();
    this.#player = null;
    this.#tried = null;
  }

  /** It is known that no picture comes: there is nothing to wait for. */
  show(): void {
    const last = this.#lastKey;
    if (!this.#allowed || this.#player || !last || this.#tried === last) return;
    this.#tried = last;
    void this.#begin(last);
  }

  #look(): void {
    this.#cancelLook = this.#deps.clock.after(LOOK_MS, () => {
      const silentMs = this.#deps.clock.monotonicMs() - this.#seenAtMs;
      const patienceMs = this.#hasEnded ? AWAY_MS.ended : Math.max(AWAY_MS.silent, AWAY_PICTURES * this.#intervalMs);
      if (silentMs >= patienceMs) this.show();
      this.#look();
    });
  }

  async #begin(last: VideoUnit): Promise<void> {
    const { av, clock, encodings, timeZone } = this.#deps;
    const seenAtMs = this.#seenAtMs;
    const label = standInLabel(this.#seenAt, timeZone);
    const made = encodings.run(() => standInPicture(av, last, this.#sound, label));
    const picture = await made.catch(() => null); // without one the last picture just stands
    const isBack = this.#seenAtMs !== seenAtMs || this.#tried !== last;
    if (isBack && this.#tried === last) this.#tried = null;
    if (!picture || isBack || !this.#allowed) return;
    const gapTicks = Math.round(((clock.monotonicMs() - seenAtMs) * TICKS_PER_SECOND) / 1000);
    this.#deps.begin(picture, gapTicks);
    this.#player = new StandInPlayer(clock, picture, (unit) => this.#deps.push(unit));
  }
}
