import { sleep, type Clock } from '../../../core/clock.js';

/** MediaMTX's file watcher ignores changes within 1 s after an event. */
const GAP_MS = 2_000;
const LOOK_MS = 100;
/** For an urgent write: viewers' pictures are frozen until it is in force. */
const URGENT_GAP_MS = 1_100;

/** Keeps enough time between two changes of the file, so that MediaMTX's watcher sees both. */
export class RewriteGap {
  readonly #clock: Clock;
  #begunMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The file was changed just now, by camlease or by another program. */
  begin(): void {
    this.#begunMs = this.#clock.monotonicMs();
  }

  /** MediaMTX was restarted, and so was its file watcher. */
  clear(): void {
    this.#begunMs = null;
  }

  /** Resolves when the file may be changed again. `isUrgent` is called again while it waits, and shortens the wait. */
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
