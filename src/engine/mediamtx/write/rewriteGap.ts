import { sleep, type Clock } from '../../../core/clock.js';

/** MediaMTX's watcher drops what happens within 1 s after an event. */
const GAP_MS = 2_000;
const LOOK_MS = 100;
/** For what cannot wait: pictures stand still. */
const URGENT_GAP_MS = 1_100;

/** Keeps rewrites of the file apart. */
export class RewriteGap {
  readonly #clock: Clock;
  #begunMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The file was changed just now, by us or by somebody else. */
  begin(): void {
    this.#begunMs = this.#clock.monotonicMs();
  }

  /** MediaMTX was started anew, and its watcher with it. */
  clear(): void {
    this.#begunMs = null;
  }

  /** Resolves when the file may be changed again; `isUrgent` is asked again while it waits. */
  async passed(isUrgent: () => boolean): Promise<void> {
    for (;;) {
      if (this.#begunMs === null) return;
      const begunMs = this.#begunMs;
      const leftMs = begunMs + (isUrgent() ? URGENT_GAP_MS : GAP_MS) - this.#clock.monotonicMs();
      if (leftMs <= 0) return;
      await sleep(this.#clock, Math.min(leftMs, LOOK_MS));
    }
  }
}
