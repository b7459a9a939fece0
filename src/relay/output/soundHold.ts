import type { Clock } from '../../core/clock.js';

/** Sends one piece of sound. Its bytes are valid only until the call returns. */
export type SendSound = (timeMs: number, data: Buffer) => void;

interface Held {
  readonly timeMs: number;
  readonly data: Buffer;
}

/**
 * Sends no sound further ahead of the clock than the pictures went at most. A source that sends its cache all at once would otherwise put
 * sound and pictures ahead by different amounts, and MediaMTX takes the wall clock of each track from the packet that came earliest for its
 * time (`internal/ntpestimator`, v1.20.1): a player that reads by RTSP then has sound off its pictures for good. Times stay as they are; a piece
 * that comes too early waits, for a tenth of a second or two. All times are ms; those of the pictures and of the sound are on one timeline.
 */
export class SoundHold {
  readonly #clock: Clock;
  readonly #send: SendSound;
  #leadMs = Number.NEGATIVE_INFINITY;
  #held: Held[] = [];
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, send: SendSound) {
    this.#clock = clock;
    this.#send = send;
  }

  /** A picture goes out now. */
  seePicture(presentMs: number): void {
    this.#leadMs = Math.max(this.#leadMs, presentMs - this.#clock.monotonicMs());
    if (this.#held.length > 0) this.#release();
  }

  sound(timeMs: number, data: Buffer): void {
    if (this.#held.length === 0 && this.#earlyMs(timeMs) <= 0) {
      this.#send(timeMs, data);
      return;
    }
    this.#held.push({ timeMs, data: Buffer.from(data) });
    this.#release();
  }

  /** Drops what waits, and what is known of the pictures. */
  reset(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#held = [];
    this.#leadMs = Number.NEGATIVE_INFINITY;
  }

  #release(): void {
    this.#cancel?.();
    this.#cancel = null;
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const earlyMs = this.#earlyMs(next.timeMs);
      if (earlyMs > 0) {
        this.#cancel = this.#clock.after(Math.ceil(earlyMs), () => this.#release());
        return;
      }
      this.#held.shift();
      this.#send(next.timeMs, next.data);
    }
  }

  #earlyMs(timeMs: number): number {
    return timeMs - this.#clock.monotonicMs() - this.#leadMs;
  }
}
