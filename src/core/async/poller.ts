import type { Clock } from '../clock.js';

/** One poll. Returns the ms until the next one; null: none until the owner asks for it. Must not reject. */
export type Poll = () => Promise<number | null>;

/** Runs a poll again and again, one at a time; each poll says when the next one comes. */
export class Poller {
  readonly #clock: Clock;
  readonly #poll: Poll;
  #running: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;

  constructor(clock: Clock, poll: Poll) {
    this.#clock = clock;
    this.#poll = poll;
  }

  /** Polls now, and goes on. Resolves when this poll has ended; while one runs, when that one has. */
  now(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.pause();
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Polls in `ms` instead of at the moment that was chosen before. While a poll runs this does nothing: it chooses the next moment. */
  in(ms: number): void {
    if (this.#stopped || this.#running) return;
    this.pause();
    this.#cancelTimer = this.#clock.after(ms, () => void this.now());
  }

  /** Polls in `ms`, unless a poll runs or its moment is chosen. */
  begin(ms: number): void {
    if (!this.#cancelTimer) this.in(ms);
  }

  /** Cancels the next poll; one that runs goes on, and may choose another moment. */
  pause(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** Polls never again. Resolves when the poll that runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.pause();
    await this.#running;
  }

  async #run(): Promise<void> {
    const nextMs = await this.#poll();
    this.#running = null;
    if (nextMs !== null) this.in(nextMs);
  }
}
