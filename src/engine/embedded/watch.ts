import { isAlwaysPulled } from '../../core/camera.js';
import type { Clock } from '../../core/clock.js';
import type { Lease } from '../../core/lease.js';
import type { DesiredStream } from '../mediaEngine.js';
import { HlsPlaylist, type PlaylistSegment } from './hlsPlaylist.js';

/** A player asks again at least every few seconds; one that did not for so long is gone. */
const HLS_VIEWER_MS = 12_000;
/** A camera nobody watches is pulled for so long still: viewers come back, and players reload. */
const RELEASE_MS = 15_000;
const LOOK_MS = 2_000;

export interface WatchDeps {
  readonly clock: Clock;
  /** `isKept`: while the camera is away its last picture is shown; a lease of null means that it is. */
  open(lease: Lease | null, isKept: boolean): void;
  close(): void;
}

/** What the engine serves for one camera, who watches it, and when nobody does any more. */
export class Watch {
  readonly playlist: HlsPlaylist;
  readonly #deps: WatchDeps;
  readonly #whep = new Set<string>();
  readonly #hls = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #lease: Lease | null = null;
  #isKept = false;
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
  serves({ mode, inForce }: Pick<DesiredStream, 'mode' | 'inForce'>): boolean {
    const isSameLease = inForce?.url === this.#lease?.url && inForce?.revision === this.#lease?.revision;
    return isSameLease && isAlwaysPulled(mode) === this.#isKept;
  }

  /** Makes this be served from now on; a pull that runs takes it over. */
  setStream(stream: Pick<DesiredStream, 'mode' | 'inForce'>): void {
    if (this.serves(stream)) return;
    this.#lease = stream.inForce;
    this.#isKept = isAlwaysPulled(stream.mode);
    const isUsed = this.#pulled || (this.#isKept && this.#lease !== null);
    if (!isUsed) return;
    if (!this.#isKept && this.#lease === null) {
      this.release();
      return;
    }
    this.#usedAtMs = this.#deps.clock.monotonicMs();
    this.#open();
  }

  /** Somebody wants to watch: pulls, unless it does already. */
  use(): void {
    this.#usedAtMs = this.#deps.clock.monotonicMs();
    if (!this.#pulled && this.#lease) this.#open();
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
    this.#deps.open(this.#lease, this.#isKept);
    this.#cancelLook?.();
    if (!this.#isKept) this.#look();
  }

  #look(): void {
    this.#cancelLook = this.#deps.clock.after(LOOK_MS, () => {
      const unusedMs = this.#deps.clock.monotonicMs() - this.#usedAtMs;
      if (this.viewers() === 0 && unusedMs >= RELEASE_MS) this.release();
      else this.#look();
    });
  }

  #tell(): void {
    for (const done of [...this.#waiting]) done();
  }
}
