import type { Clock, Random } from '../core/clock.js';
import type { PullTarget } from '../core/pullTarget.js';
import { isSameSound, PullSource, type PulledPicture, type Puller } from './pullSource.js';
import { Readers } from './readers.js';
import type { RelayNews } from './relayNews.js';
import { LONGEST_MS, nextState, retryWaitMs, type RelayEvent, type RelayState } from './relayState.js';
import type { RelayUnit } from './rtmp/mediaReader.js';
import type { PullEnd } from './rtmp/rtmpPull.js';
import type { DescribedTracks } from './rtsp/sdp.js';
import type { ServedStream, StreamFrame, Visit } from './rtsp/served.js';
import { RelayTimeline } from './timeline.js';

/** Sound that is announced may never come; a description does not wait longer for it. */
const SOUND_WAIT_MS = 500;
/** A source beside the one in force that brings no key frame is tried again. */
const FIRST_KEY_MS = 20_000;
/** A source that lasted shorter does not count as a success: it is not tried again at once. */
const LASTING_MS = 10_000;
const LOOK_MS = 250;
/** Without a picture the last key frame is repeated: so often while bridging, */
const REPEAT_MS = 1_000;
/** and so late while a source is there, */
const LIVE_REPEAT_MS = 4_000;
/** or after so many steps of a slow one. MediaMTX ends a source that is silent for ten seconds; sender reports count, too. */
const LATE_STEPS = 3;

export interface RelayStreamOptions {
  readonly pull: Puller;
  readonly clock: Clock;
  readonly random: Random;
  readonly onNews?: (news: RelayNews) => void;
}

/** One camera: pulled while it is read, from whatever target is in force, as one stream that does not break. */
export class RelayStream implements ServedStream {
  readonly #options: RelayStreamOptions;
  readonly #readers = new Readers(() => this.#go('left'));
  #state: RelayState = 'idle';
  #target: PullTarget | null = null;
  /** What readers are told; fixed while somebody reads. */
  #known: DescribedTracks | null = null;
  /** Of the source in force last. */
  #seen: DescribedTracks | null = null;
  #live: PullSource | null = null;
  /** Pulled beside the source in force, or while there is none. */
  #next: PullSource | null = null;
  readonly #stops = new Map<PullSource, () => void>();
  #refused: number | null = null;
  #attempts = 0;
  #timeline = new RelayTimeline();
  #lastKey: readonly Buffer[] | null = null;
  #lastPictureMs = 0;
  /** A repeated key frame stands between the source's pictures, so that a decoder cannot go on but at the next one. */
  #needsKey = false;
  #cancelRetry: (() => void) | null = null;
  #cancelState: () => void = () => undefined;
  #cancelLook: () => void = () => undefined;

  constructor(options: RelayStreamOptions) {
    this.#options = options;
  }

  get state(): RelayState {
    return this.#state;
  }

  /** The revision whose pictures go out; null: none. */
  get revision(): number | null {
    return this.#live?.target.revision ?? null;
  }

  /** null: there is no address; what is pulled goes on to its end. */
  setTarget(target: PullTarget | null): void {
    const isSame = target?.revision === this.#target?.revision && target?.url === this.#target?.url;
    this.#target = target;
    if (isSame) return;
    this.#attempts = 0;
    this.#refused = null;
    this.#stopRetry();
    if (this.#next) this.#drop(this.#next);
    this.#pullWhereWanted();
  }

  visit(onEnd: () => void): Visit {
    const visit = this.#readers.add(onEnd, () => this.#known);
    this.#go('visited');
    return visit;
  }

  stop(): void {
    this.#go('left');
  }

  /** The one place where the state changes. */
  #go(event: RelayEvent): void {
    const before = this.#state;
    const state = nextState(before, event);
    if (state === before) return;
    this.#state = state;
    this.#cancelState();
    const longestMs = LONGEST_MS[state];
    this.#cancelState =
      longestMs === undefined ? () => undefined : this.#options.clock.after(longestMs, () => this.#go('time-over'));
    this.#tell({ kind: 'state', state });
    if (state === 'idle') this.#rest(before === 'opening' && event === 'time-over');
    else if (before === 'idle') this.#look();
    this.#pullWhereWanted();
  }

  /** `wasNever`: a cold source sent nothing, so the next reader is told nothing before it does. */
  #rest(wasNever: boolean): void {
    this.#cancelLook();
    this.#stopRetry();
    for (const source of [...this.#stops.keys()]) this.#drop(source);
    this.#known = wasNever ? null : (this.#seen ?? this.#known);
    if (wasNever) this.#seen = null;
    this.#timeline = new RelayTimeline();
    this.#lastKey = null;
    this.#needsKey = false;
    this.#attempts = 0;
    this.#refused = null;
    this.#readers.endAll();
  }

  #pullWhereWanted(): void {
    const target = this.#target;
    if (this.#state === 'idle' || target === null || this.#next || this.#cancelRetry) return;
    if (this.#live && (this.#live.target.revision === target.revision || this.#refused === target.revision)) return;
    if (target.endsAt !== null && target.endsAt <= this.#options.clock.now()) return;
    const waitMs = retryWaitMs(this.#attempts, this.#options.random());
    if (waitMs === 0) this.#pull(target);
    else
      this.#cancelRetry = this.#options.clock.after(waitMs, () => {
        this.#cancelRetry = null;
        if (this.#target) this.#pull(this.#target);
      });
  }

  #pull(target: PullTarget): void {
    const source = new PullSource(target);
    this.#next = source;
    const pull = this.#options.pull(target, {
      onUnit: (unit) => this.#take(source, unit),
      onEnd: (end) => this.#ended(source, end),
    });
    const cancel = this.#options.clock.after(FIRST_KEY_MS, () => {
      if (source !== this.#next) return;
      if (source.isHolding) this.#takeOver(source);
      else this.#ended(source, 'no-key-frame');
    });
    this.#stops.set(source, () => {
      cancel();
      pull.stop();
    });
  }

  #drop(source: PullSource): void {
    this.#stops.get(source)?.();
    this.#stops.delete(source);
    if (this.#next === source) this.#next = null;
    if (this.#live === source) this.#live = null;
  }

  #ended(source: PullSource, end: PullEnd | 'no-key-frame'): void {
    if (!this.#stops.has(source)) return;
    const wasLive = this.#live === source;
    this.#drop(source);
    this.#tell({ kind: 'pull-over', revision: source.target.revision, end });
    const lasted = source.sinceMs !== null && this.#options.clock.monotonicMs() - source.sinceMs >= LASTING_MS;
    this.#attempts = lasted ? 0 : this.#attempts + 1;
    if (wasLive) {
      this.#go('pull-over');
      if (this.#next?.isHolding) this.#takeOver(this.#next);
    } else this.#pullWhereWanted();
  }

  #take(source: PullSource, unit: RelayUnit): void {
    // Dropped a moment ago, in the middle of what it had received.
    if (!this.#stops.has(source)) return;
    switch (unit.kind) {
      case 'picture-setup':
        source.picture = unit.setup;
        break;
      case 'sound-setup':
        source.sound = unit.setup;
        this.#settleTracks(source);
        break;
      case 'left-out':
        this.#tell(unit);
        break;
      case 'picture':
        if (!unit.isKey || this.#isAsTold(source)) this.#takePicture(source, unit);
        break;
      case 'sound':
        if (source === this.#live) this.#sendSound(source, unit.timeMs, unit.data);
    }
  }

  /** Beside a source in force, another one waits until its pictures are of now; without one it is taken as it is. */
  #takePicture(source: PullSource, unit: PulledPicture): void {
    if (source === this.#live) {
      this.#sendPicture(source, unit);
      return;
    }
    const isOfNow = source.hold(unit, this.#options.clock.monotonicMs());
    if (source.isHolding && (isOfNow || this.#live === null)) this.#takeOver(source);
  }

  /** At a key frame: sees to it that the codec is what the readers know. */
  #isAsTold(source: PullSource): boolean {
    const codec = source.picture?.codec;
    const { revision } = source.target;
    if (codec === undefined) return false;
    const told = this.#known?.picture?.codec;
    if (told !== undefined && told !== codec) {
      if (source !== this.#live && this.#live !== null) {
        this.#refused = revision;
        this.#drop(source);
        this.#tell({ kind: 'refused', revision, codec });
        return false;
      }
      this.#seen = { picture: source.picture, sound: source.sound };
      this.#tell({ kind: 'rebuilt', revision });
      this.#go('rebuilt');
      return false;
    }
    return true;
  }

  #takeOver(source: PullSource): void {
    if (this.#live) this.#drop(this.#live);
    this.#next = null;
    this.#live = source;
    source.sinceMs = this.#options.clock.monotonicMs();
    this.#timeline.join();
    this.#tell({ kind: 'taken-over', revision: source.target.revision });
    this.#go('key-frame');
    // Who waits is told within half a second, with sound or without.
    if (source.target.tracks?.audio === null || source.sound) this.#settleTracks(source);
    else this.#options.clock.after(SOUND_WAIT_MS, () => this.#settleTracks(source));
    for (const picture of source.release()) this.#sendPicture(source, picture);
  }

  #settleTracks(source: PullSource): void {
    if (source !== this.#live) return;
    this.#seen = { picture: source.picture, sound: source.sound };
    if (this.#known !== null) return;
    this.#known = this.#seen;
    this.#readers.tell(this.#known);
  }

  #sendPicture(source: PullSource, unit: PulledPicture): void {
    if (this.#needsKey && !unit.isKey) return;
    this.#needsKey = false;
    const nowMs = this.#options.clock.monotonicMs();
    const { presentMs } = this.#timeline.picture(unit.decodeMs, unit.offsetMs, nowMs);
    const units = source.unitsOf(unit);
    if (unit.isKey) this.#lastKey = units;
    this.#send({ kind: 'picture', presentMs, isKey: unit.isKey, units }, nowMs);
  }

  /** Sound of another form than the readers know is left out until nobody reads. */
  #sendSound(source: PullSource, sourceMs: number, data: Buffer): void {
    if (this.#known !== null && !isSameSound(this.#known.sound, source.sound)) return;
    const timeMs = this.#timeline.sound(sourceMs, this.#options.clock.monotonicMs());
    if (timeMs !== null) this.#readers.send({ kind: 'sound', timeMs, data });
  }

  #look(): void {
    this.#cancelLook = this.#options.clock.after(LOOK_MS, () => {
      this.#repeatWhereLate();
      this.#look();
    });
  }

  #repeatWhereLate(): void {
    if (this.#lastKey === null) return;
    const nowMs = this.#options.clock.monotonicMs();
    const lateMs = Math.max(LIVE_REPEAT_MS, LATE_STEPS * this.#timeline.stepMs);
    const longestMs = this.#state === 'bridging' ? REPEAT_MS : lateMs;
    if (nowMs - this.#lastPictureMs < longestMs) return;
    this.#needsKey = true;
    const { presentMs } = this.#timeline.repeat(nowMs);
    this.#send({ kind: 'picture', presentMs, isKey: true, units: this.#lastKey }, nowMs);
  }

  #send(frame: StreamFrame, nowMs: number): void {
    this.#lastPictureMs = nowMs;
    this.#readers.send(frame);
  }

  #stopRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #tell(news: RelayNews): void {
    this.#options.onNews?.(news);
  }
}
