import { sleep, type Clock } from '../core/clock.js';
import { CameraError } from '../core/errors.js';
import type { Av } from './av.js';
import { Segmenter, type Segment } from './segmenter.js';
import { readSource } from './source.js';
import { streamErrors } from './streamErrors.js';
import { Timeline } from './timeline.js';
import type { MediaUnit, VideoUnit } from './units.js';
import { WhepSession } from './whepSession.js';

/** Waits before the next try of a source that died, while somebody watches. */
const RETRY_MS = [1000, 2000, 5000];
/** A source that gave pictures for so long starts again at the shortest wait. */
const SETTLED_MS = 10_000;
/** A source that is silent for so long is dead. */
const STALL_MS = 10_000;
/** Who waits for a picture is told why there is none after so many failures in a row. */
const FAILURES_TOLD = 2;
/** Without a unit for so long the stream does not flow. */
const FLOWING_MS = 5_000;
/** What a new WebRTC viewer gets at once is bounded by this. */
const KEPT_BYTES = 8_000_000;
const KEPT_UNITS = 400;

export interface PullState {
  /** The revision whose pictures come; null: none yet. */
  readonly revision: number | null;
  readonly flowing: boolean;
  readonly bytesReceived: number;
  readonly sessions: number;
  /** Why the last try of the wanted source ended; null: it has not. */
  readonly problem: Error | null;
}

interface Target {
  readonly url: string;
  readonly revision: number;
}

interface Run {
  readonly target: Target;
  readonly abort: AbortController;
}

/**
 * One camera's pictures, pulled once for all its viewers. A new source is opened beside the one that plays and takes over
 * with its first key frame, on the same timeline; a source that dies is tried again for as long as this is open.
 */
export class Pull {
  readonly #av: Av;
  readonly #clock: Clock;
  readonly #segmenter: Segmenter;
  readonly #timeline = new Timeline();
  readonly #sessions = new Set<WhepSession>();
  readonly #waiting: (() => void)[] = [];
  readonly #closed = new AbortController();
  #target: Target | null = null;
  #opening: AbortController | null = null;
  #current: Run | null = null;
  #kept: VideoUnit[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #lastUnitAtMs = -Infinity;
  /** Tries of the wanted source that failed, one after another. */
  #failures = 0;
  #problem: Error | null = null;

  constructor(av: Av, clock: Clock, onSegment: (segment: Segment) => void) {
    this.#av = av;
    this.#clock = clock;
    this.#segmenter = new Segmenter(onSegment);
  }

  /** From now on this source is wanted; the one that plays goes on until it gives a key frame. */
  setSource(url: string, revision: number): void {
    if (this.#target?.url === url && this.#target.revision === revision) return;
    const target: Target = { url, revision };
    this.#target = target;
    this.#problem = null;
    this.#failures = 0;
    this.#opening?.abort();
    void this.#follow(target);
  }

  close(): void {
    this.#closed.abort();
    this.#opening?.abort();
    this.#current?.abort.abort();
    for (const session of [...this.#sessions]) session.close();
    this.#tell();
  }

  state(): PullState {
    const flowing = this.#current !== null && this.#clock.monotonicMs() - this.#lastUnitAtMs < FLOWING_MS;
    const revision = this.#current?.target.revision ?? null;
    return { revision, flowing, bytesReceived: this.#bytes, sessions: this.#sessions.size, problem: this.#problem };
  }

  /**
   * Resolves when pictures of this revision come. Rejects with why not when `limitMs` are over, when the source failed twice
   * or for good, and when the signal fires; the tries themselves go on.
   */
  async arrived(revision: number, limitMs: number, signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const over = AbortSignal.any([limit.signal, signal, this.#closed.signal]);
    const cancel = this.#clock.after(limitMs, () => limit.abort());
    over.addEventListener('abort', this.#tell);
    try {
      while (this.#current?.target.revision !== revision) {
        const hopeless = this.#problem instanceof CameraError && this.#problem.failureClass === 'permanent';
        if (over.aborted || hopeless || this.#failures >= FAILURES_TOLD)
          throw this.#problem ?? streamErrors.noPicture();
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      cancel();
    }
  }

  async addSession(offer: string, onEnd: () => void): Promise<{ session: WhepSession; answer: string }> {
    const session: WhepSession = new WhepSession(this.#av, {
      clock: this.#clock,
      offer,
      sinceKeyFrame: () => this.#kept,
      onEnd: () => {
        this.#sessions.delete(session);
        onEnd();
      },
    });
    const answer = await session.answer();
    this.#sessions.add(session);
    return { session, answer };
  }

  async #follow(target: Target): Promise<void> {
    while (this.#wanted(target)) {
      const startedAtMs = this.#clock.monotonicMs();
      try {
        await this.#run(target);
        this.#problem = null;
      } catch (error) {
        if (this.#target === target) this.#problem = error instanceof Error ? error : streamErrors.noPicture(error);
      }
      if (!this.#wanted(target)) return;
      if (this.#clock.monotonicMs() - startedAtMs > SETTLED_MS) this.#failures = 0;
      const waitMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0;
      this.#failures++;
      this.#tell();
      await sleep(this.#clock, waitMs, this.#closed.signal).catch(() => undefined);
    }
  }

  #wanted(target: Target): boolean {
    return this.#target === target && !this.#closed.signal.aborted;
  }

  async #run(target: Target): Promise<void> {
    const run: Run = { target, abort: new AbortController() };
    this.#opening = run.abort;
    try {
      for await (const unit of readSource(this.#av, target.url, STALL_MS, run.abort.signal)) {
        if (unit.kind === 'sound') continue;
        this.#bytes += unit.data.length;
        if (this.#current !== run) {
          if (unit.kind !== 'video' || !unit.keyFrame) continue;
          this.#takeOver(run);
        }
        this.#push(unit);
      }
    } finally {
      if (this.#opening === run.abort) this.#opening = null;
      if (this.#current === run) this.#current = null;
    }
  }

  #takeOver(run: Run): void {
    this.#opening = null;
    const before = this.#current;
    this.#current = run;
    this.#timeline.join();
    this.#problem = null;
    before?.abort.abort();
    this.#tell();
  }

  #push(unit: MediaUnit): void {
    this.#lastUnitAtMs = this.#clock.monotonicMs();
    const placed = this.#timeline.place(unit);
    if (!placed) return;
    this.#segmenter.push(placed);
    if (placed.kind === 'video') this.#keepAndSend(placed);
  }

  #keepAndSend(unit: VideoUnit): void {
    if (unit.keyFrame) {
      this.#kept = [];
      this.#keptBytes = 0;
    }
    this.#keptBytes += unit.data.length;
    const fits = this.#keptBytes <= KEPT_BYTES && this.#kept.length < KEPT_UNITS;
    if (fits && (unit.keyFrame || this.#kept.length > 0)) this.#kept.push(unit);
    else this.#kept = [];
    for (const session of this.#sessions) session.send(unit);
  }

  readonly #tell = (): void => {
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
