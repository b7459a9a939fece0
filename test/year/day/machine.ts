import type { Clock } from '../../../src/core/clock.js';
import type { YearClock } from '../world/yearClock.js';

/**
 * `stopped`: as by SIGSTOP; its monotonic clock runs on. `suspended`: as a virtual machine; its monotonic clock stands still too,
 * so that a process goes on believing what it believed.
 */
export type FreezeKind = 'stopped' | 'suspended';

/** A call that is answered late: shorter than would keep a beat back for 15 s. */
const SLOW_MS = [200, 4_000] as const;

/** One life of a process, on a machine whose clocks are its own: it runs, is frozen, or is dead for good. */
export class Machine implements Clock {
  /** Of this life alone. */
  readonly name: string;
  readonly startedMs: number;
  /** Until when its database answers late. */
  slowUntilMs = 0;
  /** How late, each way. */
  slowMs: readonly [least: number, most: number] = SLOW_MS;
  /** From when on it is on its way down, by SIGTERM; null: it is not. */
  stoppingSinceMs: number | null = null;
  readonly #clock: YearClock;
  readonly #wallOffsetMs: () => number;
  #isAlive = true;
  #isCutOff = false;
  #reachesSinceMs = 0;
  #frozen: { readonly kind: FreezeKind; readonly atMs: number } | null = null;
  #stoodStillMs = 0;
  /** What came for it meanwhile, in the order in which it came. */
  #waiting: (() => void)[] = [];
  /** When it last went on after a freeze, and after which kind; null: it never was frozen. */
  woke: { readonly atMs: number; readonly kind: FreezeKind } | null = null;

  constructor(name: string, clock: YearClock, wallOffsetMs: () => number) {
    this.name = name;
    this.startedMs = clock.nowMs;
    this.#clock = clock;
    this.#wallOffsetMs = wallOffsetMs;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isRunning(): boolean {
    return this.#isAlive && this.#frozen === null;
  }

  /** The database answers everybody but this one. */
  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  set isCutOff(isSo: boolean) {
    if (this.#isCutOff && !isSo) this.#reachesSinceMs = this.#clock.nowMs;
    this.#isCutOff = isSo;
  }

  /** Since when it has run without a break, in true time. */
  get runsSinceMs(): number {
    return Math.max(this.startedMs, this.woke?.atMs ?? 0);
  }

  get runsForMs(): number {
    return this.#clock.nowMs - this.runsSinceMs;
  }

  /** Whether it ran without a break, undisturbed and within reach of the database, for so long. */
  isSteady(forMs: number): boolean {
    const sinceMs = Math.max(this.runsSinceMs, this.slowUntilMs, this.#reachesSinceMs);
    return !this.#isCutOff && this.isRunning && this.stoppingSinceMs === null && this.#clock.nowMs - sinceMs >= forMs;
  }

  /** Whether it died, was frozen or was told to stop since then, so that what it had asked for may be lost. */
  hadMishapSince(ms: number): boolean {
    return !this.isRunning || this.stoppingSinceMs !== null || (this.woke?.atMs ?? 0) >= ms;
  }

  now(): Date {
    return new Date(this.#clock.nowMs + this.#wallOffsetMs());
  }

  monotonicMs(): number {
    const standsStillMs = this.#frozen?.kind === 'suspended' ? this.#awakeMs() - this.#frozen.atMs : 0;
    return this.#awakeMs() - this.#stoodStillMs - standsStillMs;
  }

  after(ms: number, run: () => void): () => void {
    const atMs = this.monotonicMs() + Math.max(1, Math.ceil(ms));
    let isCancelled = false;
    const fire = (): void => {
      if (isCancelled || !this.#isAlive) return;
      const leftMs = atMs - this.monotonicMs();
      if (this.#frozen) this.#waiting.push(fire);
      else if (leftMs > 0) this.#clock.afterAwake(leftMs, fire);
      else run();
    };
    this.#clock.afterAwake(ms, fire);
    return () => {
      isCancelled = true;
    };
  }

  /** Resolves once the process can take an answer that came for it: now, when it goes on, or never. */
  async taken(): Promise<void> {
    if (!this.#isAlive) return new Promise(() => undefined);
    if (this.#frozen) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  freeze(kind: FreezeKind): void {
    this.#frozen ??= { kind, atMs: this.#awakeMs() };
  }

  thaw(): void {
    const frozen = this.#frozen;
    if (!frozen || !this.#isAlive) return;
    if (frozen.kind === 'suspended') this.#stoodStillMs += this.#awakeMs() - frozen.atMs;
    this.#frozen = null;
    this.woke = { atMs: this.#clock.nowMs, kind: frozen.kind };
    for (const take of this.#waiting.splice(0)) take();
  }

  die(): void {
    this.#isAlive = false;
    this.#waiting = [];
  }

  #awakeMs(): number {
    return this.#clock.monotonicMs() - this.#clock.passedOverMs;
  }
}
