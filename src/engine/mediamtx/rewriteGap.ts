import { sleep, type Clock } from '../../core/clock.js';

/** MediaMTX's watcher drops what happens within 1 s after an event. */
const GAP_MS = 2_000;

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

  /** Resolves when the file may be changed again. */
  async passed(): Promise<void> {
    if (this.#begunMs === null) return;
    const leftMs = this.#begunMs + GAP_MS - this.#clock.monotonicMs();
    if (leftMs > 0) await sleep(this.#clock, leftMs);
  }
}
