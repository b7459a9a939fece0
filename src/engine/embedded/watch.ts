import { isAlwaysPulled } from '../../core/camera/camera.js';
import type { Lease } from '../../core/camera/lease.js';
import type { Clock } from '../../core/clock.js';
import type { DesiredStream } from '../mediaEngine.js';
import { HlsPlaylist, type PlaylistSegment } from './hlsPlaylist.js';
import type { StandInRules } from './mediaPort.js';
import { sameRules, standInRules } from './standInRules.js';

/** A player asks again at least every few seconds; one that did not for so long is gone. */
const HLS_VIEWER_MS = 12_000;
/** A camera nobody watches is pulled for so long still: viewers come back, and players reload. */
const RELEASE_MS = 15_000;
const LOOK_MS = 2_000;

export interface WatchDeps {
  readonly clock: Clock;
  /** A lease of null: nothing is to be pulled, and what stands in is shown. */
  open(lease: Lease | null, standIn: StandInRules): void;
  close(): void;
  /** Whether anybody watches what is pulled has changed. */
  watched(isWatched: boolean): void;
}

type WatchedStream = Pick<DesiredStream, 'mode' | 'inForce' | 'relaying'>;

/** What the engine serves for one camera, who watches it, and when nobody does any more. */
export class Watch {
  readonly playlist: HlsPlaylist;
  readonly #deps: WatchDeps;
  readonly #whep = new Set<string>();
  readonly #hls = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #lease: Lease | null = null;
  #isKept = false;
  #standIn = standInRules({ mode: 'on-demand' });
  #isWatched = true;
  #pulled = false;
  #usedAtMs = 0;
  #cancelLook: (() => void) | null = null;
  #nextViewer = 1;

  constructor(prefix: string, deps: WatchDeps) {
    this.playlist = new HlsPlaylist(prefix);
    this.#deps = deps;
  }

  get lease(): Lease | null {
    return this.#lease;
  }

  get pulled(): boolean {
    return this.#pulled;
  }

  /** Pulled all the time, whether anybody watches or not. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** True when this is what is served already. */
  serves(stream: WatchedStream): boolean {
    const { mode, inForce } = stream;
    const isSameLease = inForce?.url === this.#lease?.url && inForce?.revision === this.#lease?.revision;
    return isSameLease && isAlwaysPulled(mode) === this.#isKept && sameRules(standInRules(stream), this.#standIn);
  }

  /** Makes this be served from now on; a pull that runs takes it over. */
  setStream(stream: WatchedStream): void {
    if (this.serves(stream)) return;
    this.#lease = stream.inForce;
    this.#isKept = isAlwaysPulled(stream.mode);
    this.#standIn = standInRules(stream);
    if (!this.#pulled && !(this.#isKept && this.#lease !== null)) return;
    if (!this.#pulled) this.#isWatched = false;
    this.#open();
    if (!this.#isKept) this.use();
  }

  /** Somebody wants to watch: pulls, unless it does already. Without a lease there may be a last picture to show. */
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

  /** The camera was given up for now, and its viewers with it. */
  gone(): void {
    if (!this.#isKept) {
      this.release();
      return;
    }
    this.#hls.clear();
    this.playlist.clear();
    this.#tell();
  }

  release(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    if (!this.#pulled) return;
    this.#pulled = false;
    this.#whep.clear();
    this.#hls.clear();
    this.playlist.clear();
    this.#deps.close();
    this.#tell();
  }

  /** The media process died: its WebRTC sessions are gone, and those who play HLS wait for what comes next. */
  lost(): void {
    this.#whep.clear();
  }

  restarted(): void {
    if (this.#pulled) this.#open();
  }

  addSegment(segment: PlaylistSegment): void {
    if (!this.#pulled) return;
    // Another sound comes only while nobody watches: who comes next is not to begin with the one before it.
    if (segment.init !== null && !this.#isWatched) this.playlist.clear();
    this.playlist.add(segment);
    this.#tell();
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
    this.#deps.open(this.#lease, this.#standIn);
    if (!this.#isWatched) this.#deps.watched(false);
    this.#cancelLook?.();
    this.#look();
  }

  #look(): void {
    this.#cancelLook = this.#deps.clock.after(LOOK_MS, () => {
      const unusedMs = this.#deps.clock.monotonicMs() - this.#usedAtMs;
      const isUnused = this.viewers() === 0 && unusedMs >= RELEASE_MS;
      if (isUnused && !this.#isKept) {
        this.release();
        return;
      }
      if (isUnused && this.#isWatched) {
        this.#isWatched = false;
        this.#deps.watched(false);
      }
      this.#look();
    });
  }

  #tell(): void {
    for (const done of [...this.#waiting]) done();
  }
}
