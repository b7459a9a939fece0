import type { Clock } from '../../core/clock.js';
import { TICKS_PER_SECOND, type VideoUnit } from '../formats/units.js';
import type { SlateClip } from './slateClip.js';

/** When frames are late by more than this, the whole process was paused: the player goes on from now and does not catch up. */
const LATEST_MS = 2_000;

/** Plays a still picture in real time, as a source would. */
export class StandInPlayer {
  readonly #clock: Clock;
  readonly #clip: SlateClip;
  readonly #push: (unit: VideoUnit) => void;
  readonly #frameMs: number;
  #startedAtMs: number;
  #frame = 0;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(clock: Clock, clip: SlateClip, push: (unit: VideoUnit) => void) {
    this.#clock = clock;
    this.#clip = clip;
    this.#push = push;
    this.#frameMs = 1000 / clip.framesPerSecond;
    this.#startedAtMs = clock.monotonicMs();
    this.#tick();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    const lateMs = nowMs - this.#startedAtMs - this.#frame * this.#frameMs;
    if (lateMs > LATEST_MS) this.#startedAtMs += lateMs;
    while (!this.#stopped && this.#startedAtMs + this.#frame * this.#frameMs <= nowMs) this.#show(this.#frame++);
    if (this.#stopped) return;
    const nextMs = this.#startedAtMs + this.#frame * this.#frameMs;
    this.#cancel = this.#clock.after(Math.max(1, nextMs - nowMs), () => this.#tick());
  }

  #show(number: number): void {
    const { config, frames, framesPerSecond } = this.#clip;
    const index = number % frames.length;
    const data = frames[index];
    if (!data) return;
    const dts = Math.round((number * TICKS_PER_SECOND) / framesPerSecond);
    this.#push({ kind: 'video', config, dts, pts: dts, keyFrame: index === 0, data });
  }
}
