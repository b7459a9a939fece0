import type { Clock } from '../../src/core/clock.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** How many turns of the event loop promise chains without I/O get to finish. */
const SETTLE_TURNS = 12;

/**
 * A clock that a test turns by hand: seven days pass in milliseconds. It jumps from timer to timer and lets pending promises finish in
 * between. Code with real I/O (a socket to a fake server) calls `hold`, so that no time passes while a reply is on its way; a request that
 * hangs on purpose is taken out of that count by `discount`.
 */
export class TurnedClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  #wallOffsetMs = 0;
  #timers: Timer[] = [];
  #order = 0;
  #holds = 0;
  #discounts = 0;
  #wake: (() => void) | null = null;

  constructor(start: Date = new Date('2026-01-05T08:00:00Z')) {
    this.#nowMs = start.getTime();
    this.#startMs = this.#nowMs;
  }

  now(): Date {
    return new Date(this.#nowMs + this.#wallOffsetMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#nowMs + Math.max(0, ms), order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Makes the wall clock jump; timers and the monotonic clock are not affected. */
  jumpWallClock(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  /** Real I/O began; call the returned function when it ended. */
  hold(): () => void {
    return this.#count((by) => (this.#holds += by));
  }

  /** One of the held requests hangs on purpose; call the returned function when it is over. */
  discount(): () => void {
    return this.#count((by) => (this.#discounts += by));
  }

  /** Lets `ms` pass, firing timers in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    await this.#settle();
    for (let next = this.#earliest(); next && next.at <= end; next = this.#earliest()) await this.#fire(next);
    this.#nowMs = end;
    await this.#settle();
  }

  /** Lets time pass until the promise settles; throws when it has not settled after `limitMs` of turned time. */
  async runUntil<T>(promise: Promise<T>, limitMs = 30 * 86_400_000): Promise<T> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
      this.#wake?.();
    });
    watched.catch(() => undefined);
    const end = this.#nowMs + limitMs;
    await this.#settle();
    while (!settled) {
      const next = this.#earliest();
      if (next && next.at > end) throw new Error(`not settled after ${limitMs} ms of turned time`);
      if (next) await this.#fire(next);
      else await this.#untilSomethingHappens();
    }
    return watched;
  }

  #count(change: (by: number) => void): () => void {
    change(1);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      change(-1);
      this.#wake?.();
    };
  }

  #earliest(): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>(
      (best, timer) =>
        !best || timer.at < best.at || (timer.at === best.at && timer.order < best.order) ? timer : best,
      undefined,
    );
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers = this.#timers.filter((other) => other !== timer);
    this.#nowMs = Math.max(this.#nowMs, timer.at);
    timer.run();
    await this.#settle();
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) {
      while (this.#holds > this.#discounts) {
        await this.#untilSomethingHappens();
        turn = 0;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves at the next change of a count, or at a turn of the event loop: nothing here waits for real time. */
  #untilSomethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = null;
        resolve();
      };
      this.#wake = done;
      setImmediate(done);
    });
  }
}
