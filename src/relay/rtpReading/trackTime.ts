/** A step of the time stamp that is longer than the real wait by more than this is a jump. */
const AHEAD_MS = 3_000;
/** Pictures fall back by less than this: B-frames are shown earlier than the picture before them. */
const BACK_MS = 2_000;

/**
 * The time stamps of one track as milliseconds that go on: over the wrap of 32 bits, and over jumps and restarts of the sender's clock, where
 * the real time that passed takes the place of the step.
 */
export class TrackTime {
  readonly #clockRate: number;
  /** To be added to the track's own time. */
  #shiftMs = 0;
  #last: { readonly timestamp: number; readonly ticks: number; readonly arrivedMs: number } | null = null;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** True: no packet has come yet. */
  get isNew(): boolean {
    return this.#last === null;
  }

  /** Moves the track by `ms`. */
  shift(ms: number): void {
    this.#shiftMs += ms;
  }

  /** The time of a stamp near the latest one, such as that of a sender report; null: no packet has come yet. */
  timeOf(timestamp: number): number | null {
    return this.#last === null ? null : this.#msOf(this.#ticksOf(timestamp, this.#last));
  }

  /** The time of the next packet. `hasJumped`: the sender's clock jumped, so what was known of it is not true any more. */
  place(timestamp: number, arrivedMs: number): { readonly timeMs: number; readonly hasJumped: boolean } {
    const last = this.#last;
    if (last === null) {
      this.#last = { timestamp, ticks: 0, arrivedMs };
      // Until something better is known, the first packet belongs to the moment at which it arrived.
      this.#shiftMs += arrivedMs;
      return { timeMs: this.#shiftMs, hasJumped: false };
    }
    const ticks = this.#ticksOf(timestamp, last);
    const stepMs = this.#msOf(ticks) - this.#msOf(last.ticks);
    const passedMs = arrivedMs - last.arrivedMs;
    const hasJumped = stepMs > passedMs + AHEAD_MS || stepMs < -BACK_MS;
    if (hasJumped) this.#shiftMs += Math.max(0, passedMs) - stepMs;
    this.#last = { timestamp, ticks, arrivedMs };
    return { timeMs: this.#msOf(ticks), hasJumped };
  }

  #msOf(ticks: number): number {
    return (ticks * 1_000) / this.#clockRate + this.#shiftMs;
  }

  /** Ticks since the first packet; the step from the latest one has 32 bits and a sign. */
  #ticksOf(timestamp: number, last: { readonly timestamp: number; readonly ticks: number }): number {
    return last.ticks + ((timestamp - last.timestamp) | 0);
  }
}
