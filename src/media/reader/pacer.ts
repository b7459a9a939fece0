import type { Clock } from '../../core/clock.js';
import type { ReadUnit } from './readUnit.js';

/** A step between two times that is larger is a jump: the stream goes on one picture later. */
const JUMP_MS = 3_000;
const BACK_MS = 1_000;
const ONE_PICTURE_MS = 40;
/** A unit that is late by more moves all that follow: what is held for the next wait is kept, and does not shrink with each late segment. */
const LATE_MS = 150;
/** While more than wanted is held, it goes out this much faster: a source's clock that is fast would fill the memory. */
const FASTER = 1.05;
const COARSE_MS = 5;

/**
 * Hands units on at the pace of their time stamps. HLS brings some seconds at once, and then nothing: readers of the relay would get a burst and a gap.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #hand: (unit: ReadUnit) => void;
  #segments: { readonly units: readonly ReadUnit[]; readonly durationMs: number; at: number }[] = [];
  /** The time stamp that is due at `atMs` (monotonic). */
  #anchor: { readonly timeMs: number; readonly atMs: number; readonly speed: number } | null = null;
  #lastMs: number | null = null;
  #cancel: (() => void) | null = null;
  #onRoom: (() => void) | null = null;
  #wantedMs = Infinity;

  constructor(clock: Clock, hand: (unit: ReadUnit) => void) {
    this.#clock = clock;
    this.#hand = hand;
  }

  /** How many milliseconds of the stream are held behind the segment that goes out now. */
  get heldMs(): number {
    return this.#segments.slice(1).reduce((sum, { durationMs }) => sum + durationMs, 0);
  }

  /** Takes one segment. `wantedMs`: holding more than this is too much, and goes out a little faster. */
  push(units: readonly ReadUnit[], durationMs: number, wantedMs: number): void {
    this.#wantedMs = wantedMs;
    this.#segments.push({ units, durationMs, at: 0 });
    if (this.#cancel === null) this.#run();
  }

  /** Resolves when no more than `ms` are held, or when it was stopped. */
  async room(ms: number): Promise<void> {
    while (this.heldMs > ms) await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }

  /** Resolves when all of it has gone out, or when it was stopped. */
  async drained(): Promise<void> {
    while (this.#segments.length > 0) await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#segments = [];
    this.#onRoom?.();
  }

  #run(): void {
    this.#cancel = null;
    const nowMs = this.#clock.monotonicMs();
    for (let segment = this.#segments[0]; segment; segment = this.#segments[0]) {
      const unit = segment.units[segment.at];
      if (unit === undefined) {
        this.#segments.shift();
        this.#tellRoom();
        continue;
      }
      if ('timeMs' in unit) {
        const waitMs = this.#dueMs(unit.timeMs, nowMs) - nowMs;
        if (waitMs > COARSE_MS) {
          this.#cancel = this.#clock.after(waitMs, () => this.#run());
          return;
        }
        this.#lastMs = unit.timeMs;
      }
      segment.at += 1;
      this.#hand(unit);
    }
  }

  #tellRoom(): void {
    const onRoom = this.#onRoom;
    this.#onRoom = null;
    onRoom?.();
  }

  #dueMs(timeMs: number, nowMs: number): number {
    const last = this.#lastMs;
    if (this.#anchor === null || last === null) return this.#begin(timeMs, nowMs);
    if (timeMs - last > JUMP_MS || last - timeMs > BACK_MS) return this.#begin(timeMs, this.#at(last) + ONE_PICTURE_MS);
    if (nowMs - this.#at(timeMs) > LATE_MS) return this.#begin(timeMs, nowMs);
    const speed = this.heldMs > this.#wantedMs ? FASTER : 1;
    if (speed !== this.#anchor.speed) this.#anchor = { timeMs: last, atMs: this.#at(last), speed };
    return this.#at(timeMs);
  }

  #begin(timeMs: number, atMs: number): number {
    this.#anchor = { timeMs, atMs, speed: this.#anchor?.speed ?? 1 };
    this.#lastMs = timeMs;
    return atMs;
  }

  #at(timeMs: number): number {
    const { timeMs: anchorMs, atMs, speed } = this.#anchor ?? { timeMs, atMs: 0, speed: 1 };
    return atMs + (timeMs - anchorMs) / speed;
  }
}
