import { sleep, type Clock } from '../core/clock.js';
import { CameraError } from '../core/errors.js';
import type { Av } from './av.js';
import { KeptUnits } from './keptUnits.js';
import { proveUnits, type StreamProof } from './prove.js';
import { Segmenter, type Segment } from './segmenter.js';
import { readSource } from './source.js';
import { StandIn } from './standIn.js';
import type { StandInPicture } from './standInPicture.js';
import { silenceTicks } from './standInPlayer.js';
import { streamErrors } from './streamErrors.js';
import { Tap } from './tap.js';
import { Timeline } from './timeline.js';
import type { Turns } from './turns.js';
import type { MediaUnit, SoundNote } from './units.js';
import { WhepSession } from './whepSession.js';

/** Waits before the next try of a source that died, while it is wanted. */
const RETRY_MS = [250, 1000, 2000, 5000];
/** A source that gave pictures for so long starts again at the shortest wait. */
const SETTLED_MS = 10_000;
/** A source that is silent for so long is dead. */
const STALL_MS = 10_000;
/** Who waits for a picture is told why there is none after so many failures in a row. */
const FAILURES_TOLD = 2;
/** Without a unit for so long the stream does not flow. */
const FLOWING_MS = 5_000;

export interface PullState {
  /** The revision whose pictures come; null: none yet. */
  readonly revision: number | null;
  readonly flowing: boolean;
  /** The last picture is shown in the camera's place. */
  readonly standsIn: boolean;
  readonly bytesReceived: number;
  /** Since the last picture of the camera came; null: none has. */
  readonly pictureMsAgo: number | null;
  readonly sessions: number;
  /** Why the last try of the wanted source ended; null: it has not. */
  readonly problem: Error | null;
}

export interface PullSource {
  readonly url: string;
  readonly revision: number;
}

/** One connection to a source. */
interface Run {
  readonly source: PullSource;
  readonly abort: AbortController;
  readonly sounds: SoundNote[];
  /** It gave pictures that were shown. */
  played: boolean;
}

export interface PullDeps {
  readonly av: Av;
  readonly clock: Clock;
  readonly encodings: Turns;
  /** For the time on a picture that stands in. */
  readonly timeZone: string;
  readonly onSegment: (segment: Segment) => void;
}

/**
 * One camera's pictures, pulled once for all its viewers. A new source is opened beside the one that plays and takes over
 * with its first key frame, on the same timeline; a source that dies is tried again for as long as this is open. Where a
 * stand-in is allowed, it is shown on that timeline, too, until pictures are back.
 */
export class Pull {
  readonly #av: Av;
  readonly #clock: Clock;
  readonly #segmenter: Segmenter;
  readonly #timeline = new Timeline();
  readonly #kept = new KeptUnits();
  readonly #standIn: StandIn;
  readonly #sessions = new Set<WhepSession>();
  readonly #waiting: (() => void)[] = [];
  readonly #closed = new AbortController();
  readonly #runs = new Set<Run>();
  readonly #taps = new Set<Tap>();
  #wanted: PullSource | null = null;
  #current: Run | null = null;
  #bytes = 0;
  #lastUnitAtMs = -Infinity;
  /** Tries of the wanted source that failed, one after another. */
  #failures = 0;
  #problem: Error | null = null;

  constructor(deps: PullDeps) {
    this.#av = deps.av;
    this.#clock = deps.clock;
    this.#segmenter = new Segmenter(deps.onSegment);
    this.#standIn = new StandIn({
      ...deps,
      begin: (picture, gapTicks) => this.#giveWay(picture, gapTicks),
      push: (unit) => this.#play(unit),
    });
  }

  /**
   * From now on this source is wanted; the one that plays goes on until it gives a key frame. null: none is to be pulled, so
   * only the stand-in is left.
   */
  setSource(source: PullSource | null, standsIn: boolean): void {
    this.#standIn.allow(standsIn);
    if (this.#wanted?.url === source?.url && this.#wanted?.revision === source?.revision) return;
    this.#wanted = source;
    this.#problem = null;
    this.#failures = 0;
    this.#end((run) => source === null || !run.played);
    if (source) void this.#follow(source);
    else this.#standIn.show();
  }

  close(): void {
    this.#closed.abort();
    this.#standIn.allow(false);
    this.#end(() => true);
    for (const session of [...this.#sessions]) session.close();
    this.#tell();
  }

  state(): PullState {
    const unitMsAgo = this.#clock.monotonicMs() - this.#lastUnitAtMs;
    const flowing = this.#current !== null && unitMsAgo < FLOWING_MS;
    return {
      revision: this.#current?.source.revision ?? null,
      flowing,
      standsIn: this.#standIn.shown,
      bytesReceived: this.#bytes,
      pictureMsAgo: Number.isFinite(unitMsAgo) ? Math.max(0, unitMsAgo) : null,
      sessions: this.#sessions.size,
      problem: this.#problem,
    };
  }

  /**
   * Resolves when pictures of this revision come; null: any picture, a stand-in too. Rejects with why not when `limitMs` are
   * over, when the source failed twice or for good, and when the signal fires; the tries themselves go on.
   */
  async arrived(revision: number | null, limitMs: number, signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const over = AbortSignal.any([limit.signal, signal, this.#closed.signal]);
    const cancel = this.#clock.after(limitMs, () => limit.abort());
    over.addEventListener('abort', this.#tell);
    try {
      while (!this.#shows(revision)) {
        const hopeless = this.#problem instanceof CameraError && this.#problem.failureClass === 'permanent';
        if (over.aborted || hopeless || this.#failures >= FAILURES_TOLD)
          throw this.#problem ?? streamErrors.noPicture();
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      cancel();
    }
  }

  /** Looks at the pictures that come already; `STREAM_NO_PICTURE` when they are not of this revision, or stop. */
  async prove(revision: number, signal: AbortSignal): Promise<StreamProof> {
    if (this.#current?.source.revision !== revision) throw streamErrors.noPicture();
    const tap = new Tap([...this.#current.sounds, ...this.#kept.units]);
    this.#taps.add(tap);
    signal.addEventListener('abort', tap.end);
    try {
      return await proveUnits(this.#av, this.#clock, tap);
    } finally {
      this.#taps.delete(tap);
      signal.removeEventListener('abort', tap.end);
    }
  }

  async addSession(offer: string, onEnd: () => void): Promise<{ session: WhepSession; answer: string }> {
    const session: WhepSession = new WhepSession(this.#av, {
      clock: this.#clock,
      offer,
      sinceKeyFrame: () => this.#kept.units,
      onEnd: () => {
        this.#sessions.delete(session);
        onEnd();
      },
    });
    const answer = await session.answer();
    this.#sessions.add(session);
    return { session, answer };
  }

  async #follow(source: PullSource): Promise<void> {
    while (this.#isWanted(source)) {
      const startedAtMs = this.#clock.monotonicMs();
      try {
        await this.#run(source);
        this.#problem = null;
      } catch (error) {
        if (this.#wanted === source) this.#problem = error instanceof Error ? error : streamErrors.noPicture(error);
      }
      if (!this.#isWanted(source)) return;
      if (this.#clock.monotonicMs() - startedAtMs > SETTLED_MS) this.#failures = 0;
      const waitMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0;
      this.#failures++;
      this.#tell();
      await sleep(this.#clock, waitMs, this.#closed.signal).catch(() => undefined);
    }
  }

  #isWanted(source: PullSource): boolean {
    return this.#wanted === source && !this.#closed.signal.aborted;
  }

  async #run(source: PullSource): Promise<void> {
    const run: Run = { source, abort: new AbortController(), sounds: [], played: false };
    this.#runs.add(run);
    try {
      for await (const unit of readSource(this.#av, source.url, STALL_MS, run.abort.signal)) {
        if (unit.kind === 'sound') {
          run.sounds.push(unit);
          continue;
        }
        this.#bytes += unit.data.length;
        if (this.#current !== run) {
          if (unit.kind !== 'video' || !unit.keyFrame) continue;
          this.#takeOver(run);
        }
        this.#lastUnitAtMs = this.#clock.monotonicMs();
        const placed = this.#play(unit);
        if (!placed) continue;
        this.#standIn.see(placed);
        for (const tap of this.#taps) tap.push(placed);
      }
    } finally {
      this.#runs.delete(run);
      if (this.#current === run) {
        this.#setCurrent(null);
        this.#standIn.sourceEnded();
      }
    }
  }

  /** This source's key frame is the next picture. */
  #takeOver(run: Run): void {
    run.played = true;
    this.#setCurrent(run);
    this.#standIn.stop();
    this.#standIn.sourceChanged();
    this.#timeline.join();
    this.#segmenter.cutNext();
    this.#problem = null;
    this.#end((other) => other !== run && (run.source === this.#wanted || other.source !== this.#wanted));
    this.#tell();
  }

  /** The stand-in is the next picture. A source that was only silent may take over again. */
  #giveWay({ sound }: StandInPicture, gapTicks: number): void {
    this.#setCurrent(null);
    if (sound) {
      // Silence until then belongs to what came before: players expect what follows to begin with sound and picture at once.
      const { config, silence } = sound;
      for (const dts of this.#timeline.soundGap(gapTicks, silenceTicks(silence)))
        this.#segmenter.push({ kind: 'audio', config, dts, data: silence.frame });
    }
    this.#timeline.join(gapTicks);
    this.#segmenter.cutNext();
    this.#tell();
  }

  #setCurrent(run: Run | null): void {
    this.#current = run;
    for (const tap of this.#taps) tap.end(); // what comes now is not what it was to look at
  }

  #end(which: (run: Run) => boolean): void {
    for (const run of this.#runs) if (which(run)) run.abort.abort();
  }

  #shows(revision: number | null): boolean {
    return revision === null
      ? this.#current !== null || this.#standIn.shown
      : this.#current?.source.revision === revision;
  }

  #play<T extends MediaUnit>(unit: T): T | null {
    const placed = this.#timeline.place(unit);
    if (!placed) return null;
    this.#segmenter.push(placed);
    if (placed.kind === 'video') {
      this.#kept.add(placed);
      for (const session of this.#sessions) session.send(placed);
    }
    return placed;
  }

  readonly #tell = (): void => {
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
