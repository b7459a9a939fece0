import type { StandInRules } from '../../core/streams/standInRules.js';
import type { Clock } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';
import type { RelayReason } from '../../core/streams/relay.js';
import type { Av } from '../av.js';
import type { PulledUrl, PullState } from './pullState.js';
import { proveUnits, type StreamProof } from './prove.js';
import type { Segment } from '../formats/segmenter.js';
import { readSource } from './source.js';
import { SourceTries } from './sourceTries.js';
import { StandIn, type LastPicture } from '../pictures/standIn.js';
import { SourceEnd, streamErrors } from '../streamErrors.js';
import { Tap } from './tap.js';
import type { Turns } from '../turns.js';
import type { SoundNote, VideoUnit } from '../formats/units.js';
import { ViewerStream } from '../viewers/viewerStream.js';
import type { WhepSession } from '../viewers/whepSession.js';

/** A source that sends nothing for this long has failed. */
const STALL_MS = 10_000;
/** After this many failures in a row, callers of `arrived` get the reason instead of waiting longer. */
const HOPELESS_FAILURES = 3;
/** Without a unit for this long the pull counts as not flowing. */
const FLOWING_MS = 5_000;

/** One connection to a source. */
interface Run {
  readonly source: PulledUrl;
  readonly abort: AbortController;
  readonly sounds: SoundNote[];
  /** True: its pictures were shown to viewers. */
  played: boolean;
}

export interface PullDeps {
  readonly av: Av;
  readonly clock: Clock;
  readonly encodings: Turns;
  /** IANA name of the time zone for the label of a stand-in. */
  readonly timeZone: string;
  /** The camera's last picture from an earlier pull; null: none is known. */
  readonly lastSeen: LastPicture | null;
  /** Segments are MPEG-TS of at least this length; null: fragmented MP4. */
  readonly segmentMs: number | null;
  readonly onSegment: (segment: Segment) => void;
  /** Called when the stand-in was shown for as long as it may be. WebRTC sessions have ended; the caller ends HLS players. */
  readonly onGone: () => void;
}

/**
 * The pull of one camera, once for all its viewers. A new source is opened beside the current one and takes over with its first key
 * frame, on the same timeline. A source that fails is tried again for as long as the pull is open; meanwhile the camera's last picture
 * is shown as a stand-in, on that timeline too.
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
  readonly #tries: SourceTries<PulledUrl>;
  #current: Run | null = null;
  #rules: StandInRules | null = null;
  #withoutSound = false;
  /** True: no picture was shown yet, or none since the stand-in ended. */
  #isCold = true;
  #bytes = 0;
  #lastUnitAtMs = -Infinity;
  #problem: Error | null = null;

  constructor(deps: PullDeps) {
    this.#av = deps.av;
    this.#clock = deps.clock;
    this.#onGone = deps.onGone;
    this.#stream = new ViewerStream(deps);
    this.#tries = new SourceTries<PulledUrl>({
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
   * Sets the source to pull. The current source goes on until the new one gives a key frame. null: no source is to be pulled; the current
   * one goes on to its end, unless `rules.whenCold` replaces it with a stand-in at once.
   */
  setSource(source: PulledUrl | null, rules: StandInRules): void {
    const { wanted } = this.#tries;
    this.#rules = rules;
    // At once, also of a pull that goes on.
    if (source !== null) this.#withoutSound = source.withoutSound === true;
    const isSame = wanted?.url === source?.url && wanted?.revision === source?.revision;
    if (!isSame) {
      this.#problem = null;
      this.#end((run) => !run.played || (source === null && rules.whenCold));
      this.#tries.want(source);
    }
    this.#followRules();
    if (source === null && this.#current === null) this.#standIn.show();
    this.#wakeWaiting();
  }

  /** Sets whether the camera has viewers. Without viewers, a camera that is away is tried less often, and its stream may change its sound. */
  setWatched(isWatched: boolean): void {
    this.#tries.setWatched(isWatched);
    this.#stream.setWatched(isWatched);
  }

  /** The camera's last picture, which a later pull may show while there is no lease; null: none was seen, or its stand-in was shown to the end. */
  lastSeen(): LastPicture | null {
    return this.#standIn.lastSeen(this.#stream.sound);
  }

  close(): void {
    this.#closed.abort();
    this.#tries.want(null);
    this.#standIn.follow(null);
    this.#end(() => true);
    this.#stream.end();
    this.#wakeWaiting();
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
   * Resolves when pictures of this revision come (null: any picture, also a stand-in). Rejects with the reason after `limitMs`, when the
   * signal fires, when the source failed `FAILURES_TOLD` times or for good, and when there is neither a source nor a stand-in. The tries
   * go on in any case.
   */
  async arrived(revision: number | null, limitMs: number, signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const over = AbortSignal.any([limit.signal, signal, this.#closed.signal]);
    const cancel = this.#clock.after(limitMs, () => limit.abort());
    over.addEventListener('abort', this.#wakeWaiting);
    try {
      while (!this.#shows(revision)) {
        if (over.aborted || this.#isHopeless(revision)) throw this.#problem ?? streamErrors.noPicture();
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      cancel();
    }
  }

  /** Proves a lease by the pictures of the current source. Throws `STREAM_NO_PICTURE` when that source has another revision, or ends. */
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

  async #run(source: PulledUrl, began: (atMs: number) => void): Promise<void> {
    const run: Run = { source, abort: new AbortController(), sounds: [], played: false };
    this.#runs.add(run);
    try {
      for await (const unit of readSource(this.#av, this.#clock, source.url, STALL_MS, run.abort.signal)) {
        if (this.#withoutSound && unit.kind !== 'video') continue;
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
    this.#wakeWaiting();
  }

  /** Makes this source the current one; its key frame is the next picture. */
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
    this.#wakeWaiting();
  }

  /** Makes room for a stand-in, which is the next picture. The source keeps running, and takes over again when its pictures come. */
  #giveWay(lastSeen: LastPicture | null): void {
    if (this.#isCold && lastSeen?.sound) this.#stream.beginWith(lastSeen.sound);
    this.#isCold = false;
    this.#setCurrent(null);
    this.#stream.join();
    this.#wakeWaiting();
  }

  /** Ends the stream for its viewers, after the stand-in was shown as long as it may, until the camera's pictures come again. */
  #over(): void {
    this.#isCold = true;
    this.#stream.end();
    this.#followRules();
    this.#onGone();
  }

  /** Allows the stand-in, except while a source is being opened for viewers who have seen no picture yet (`whenCold` allows it there too). */
  #followRules(): void {
    const isAllowed = this.#rules && (this.#rules.whenCold || !this.#isCold || this.#tries.wanted === null);
    this.#standIn.follow(isAllowed ? this.#rules : null);
  }

  #isHopeless(revision: number | null): boolean {
    if (revision === null && this.#standIn.willShow) return false;
    if (this.#tries.wanted === null) return true;
    const isPermanent = this.#problem instanceof CameraError && this.#problem.failureClass === 'permanent';
    return isPermanent || this.#tries.failures >= HOPELESS_FAILURES;
  }

  #reason(): RelayReason | null {
    if (this.#tries.wanted === null) return 'no-address';
    if (this.#problem) return this.#problem instanceof SourceEnd ? this.#problem.reason : null;
    return this.#standIn.shown && this.#runs.size > 0 ? 'silence' : null;
  }

  #setCurrent(run: Run | null): void {
    this.#current = run;
    for (const tap of this.#taps) tap.end(); // the next pictures are not of the source that the proof is about
  }

  #end(which: (run: Run) => boolean): void {
    for (const run of this.#runs) if (which(run)) run.abort.abort();
  }

  #shows(revision: number | null): boolean {
    return revision === null
      ? this.#current !== null || this.#standIn.shown
      : this.#current?.source.revision === revision;
  }

  readonly #wakeWaiting = (): void => {
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
