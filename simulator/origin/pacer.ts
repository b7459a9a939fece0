import type { Clock } from '../../src/core/clock.js';

/** A sender that the pacer calls at each tick; it sends the frames that are due. */
export interface Paced {
  pump(monotonicMs: number): void;
}

/** Every frame rate of the test pictures divides this, so that all frames are due on ticks. */
const TICKS_PER_SECOND = 15;
/** The timer is set a little after the tick: one that fires early would otherwise leave a frame to the next tick. */
const LATE_MS = 2;

/** One timer for all connections that play; no timer while none does. */
export class Pacer {
  readonly #clock: Clock;
  readonly #members = new Set<Paced>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(member: Paced): void {
    this.#members.add(member);
    member.pump(this.#clock.monotonicMs());
    if (!this.#cancel && this.#members.size > 0) this.#arm();
  }

  remove(member: Paced): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#disarm();
  }

  #arm(): void {
    const nowMs = this.#clock.monotonicMs() - LATE_MS;
    const nextMs = ((Math.floor((nowMs * TICKS_PER_SECOND) / 1000) + 1) * 1000) / TICKS_PER_SECOND;
    this.#cancel = this.#clock.after(nextMs - nowMs, () => {
      this.#cancel = null;
      const monotonicMs = this.#clock.monotonicMs();
      for (const member of this.#members) member.pump(monotonicMs);
      if (this.#members.size > 0) this.#arm();
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
