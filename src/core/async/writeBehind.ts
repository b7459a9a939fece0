import type { Clock } from '../clock.js';

export interface WriteBehindOptions {
  /** True: something waits to be written. */
  readonly waits: () => boolean;
  /** Writes what waits. Rejects when that failed; then it must wait again. */
  readonly write: () => Promise<void>;
  /** Pause after a failed write (ms). */
  readonly retryMs: number;
  /** Called for the first failure after a write that succeeded, to log it. */
  readonly onFailure?: (thrown: unknown) => void;
}

/**
 * Writes in the background what its owner keeps in memory: soon, one write at a time, and again and again while the store does not take it.
 */
export class WriteBehind {
  readonly #clock: Clock;
  readonly #options: WriteBehindOptions;
  #writing: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  /** The latest write failed. */
  #isAway = false;

  constructor(clock: Clock, options: WriteBehindOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Writes in `ms`, unless a write is scheduled already. While the store is away the next try comes when it is due. */
  soon(ms: number): void {
    if (!this.#isAway) this.#schedule(ms);
  }

  /** Resolves once everything that waited at the call is written, or the store did not take it. Never rejects. */
  now(): Promise<void> {
    this.#cancel();
    this.#writing ??= this.#writeAll();
    return this.#writing;
  }

  /** Writes once more and then rests: what the store did not take waits for the next `soon` or `now`. */
  async stop(): Promise<void> {
    await this.now();
    this.#cancel();
    this.#isAway = false;
  }

  async #writeAll(): Promise<void> {
    // Starts after the caller's turn, so that all that one turn adds is one write.
    await Promise.resolve();
    try {
      while (this.#options.waits()) {
        await this.#options.write();
        this.#isAway = false;
      }
    } catch (thrown) {
      if (!this.#isAway) this.#options.onFailure?.(thrown);
      this.#isAway = true;
      this.#cancel();
      this.#schedule(this.#options.retryMs);
    }
    // In the same turn as the last look at what waits: a later call begins a new write.
    this.#writing = null;
  }

  #schedule(ms: number): void {
    this.#cancelTimer ??= this.#clock.after(ms, () => void this.now());
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
