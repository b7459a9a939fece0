import type { Clock } from '../../../src/core/clock.js';

interface Timer {
  readonly run: () => void;
  /** Belongs to the machine, and sleeps with it. */
  readonly sleeps: boolean;
  atMs: number;
  order: number;
  cancelled: boolean;
}

/** Turns of the event loop in which promise chains (SQLite's reads yield in between) come to rest. */
const SETTLE_TURNS = 8;
/** Replies and proofs come on this grid. */
const TOGETHER_MS = 500;
/** A timer of at least this many milliseconds, in whole seconds, is a periodic look (a beat, a poll). */
const PERIODIC_FROM_MS = 1_000;
/** So long after the last happening, periodic looks may come late. */
const AWAKE_MS = 6_000;
/** A thousand cameras in the worst of troubles need some 2,500. */
const MOST_STOPS_AN_HOUR = 50_000;

/**
 * The true time of the simulated year. It jumps from timer to timer. While nothing happens, periodic looks of a second and
 * more (beats, polls) are made late and together, at the next stop, as on a machine that was busy with something else: a year has
 * six million of them. Nothing else about a process changes by that.
 */
export class YearClock implements Clock {
  readonly startMs: number;
  #nowMs: number;
  #order = 0;
  #awakeUntilMs: number;
  #hour = 0;
  #stopsInHour = 0;
  readonly #exact = new Heap();
  readonly #periodic = new Heap();
  /** Where the clock has to stop though no timer says so. */
  nextStopMs: () => number = () => Number.POSITIVE_INFINITY;
  /** Runs at each stop, after the timers that were due. */
  onStop: () => void = () => undefined;
  /** Asked once everything has come to rest: how long nothing will happen but looks of the machines, which nobody would miss. */
  calmMs: () => number = () => 0;
  /** What was passed over so far: wall clocks went on, and the machines' timers did not. */
  passedOverMs = 0;
  /** Set: enough was seen, and no more time passes. */
  isOver = false;

  constructor(start: Date) {
    this.startMs = start.getTime();
    this.#nowMs = this.startMs;
    this.#awakeUntilMs = this.startMs + AWAKE_MS;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.startMs;
  }

  after(ms: number, run: () => void): () => void {
    return this.#add(ms, run, false);
  }

  /** A timer of the machine. */
  afterAwake(ms: number, run: () => void): () => void {
    return this.#add(ms, run, true);
  }

  /** A little later than `ms` from now, with what else comes then: a fleet is looked at once for all of it. */
  togetherMs(ms: number): number {
    return Math.ceil((this.#nowMs + ms) / TOGETHER_MS) * TOGETHER_MS - this.#nowMs;
  }

  /** The machine sleeps: its timers come that much later. */
  sleep(ms: number): void {
    for (const heap of [this.#exact, this.#periodic]) {
      for (const timer of heap.takeUntil(Number.MAX_VALUE)) {
        if (timer.sleeps) timer.atMs += ms;
        heap.push(timer);
      }
    }
  }

  #add(ms: number, run: () => void, sleeps: boolean): () => void {
    // At least a millisecond and whole ones, as Node's: a fraction is lost in the large number of a date.
    const timer = {
      atMs: this.#nowMs + Math.max(1, Math.ceil(ms)),
      order: this.#order++,
      run,
      sleeps,
      cancelled: false,
    };
    const isPeriodic = sleeps && ms >= PERIODIC_FROM_MS && ms % 1000 === 0;
    (isPeriodic ? this.#periodic : this.#exact).push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** Something happens: for so long every look is made when it is due. */
  happened(ms: number = AWAKE_MS): void {
    this.#awakeUntilMs = Math.max(this.#awakeUntilMs, this.#nowMs + ms);
  }

  async runUntil(endMs: number): Promise<void> {
    await this.#settle();
    for (;;) {
      this.#passOver(endMs);
      const exactMs = Math.min(this.#exact.firstMs(), Math.max(this.#nowMs, this.nextStopMs()), endMs);
      const periodicMs = this.#periodic.firstMs();
      const nextMs = periodicMs <= this.#awakeUntilMs ? Math.min(exactMs, periodicMs) : exactMs;
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      this.#countStop();
      const isThere = this.#nowMs >= endMs;
      this.#fireDue();
      this.onStop();
      await this.#settle();
      if (isThere || this.isOver) return;
    }
  }

  /** Lets time pass until the promise settles. */
  async until<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    let settled = false;
    const watched = promise.finally(() => (settled = true));
    watched.catch(() => undefined);
    const endMs = this.#nowMs + limitMs;
    await this.#settle();
    while (!settled) {
      const nextMs = Math.min(this.#exact.firstMs(), this.#periodic.firstMs());
      if (nextMs > endMs) throw new Error(`not settled after ${limitMs} ms`);
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      this.#fireDue();
      await this.#settle();
    }
    return watched;
  }

  #passOver(endMs: number): void {
    const ms = Math.min(Math.floor(this.calmMs()), endMs - this.#nowMs);
    if (ms <= 0) return;
    this.sleep(ms);
    this.#nowMs += ms;
    this.passedOverMs += ms;
  }

  /** Throws when something looks again and again, so that the year would never end. */
  #countStop(): void {
    const hour = Math.floor(this.#nowMs / 3_600_000);
    if (hour !== this.#hour) [this.#hour, this.#stopsInHour] = [hour, 0];
    this.#stopsInHour++;
    if (this.#stopsInHour <= MOST_STOPS_AN_HOUR) return;
    throw new Error(`Something looks again and again, at ${new Date(this.#nowMs).toISOString()}: time hardly passes.`);
  }

  #fireDue(): void {
    const due = [...this.#exact.takeUntil(this.#nowMs), ...this.#periodic.takeUntil(this.#nowMs)];
    due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    for (const timer of due) {
      if (timer.cancelled) continue;
      timer.run();
    }
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Timers, the earliest first. */
class Heap {
  readonly #timers: Timer[] = [];

  push(timer: Timer): void {
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = timers[parent];
      if (!above || !isBefore(timer, above)) break;
      timers[at] = above;
      at = parent;
    }
    timers[at] = timer;
  }

  firstMs(): number {
    for (;;) {
      const first = this.#timers[0];
      if (!first) return Number.POSITIVE_INFINITY;
      if (!first.cancelled) return first.atMs;
      this.#pop();
    }
  }

  takeUntil(ms: number): Timer[] {
    const taken: Timer[] = [];
    while (this.firstMs() <= ms) {
      const first = this.#pop();
      if (first) taken.push(first);
    }
    return taken;
  }

  #pop(): Timer | undefined {
    const timers = this.#timers;
    const first = timers[0];
    const last = timers.pop();
    if (!last || timers.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const right = timers[child + 1];
      let below = timers[child];
      if (!below) break;
      if (right && isBefore(right, below)) {
        below = right;
        child += 1;
      }
      if (!isBefore(below, last)) break;
      timers[at] = below;
      at = child;
    }
    timers[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
