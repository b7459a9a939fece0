import type { Clock } from '../core/clock.js';
import type { Silence } from './silence.js';
import type { StandInPicture } from './standInPicture.js';
import { TICKS_PER_SECOND, type MediaUnit } from './units.js';

/** After a pause of the whole process it goes on from where it is, and does not catch up. */
const LATEST_MS = 2_000;

/** Plays a still picture and silence in real time, as a source would. */
export class StandInPlayer {
  readonly #clock: Clock;
  readonly #picture: StandInPicture;
  readonly #push: (unit: MediaUnit) => void;
  readonly #frameMs: number;
  #startedAtMs: number;
  #frame = 0;
  #cancel: () => void = () => undefined;
  #soundEndsAt = 0;
  #stopped = false;

  constructor(clock: Clock, picture: StandInPicture, push: (unit: MediaUnit) => void) {
    this.#clock = clock;
    this.#picture = picture;
    this.#push = push;
    this.#frameMs = 1000 / picture.clip.framesPerSecond;
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
    const { clip, sound } = this.#picture;
    const index = number % clip.frames.length;
    const data = clip.frames[index];
    if (!data) return;
    const dts = Math.round((number * TICKS_PER_SECOND) / clip.framesPerSecond);
    this.#push({ kind: 'video', config: clip.config, dts, pts: dts, keyFrame: index === 0, data });
    if (!sound) return;
    const { config, silence } = sound;
    const frameTicks = silenceTicks(silence);
    for (; this.#soundEndsAt <= dts; this.#soundEndsAt += frameTicks)
      this.#push({ kind: 'audio', config, dts: Math.round(this.#soundEndsAt), data: silence.frame });
  }
}

/** How long one frame of silence is. */
export function silenceTicks({ samplesPerFrame, sampleRate }: Silence): number {
  return (samplesPerFrame * TICKS_PER_SECOND) / sampleRate;
}
