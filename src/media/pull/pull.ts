import type { Clock } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';
import type { RelayReason } from '../../core/streams/relay.js';
import type { Av } from '../av.js';
import type { PullSource, PullState } from './pullState.js';
import { proveUnits, type StreamProof } from './prove.js';
import type { Segment } from '../formats/segmenter.js';
import { readSource } from './source.js';
import { SourceTries } from './sourceTries.js';
import { StandIn, type LastSeen, type StandInRules } from '../pictures/standIn.js';
import { SourceEnd, streamErrors } from '../streamErrors.js';
import { Tap } from './tap.js';
import type { Turns } from '../turns.js';
import type { SoundNote, VideoUnit } from '../formats/units.js';
import { ViewerStream } from '../viewers/viewerStream.js';
import type { WhepSession } from '../viewers/whepSession.js';

/** A source that is silent for so long is dead. */
const STALL_MS = 10_000;
/** Who waits for a picture is told why there is none after so many failures in a row. */
const FAILURES_TOLD = 3;
/** Without a unit for so long the stream does not flow. */
const FLOWING_MS = 5_000;

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
  /** What was seen of the camera when it was pulled before; null: nothing is known. */
  readonly lastSeen: LastSeen | null;
  readonly onSegment: (segment: Segment) => void;
  /** The stand-in was shown for as long as it may be. The sessions have ended; whoever plays HLS is to be told. */
  readonly onGone: () => void;
}

/**
 * One camera's pictures, pulled once for all its viewers. A new source is opened beside the one that plays and takes over
 * with its first key frame, on the same timeline; a source that dies is tried again for as long as this is open. Meanwhile its last
 * picture stands in, on that timeline, too.
 */
export class Pull {
  readonly #av: Av;
  readonly #clock: Clock;
  readonly #onGone: () => void;
  readonly #stream: ViewerStream;
  readonly #standIn: StandIn;
  readonly #waiting: (() => void)[] = [];
  readonly #closed = new AbortController();
  readonly #runs = new Set<Run>();
  readonly #taps = new Set<Tap>();
  readonly #tries: SourceTries<PullSource>;
  #current: Run | null = null;
  #rules: StandInRules | null = null;
  /** Nothing was shown yet, or not since the camera was given up. */
  #isCold = true;
  #bytes = 0;
  #lastUnitAtMs = -Infinity;
  #problem: Error | null = null;

  constructor(deps: PullDeps) {
    this.#av = deps.av;
    this.#clock = deps.clock;
    this.#onGone = deps.onGone;
    this.#stream = new ViewerStream(deps);
    this.#tries = new SourceTries<PullSource>({
      clock: deps.clock,
      run: (source, began) => this.#run(source, began),
      failed: (_source, error) => this.#failed(error),
    });
    const { lastSeen } = deps;
    const begin = (): void => this.#giveWay(lastSeen);
    const push = (unit: VideoUnit): void => void this.#stream.play(unit, true);
    this.#standIn = new StandIn({ ...deps, begin, push, over: () => this.#over() }, lastSeen);
  }

  /**
   * From now on this source is wanted; the one that plays goes on until it gives a key frame. null: none is to be pulled. What plays
   * goes on to its end, unless `rules` show a stand-in for it at once.
   */
  setSource(source: PullSource | null, rules: StandInRules): void {
    const { wanted } = this.#tries;
    this.#rules = rules;
    const isSame = wanted?.url === source?.url && wanted?.revision === source?.revision;
    if (!isSame) {
      this.#problem = null;
      this.#end((run) => !run.played || (source === null && rules.whenCold));
      this.#tries.want(source);
    }
    this.#followRules();
    if (source === null && this.#current === null) this.#standIn.show();
    this.#tell();
  }

  /** Whether anybody watches: else a camera that is away is tried more slowly, and its stream may take on another sound. */
  setWatched(isWatched: boolean): void {
    this.#tries.setWatched(isWatched);
    this.#stream.setWatched(isWatched);
  }

  /** What a later pull may show when no address is in force; null: it was never seen, or was given up. */
  lastSeen(): LastSeen | null {
    return this.#standIn.lastSeen(this.#stream.sound);
  }

  close(): void {
    this.#closed.abort();
    this.#tries.want(null);
    this.#standIn.follow(null);
    this.#end(() => true);
    this.#stream.end();
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
      sessions: this.#stream.sessions,
      problem: this.#problem,
      reason: flowing ? null : this.#reason(),
    };
  }

  /**
   * Resolves when pictures of this revision come; null: any picture, a stand-in too. Rejects with why not when `limitMs` are
   * over, when the source failed again and again or for good, when there is none and nothing to stand in for it, and when the signal
   * fires; the tries themselves go on.
   */
  async arrived(revision: number | null, limitMs: number, signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const over = AbortSignal.any([limit.signal, signal, this.#closed.signal]);
    const cancel = this.#clock.after(limitMs, () => limit.abort());
    over.addEventListener('abort', this.#tell);
    try {
      while (!this.#shows(revision)) {
        if (over.aborted || this.#isHopeless(revision)) throw this.#problem ?? streamErrors.noPicture();
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      cancel();
    }
  }

  /** Looks at the pictures that come already; `STREAM_NO_PICTURE` when they are not of this revision, or stop. */
  async prove(revision: number, signal: AbortSignal): Promise<StreamProof> {
    if (this.#current?.source.revision !== revision) throw streamErrors.noPicture();
    const tap = new Tap([...this.#current.sounds, ...this.#stream.sinceKeyFrame]);
    this.#taps.add(tap);
    signal.addEventListener('abort', tap.end);
    try {
      return await proveUnits(this.#av, this.#clock, tap);
    } finally {
      this.#taps.delete(tap);
      signal.removeEventListener('abort', tap.end);
    }
  }

  addSession(offer: string, onEnd: () => void): Promise<{ session: WhepSession; answer: string }> {
    return this.#stream.addSession(offer, onEnd);
  }

  async #run(source: PullSource, began: (atMs: number) => void): Promise<void> {
    const run: Run = { source, abort: new AbortController(), sounds: [], played: false };
    this.#runs.add(run);
    try {
      for await (const unit of readSource(this.#av, this.#clock, source.url, STALL_MS, run.abort.signal)) {
        if (unit.kind === 'sound') {
          run.sounds.push(unit);
          continue;
        }
        this.#bytes += unit.data.length;
        const isFirst = this.#current !== run;
        if (isFirst) {
          if (unit.kind !== 'video' || !unit.keyFrame) continue;
          if (!run.played) began(this.#clock.monotonicMs());
          this.#takeOver(run);
        }
        this.#lastUnitAtMs = this.#clock.monotonicMs();
        const placed = this.#stream.play(unit, isFirst);
        if (!placed) continue;
        if (placed.kind === 'video') this.#standIn.see(placed);
        for (const tap of this.#taps) tap.push(placed);
      }
    } finally {
      this.#runs.delete(run);
      if (this.#current === run) {
        this.#setCurrent(null);
        this.#standIn.sourceEnded();
        if (this.#tries.wanted === null) this.#standIn.show();
      }
    }
  }

  #failed(error: unknown): void {
    this.#problem = error === null ? null : error instanceof Error ? error : streamErrors.noPicture(error);
    this.#tell();
  }

  /** This source's key frame is the next picture. */
  #takeOver(run: Run): void {
    const { wanted } = this.#tries;
    run.played = true;
    this.#setCurrent(run);
    this.#isCold = false;
    this.#followRules();
    this.#standIn.stop();
    this.#standIn.sourceChanged();
    this.#stream.join();
    this.#problem = null;
    this.#end((other) => other !== run && (run.source === wanted || other.source !== wanted));
    this.#tell();
  }

  /** A stand-in is the next picture. A source that was only silent may take over again. */
  #giveWay(lastSeen: LastSeen | null): void {
    if (this.#isCold && lastSeen?.sound) this.#stream.beginWith(lastSeen.sound);
    this.#isCold = false;
    this.#setCurrent(null);
    this.#stream.join();
    this.#tell();
  }

  /** The camera is given up until its pictures come again. */
  #over(): void {
    this.#isCold = true;
    this.#stream.end();
    this.#followRules();
    this.#onGone();
  }

  /** While a source is opened for viewers who have seen nothing yet, none are shown an old picture, unless the rules say so. */
  #followRules(): void {
    const isAllowed = this.#rules && (this.#rules.whenCold || !this.#isCold || this.#tries.wanted === null);
    this.#standIn.follow(isAllowed ? this.#rules : null);
  }

  #isHopeless(revision: number | null): boolean {
    if (revision === null && this.#standIn.willShow) return false;
    if (this.#tries.wanted === null) return true;
    const isPermanent = this.#problem instanceof CameraError && this.#problem.failureClass === 'permanent';
    return isPermanent || this.#tries.failures >= FAILURES_TOLD;
  }

  #reason(): RelayReason | null {
    if (this.#tries.wanted === null) return 'no-address';
    if (this.#problem) return this.#problem instanceof SourceEnd ? this.#problem.reason : null;
    return this.#standIn.shown && this.#runs.size > 0 ? 'silence' : null;
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

  readonly #tell = (): void => {
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
