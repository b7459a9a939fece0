import { GONE_MS } from '../../core/camera/whenGone.js';
import type { Clock, Random } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayCamera, RelayedCamera } from '../../core/streams/relay.js';
import { Output, SLOW_STEP_MS } from '../output/output.js';
import { Readers } from '../output/readers.js';
import type { Caps } from '../pull/caps.js';
import type { Puller } from '../pull/puller.js';
import { Pulls } from '../pull/pulls.js';
import type { PulledPicture, PullSource } from '../pull/pullSource.js';
import type { RelayNews } from '../pull/relayNews.js';
import { LONGEST_MS, nextState, type RelayEvent, type RelayState } from '../pull/relayState.js';
import type { RelayUnit } from '../units/relayUnit.js';
import type { VisitedStream, Visit } from '../rtsp/served.js';
import { Bridge } from './bridge.js';
import { Candidates } from './candidates.js';
import { SOUND_WAIT_MS } from './candidateStream.js';
import { ReaderTracks } from './readerTracks.js';

/** A source in force without pictures for this long, or for this many picture steps of a slow source, is closed and pulled again. */
const PICTURELESS_MS = 20_000;
const PICTURELESS_STEPS = 5;
const MOST_PICTURELESS_MS = 120_000;
/** After this long without pictures, the camera's place in its group may go to another camera. */
const LONG_GONE_MS = 5_000;

export interface RelayStreamOptions {
  readonly pull: Puller;
  /** For openings; absent: by `pull`. */
  readonly openingPull?: Puller;
  readonly clock: Clock;
  readonly random: Random;
  /** Shared by all streams of the process. */
  readonly caps: Caps;
  readonly onNews?: (news: RelayNews) => void;
  /** How long after PLAY a reader gets its first frames; absent: at once. */
  readonly beginsAfterMs?: number;
}

const NOBODY: RelayCamera = { target: null, candidate: null, whenGone: 'slate', cap: null };
/** The visit of a reader that is turned away. */
const TURNED_AWAY: Visit = {
  tracks: () => Promise.resolve(null),
  play: () => undefined,
  leave: () => undefined,
};

/** The stream of one camera: pulled while it has readers, from the lease in force, and unbroken when the lease changes. */
export class RelayStream implements VisitedStream {
  readonly #options: RelayStreamOptions;
  readonly #readers: Readers;
  readonly #output: Output;
  readonly #pulls: Pulls;
  readonly #tracks = new ReaderTracks();
  readonly #bridge: Bridge;
  readonly #candidates: Candidates;
  #camera = NOBODY;
  #state: RelayState = 'idle';
  #isOver = false;
  /** When pictures stopped, or when the slate of a camera without a lease began (monotonic ms). */
  #bridgingSinceMs = 0;
  #cancelState: () => void = () => undefined;

  constructor(options: RelayStreamOptions) {
    this.#options = options;
    const { clock, random, caps, pull, openingPull = pull, beginsAfterMs: afterMs = 0 } = options;
    this.#readers = new Readers({
      onLastLeft: () => this.#go('left'),
      ...(afterMs > 0 ? { begins: { clock, afterMs } } : {}),
    });
    const onNews = (news: RelayNews): void => this.#report(news);
    this.#output = new Output(this.#readers, clock, { isUnbroken: true });
    this.#candidates = new Candidates({ clock, pull, openingPull, onNews, stream: () => this.#pulls });
    this.#bridge = new Bridge({
      ...{ clock, onNews, output: this.#output, tracks: this.#tracks },
      isBridging: () => this.#state === 'bridging',
      onCheck: () => this.#check(),
    });
    this.#pulls = new Pulls({
      ...{ clock, random, caps, onNews },
      open: (target) => this.#candidates.forStream(target),
      isWanted: () => this.#state !== 'idle',
      isLongGone: () => (this.#output.picturelessMs ?? Number.POSITIVE_INFINITY) >= LONG_GONE_MS,
      onUnit: (source, unit) => this.#take(source, unit),
      onLiveOver: () => this.#liveOver(),
      onLate: (source) => this.#takeOver(source),
    });
  }

  get state(): RelayState {
    return this.#state;
  }

  /** The revision of the lease whose pictures go out; null: none. */
  get revision(): number | null {
    return this.#pulls.live?.target.revision ?? null;
  }

  /** The source in force goes on until the new target takes over at a key frame; without a target it goes on to its end. */
  setCamera(camera: RelayCamera): void {
    if (this.#isOver) return;
    this.#camera = camera;
    this.#candidates.setLeases(camera);
    this.#pulls.setTarget(camera.target, camera.cap);
    this.#standInWhereNoAddress();
    this.#candidates.beginWhereWanted();
  }

  /** `units`: an H.264 key frame with its parameter sets, without start codes. No units remove the slate. */
  setSlate(units: readonly Buffer[]): void {
    this.#bridge.setSlate(units);
  }

  visit(onEnd: () => void): Visit {
    if (this.#isOver) return TURNED_AWAY;
    if (this.#state === 'dark') {
      this.#watchState();
      return TURNED_AWAY;
    }
    const visit = this.#readers.add(onEnd, () => this.#tracks.given);
    this.#go('visited');
    return visit;
  }

  /** The stream of one lease alone, for its proof; null: the revision is neither the candidate nor in force. */
  candidate(revision: number): VisitedStream | null {
    return this.#candidates.of(revision);
  }

  /** The pull of a target for an opening, shared with the readers of the camera; `lastKey`: its latest key frame, where it is in force. */
  opening(target: PullTarget): { readonly source: PullSource; readonly lastKey: readonly Buffer[] | null } {
    const source = this.#candidates.forOpening(target);
    return { source, lastKey: source === this.#pulls.live ? this.#output.lastKey : null };
  }

  /** The state for the control port; null: no reader uses the camera or was just turned away from it. */
  seen(): RelayedCamera | null {
    const state = this.#state;
    if (state === 'idle' || state === 'ready') return null;
    const { bytesReceived, quietMs, reason, protocolFailures, endedPulls } = this.#pulls;
    const readers = this.#readers.count;
    const { stepMs } = this.#output;
    return {
      ...{ state, revision: this.revision, readers, bytesReceived, quietMs, reason, protocolFailures },
      ...(endedPulls > 0 && { endedPulls }),
      ...(stepMs >= SLOW_STEP_MS && { slowStepMs: Math.round(stepMs) }),
    };
  }

  /** Ends the stream for good, as for a removed camera: its readers are ended, and it pulls and serves no more. */
  end(): void {
    this.#isOver = true;
    this.#camera = NOBODY;
    this.#candidates.setLeases(NOBODY);
    this.#toIdle();
  }

  /** Changes the state by an event. Apart from `#toIdle`, nothing else changes it. */
  #go(event: RelayEvent): void {
    const before = this.#state;
    const state = nextState(before, event);
    if (state === before) return;
    this.#state = state;
    this.#watchState();
    if (state === 'bridging') this.#bridgingSinceMs = this.#options.clock.monotonicMs();
    this.#report({ kind: 'state', state });
    if (state === 'idle') this.#rest();
    else if (state === 'dark') this.#turnDark(before);
    else if (before === 'idle') this.#bridge.start();
    this.#pulls.pullWhereWanted();
    this.#standInWhereNoAddress();
  }

  #toIdle(): void {
    if (this.#state === 'idle') return;
    this.#state = 'idle';
    this.#report({ kind: 'state', state: 'idle' });
    this.#rest();
  }

  #watchState(): void {
    this.#cancelState();
    const longestMs = LONGEST_MS[this.#state];
    this.#cancelState =
      longestMs === undefined ? () => undefined : this.#options.clock.after(longestMs, () => this.#go('time-over'));
  }

  #rest(): void {
    this.#cancelState();
    this.#bridge.stop();
    this.#pulls.rest();
    this.#tracks.renew();
    this.#endReaders();
  }

  /** Ends the readers. A cold source has sent nothing, so the next reader learns the tracks only when it does. */
  #turnDark(before: RelayState): void {
    if (before === 'opening') this.#tracks.forget();
    this.#endReaders();
  }

  #endReaders(): void {
    this.#output.reset();
    this.#readers.endAll();
  }

  /** A camera without a lease shows its slate. Where it has no slate either, its readers are ended at once. */
  #standInWhereNoAddress(): void {
    if (this.#state !== 'opening' || this.#pulls.hasAddress || this.#pulls.next) return;
    const setup = this.#bridge.slateSetup;
    if (setup === null || this.#camera.whenGone === 'end') {
      this.#go('time-over');
      return;
    }
    this.#tracks.settleSlate(setup);
    this.#go('stand-in');
    this.#bridge.sendWhatIsMissing();
    if (this.#tracks.given) this.#readers.giveTracks(this.#tracks.given);
  }

  #liveOver(): void {
    this.#go('pull-over');
    const { next } = this.#pulls;
    if (next?.isHolding) this.#takeOver(next);
    this.#pulls.pullWhereWanted();
    this.#candidates.beginWhereWanted();
  }

  get #isSilent(): boolean {
    return this.#camera.sound === 'off';
  }

  #take(source: PullSource, unit: RelayUnit): void {
    switch (unit.kind) {
      case 'sound-setup':
        this.#settleTracks(source);
        break;
      case 'left-out':
        this.#report(unit);
        // A source whose only picture track is left out can never be shown.
        if (unit.track === 'picture' && source.picture === null) this.#pulls.giveUp(source, 'codec');
        break;
      case 'picture':
        if (!unit.isKey || this.#fitsReaders(source)) this.#takePicture(source, unit);
        break;
      case 'sound':
        if (source === this.#pulls.live && !this.#isSilent) this.#sendSound(source, unit.timeMs, unit.data);
        break;
      case 'picture-setup': // the source keeps it
        break;
    }
  }

  /** Sends a picture of the source in force. The next source takes over once its pictures are live, or at once if no source is in force. */
  #takePicture(source: PullSource, unit: PulledPicture): void {
    if (source === this.#pulls.live) this.#output.picture(source, unit);
    else if (source.isOfNow || (source.isHolding && this.#pulls.live === null)) this.#takeOver(source);
  }

  /**
   * Checks, at a key frame, that the codec is the one that the readers know. Else the next source is refused while another one is in force
   * (false); without one, the readers are ended, so that they come again for the new codec (true).
   */
  #fitsReaders(source: PullSource): boolean {
    const codec = source.picture?.codec;
    const { revision } = source.target;
    if (codec === undefined) return false;
    if (!this.#tracks.contradicts(codec)) return true;
    if (source !== this.#pulls.live && this.#pulls.live !== null) {
      this.#pulls.refuse(source);
      this.#report({ kind: 'refused', revision, codec });
      this.#candidates.beginWhereWanted();
      return false;
    }
    this.#tracks.forget();
    this.#report({ kind: 'rebuilt', revision });
    this.#endReaders();
    this.#go('rebuilt');
    if (source === this.#pulls.live) this.#settleSoon(source);
    return true;
  }

  #takeOver(source: PullSource): void {
    const gapMs = this.#output.picturelessMs;
    const wasBridging = this.#state === 'bridging';
    this.#pulls.takeOver(source);
    this.#output.join();
    this.#report({ kind: 'taken-over', revision: source.target.revision });
    if (wasBridging && gapMs !== null) this.#report({ kind: 'bridged', gapMs: Math.round(gapMs) });
    this.#go('key-frame');
    this.#settleSoon(source);
    for (const picture of source.release()) if (source === this.#pulls.live) this.#output.picture(source, picture);
    this.#candidates.beginWhereWanted();
  }

  /** Gives waiting readers the tracks as soon as the sound is known, or `SOUND_WAIT_MS` later without it. */
  #settleSoon(source: PullSource): void {
    if (this.#isSilent || source.target.tracks?.audio === null || source.sound) this.#settleTracks(source);
    else this.#options.clock.after(SOUND_WAIT_MS, () => this.#settleTracks(source));
  }

  #settleTracks(source: PullSource): void {
    const { picture, sound } = source;
    const tracks = { picture, sound: this.#isSilent ? null : sound };
    if (source !== this.#pulls.live || !this.#tracks.settle(tracks)) return;
    if (this.#tracks.given) this.#readers.giveTracks(this.#tracks.given);
  }

  #sendSound(source: PullSource, sourceMs: number, data: Buffer): void {
    if (source.sound && this.#tracks.takesSoundOf(source)) this.#output.sound(source.sound, sourceMs, data);
  }

  #check(): void {
    this.#standInWhereNoAddress();
    const { live } = this.#pulls;
    const { picturelessMs, stepMs } = this.#output;
    const mostMs = Math.min(MOST_PICTURELESS_MS, Math.max(PICTURELESS_MS, PICTURELESS_STEPS * stepMs));
    if (live && picturelessMs !== null && picturelessMs >= mostMs) this.#pulls.giveUp(live, 'silence');
    const bridgedMs = this.#options.clock.monotonicMs() - this.#bridgingSinceMs;
    if (this.#state === 'bridging' && this.#camera.whenGone === 'end' && bridgedMs >= GONE_MS) this.#go('time-over');
  }

  #report(news: RelayNews): void {
    this.#options.onNews?.(news);
  }
}
