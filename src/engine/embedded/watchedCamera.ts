import { every } from '../../core/async/every.js';
import { isAlwaysPulled } from '../../core/camera/camera.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { Clock } from '../../core/clock.js';
import { isSilent, type DesiredStream } from '../../core/streams/streams.js';
import { HlsPlaylist, type PlaylistSegment } from './hlsPlaylist.js';
import type { StandInRules } from '../../core/streams/standInRules.js';
import { sameRules, standInRules } from './standInRules.js';

/** A player polls at least every few seconds; one that has not for this time is gone. */
const HLS_VIEWER_MS = 12_000;
/** How long an unwatched camera is still pulled, since viewers come back and players reload. */
const RELEASE_MS = 15_000;
const LOOK_MS = 2_000;

export interface WatchedCameraDeps {
  readonly clock: Clock;
  /** Pulls this lease; null: pulls nothing and shows the stand-in. */
  open(lease: PullTarget | null, standIn: StandInRules, withoutSound: boolean): void;
  close(): void;
  /** Called when a pulled camera gets its first viewer or loses its last one. */
  watched(isWatched: boolean): void;
}

type WatchedStream = Pick<DesiredStream, 'mode' | 'inForce' | 'relaying'>;

/** One camera of the engine: what it serves, who watches it, and when its pull is released. */
export class WatchedCamera {
  readonly playlist: HlsPlaylist;
  readonly #deps: WatchedCameraDeps;
  readonly #whep = new Set<string>();
  readonly #hls = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #lease: PullTarget | null = null;
  #isKept = false;
  #isSilent = false;
  #standIn = standInRules({ mode: 'on-demand' });
  #isWatched = true;
  #pulled = false;
  #usedAtMs = 0;
  #cancelUseCheck: (() => void) | null = null;
  #nextViewer = 1;

  constructor(prefix: string, deps: WatchedCameraDeps) {
    this.playlist = new HlsPlaylist(prefix);
    this.#deps = deps;
  }

  get lease(): PullTarget | null {
    return this.#lease;
  }

  get pulled(): boolean {
    return this.#pulled;
  }

  /** True: the camera is pulled all the time, also unwatched. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** True when the camera is served like this already. */
  serves(stream: WatchedStream): boolean {
    const { mode, inForce } = stream;
    const isSameLease = inForce?.url === this.#lease?.url && inForce?.revision === this.#lease?.revision;
    if (isSilent(stream) !== this.#isSilent) return false;
    return isSameLease && isAlwaysPulled(mode) === this.#isKept && sameRules(standInRules(stream), this.#standIn);
  }

  /** Serves the camera like this from now on; a running pull moves to the new lease. */
  setStream(stream: WatchedStream): void {
    if (this.serves(stream)) return;
    this.#lease = stream.inForce;
    this.#isKept = isAlwaysPulled(stream.mode);
    this.#standIn = standInRules(stream);
    this.#isSilent = isSilent(stream);
    if (!this.#pulled && !(this.#isKept && this.#lease !== null)) return;
    if (!this.#pulled) this.#isWatched = false;
    this.#open();
    if (!this.#isKept) this.use();
  }

  /** Call when a viewer comes: starts the pull unless it runs. Also without a lease, since there may be a last picture to show. */
  use(): void {
    this.#usedAtMs = this.#deps.clock.monotonicMs();
    if (!this.#pulled) {
      this.#isWatched = true;
      this.#open();
    } else if (!this.#isWatched) {
      this.#isWatched = true;
      this.#deps.watched(true);
    }
  }

  /** Call when the stand-in ended, and with it the stream of the camera's viewers. */
  gone(): void {
    if (!this.#isKept) {
      this.release();
      return;
    }
    this.#hls.clear();
    this.playlist.clear();
    this.#wakeWaiting();
  }

  release(): void {
    this.#cancelUseCheck?.();
    this.#cancelUseCheck = null;
    if (!this.#pulled) return;
    this.#pulled = false;
    this.#whep.clear();
    this.#hls.clear();
    this.playlist.clear();
    this.#deps.close();
    this.#wakeWaiting();
  }

  /** Call when the media process died: its WebRTC sessions are gone, while HLS players wait for the next segment. */
  lost(): void {
    this.#whep.clear();
  }

  restarted(): void {
    if (this.#pulled) this.#open();
  }

  addSegment(segment: PlaylistSegment): void {
    if (!this.#pulled) return;
    // The sound's parameters change only while nobody watches: the next viewer must not begin with segments of the old ones.
    if (segment.init !== null && !this.#isWatched) this.playlist.clear();
    this.playlist.add(segment);
    this.#wakeWaiting();
  }

  /** Resolves when there is a segment, or when there will be none: the signal fired or the pull was released. */
  async firstSegment(signal: AbortSignal): Promise<void> {
    while (this.playlist.empty && this.#pulled && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#waiting.add(done);
        signal.addEventListener('abort', done);
      });
    }
  }

  newHlsViewer(): string {
    return String(this.#nextViewer++);
  }

  hlsViewerSeen(viewer: string): void {
    this.#hls.set(viewer, this.#deps.clock.monotonicMs());
  }

  addWhep(sessionId: string): void {
    this.#whep.add(sessionId);
  }

  removeWhep(sessionId: string): void {
    if (this.#whep.delete(sessionId)) this.#usedAtMs = this.#deps.clock.monotonicMs();
  }

  /** People watching now. */
  viewers(): number {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const [viewer, seenAtMs] of this.#hls) if (nowMs - seenAtMs > HLS_VIEWER_MS) this.#hls.delete(viewer);
    return this.#hls.size + this.#whep.size;
  }

  #open(): void {
    this.#pulled = true;
    this.#deps.open(this.#lease, this.#standIn, this.#isSilent);
    if (!this.#isWatched) this.#deps.watched(false);
    this.#cancelUseCheck?.();
    this.#watchUse();
  }

  #watchUse(): void {
    this.#cancelUseCheck = every(this.#deps.clock, LOOK_MS, () => {
      const unusedMs = this.#deps.clock.monotonicMs() - this.#usedAtMs;
      const isUnused = this.viewers() === 0 && unusedMs >= RELEASE_MS;
      if (isUnused && !this.#isKept) {
        this.release();
        return false;
      }
      if (isUnused && this.#isWatched) {
        this.#isWatched = false;
        this.#deps.watched(false);
      }
      return true;
    });
  }

  #wakeWaiting(): void {
    for (const done of [...this.#waiting]) done();
  }
}
