import { withoutTrailing } from '../../core/boundedText.js';
import { type CameraId, isAlwaysPulled } from '../../core/camera.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { Lease } from '../../core/lease.js';
import type {
  ApplyReport,
  DesiredStream,
  DesiredStreams,
  EmbeddedMedia,
  EngineStatus,
  MediaEngine,
  MovedStream,
  PlannedChange,
  Proof,
  StreamLinks,
  StreamState,
} from '../mediaEngine.js';
import type { EmbeddedMediaProcess, EmbeddedPull } from './mediaPort.js';
import { flowOf, movedOf } from './streamFlow.js';
import { Watch } from './watch.js';

/** How long `apply` waits for a watched camera's new URL to take over; the swap goes on after it, too. */
const TAKE_OVER_MS = 8_000;
/** How long a viewer waits for the first picture of a camera that nobody watched. */
const FIRST_PICTURE_MS = 12_000;
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const VIEWER_PLAYLIST = /^live-([0-9A-Za-z-]{1,40})\.m3u8$/;

export interface EmbeddedEngineOptions {
  readonly clock: Clock;
  readonly process: EmbeddedMediaProcess;
  /** Where clients reach us, when it is not where their request came in. */
  readonly publicUrl: string | null;
}

/** Serves HLS and WebRTC from camlease's own port, with nothing to install but npm packages. */
export function createEmbeddedEngine(options: EmbeddedEngineOptions): MediaEngine {
  return new EmbeddedEngine(options);
}

class EmbeddedEngine implements MediaEngine, EmbeddedMedia {
  readonly #clock: Clock;
  readonly #process: EmbeddedMediaProcess;
  readonly #publicUrl: string | null;
  readonly #watches = new Map<CameraId, Watch>();
  readonly #sessions = new Map<string, CameraId>();
  readonly #prefix: string;
  readonly #resetListeners: (() => void)[] = [];
  #running = false;

  constructor({ clock, process, publicUrl }: EmbeddedEngineOptions) {
    this.#clock = clock;
    this.#process = process;
    this.#publicUrl = publicUrl;
    this.#prefix = clock.now().getTime().toString(36);
    process.listen({
      segment: ({ cameraId, ...segment }) => this.#watches.get(cameraId)?.addSegment(segment),
      sessionEnd: (cameraId, sessionId) => this.#forget(cameraId, sessionId),
      lost: () => this.#lost(),
      restarted: () => this.#restarted(),
    });
  }

  get media(): EmbeddedMedia {
    return this;
  }

  async start(): Promise<void> {
    this.#running = true;
    await this.#process.start();
  }

  /** The media process itself is stopped by whoever made it: proofs and snapshots use it, too. */
  async stop(): Promise<void> {
    this.#running = false;
    for (const watch of this.#watches.values()) watch.release();
  }

  status(): EngineStatus {
    const { available, version, problem } = this.#process.availability();
    const ready = this.#running && available && this.#process.pid() !== null;
    const why = problem ?? (ready ? null : 'The media process is being started again; wait a moment.');
    return { kind: 'embedded', version, ready, problem: why };
  }

  /** The media process takes up again by itself what it was told; the listeners may apply all the same. */
  onReset(listener: () => void): void {
    this.#resetListeners.push(listener);
  }

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    const changed: CameraId[] = [];
    for (const [cameraId, watch] of this.#watches) {
      if (streams.has(cameraId)) continue;
      watch.release();
      this.#watches.delete(cameraId);
      changed.push(cameraId);
    }
    const moved: MovedStream[] = [];
    const takeOvers: Promise<void>[] = [];
    for (const [cameraId, stream] of streams) {
      const watch = this.#watches.get(cameraId) ?? this.#newWatch(cameraId);
      if (watch.serves(stream)) continue;
      const { inForce } = stream;
      const before = watch.lease?.revision;
      const wasPulled = watch.pulled;
      watch.setStream(stream);
      changed.push(cameraId);
      if (!inForce || inForce.revision === before) continue;
      if (before !== undefined) moved.push({ cameraId, revision: inForce.revision, how: 'splice' });
      if (!wasPulled) continue;
      // Until then the old URL is in use, and whoever called must not take it back.
      takeOvers.push(this.#process.arrived(cameraId, inForce.revision, TAKE_OVER_MS, signal).catch(() => undefined));
    }
    await Promise.all(takeOvers);
    // A stream that cannot be played is told by its proof and its state; nothing is refused here.
    return { changed, by: changed.length === 0 ? 'none' : 'api', ...(moved.length > 0 && { moved }), refused: [] };
  }

  swapsUnnoticed(): boolean {
    return true;
  }

  async prove(cameraId: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    const watch = this.#watches.get(cameraId);
    if (watch?.pulled && watch.lease?.revision === lease.revision && watch.lease.url === lease.url) {
      const pull = (await this.#pulls(signal))?.get(cameraId);
      // What comes already shows as much, and does not cost the cloud another stream.
      if (pull?.flowing && pull.revision === lease.revision)
        return this.#process.provePull(cameraId, lease.revision, signal);
    }
    return this.#process.prove(lease.url, signal);
  }

  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, StreamState>> {
    const anyPulled = [...this.#watches.values()].some((watch) => watch.pulled);
    const pulls = anyPulled ? await this.#pulls(signal) : new Map<string, EmbeddedPull>();
    const states = new Map<CameraId, StreamState>();
    for (const [cameraId, watch] of this.#watches) {
      const pull = pulls?.get(cameraId);
      states.set(cameraId, {
        revision: watch.lease?.revision ?? null,
        flow: pulls === null && watch.pulled ? 'unknown' : flowOf(watch, pull),
        ...(watch.isKept && { carrier: 'splice' }),
        bytesReceived: pull?.bytesReceived ?? 0,
        ...movedOf(watch, pull, this.#clock.monotonicMs()),
        viewers: watch.viewers(),
      });
    }
    return states;
  }

  async viewers(): Promise<ReadonlyMap<CameraId, number>> {
    return new Map([...this.#watches].map(([cameraId, watch]) => [cameraId, watch.viewers()]));
  }

  async plan(streams: DesiredStreams): Promise<readonly PlannedChange[]> {
    const ids = new Set([...this.#watches.keys(), ...streams.keys()]);
    return [...ids].flatMap((cameraId) => this.#planned(cameraId, streams.get(cameraId)) ?? []);
  }

  #planned(cameraId: CameraId, wanted: DesiredStream | undefined): PlannedChange | null {
    const watch = this.#watches.get(cameraId);
    const viewers = watch?.viewers() ?? 0;
    if (wanted && (watch ? watch.serves(wanted) : !wanted.inForce)) return null;
    const isTaken = watch !== undefined && !wanted?.inForce && (!wanted || !isAlwaysPulled(wanted.mode));
    return { cameraId, how: isTaken && viewers > 0 ? 'rebuild' : 'hot', viewers, paths: [] };
  }

  links(cameraId: CameraId, requestOrigin: string): StreamLinks {
    const origin = withoutTrailing(this.#publicUrl ?? requestOrigin, '/');
    const id = encodeURIComponent(cameraId);
    return { hlsUrl: `${origin}/hls/${id}/index.m3u8`, webrtcUrl: `${origin}/webrtc/${id}` };
  }

  async hls(
    cameraId: CameraId,
    file: string,
    signal: AbortSignal,
  ): Promise<{ contentType: string; body: Buffer } | null> {
    const watch = this.#live(cameraId);
    if (!file.endsWith('.m3u8')) {
      const body = watch.playlist.file(file);
      return body && { contentType: file.endsWith('.mp4') ? 'video/mp4' : 'video/iso.segment', body };
    }
    const viewer = VIEWER_PLAYLIST.exec(file)?.[1];
    if (viewer === undefined && file !== 'index.m3u8') return null;
    watch.use();
    if (viewer !== undefined) watch.hlsViewerSeen(viewer);
    if (watch.playlist.empty) await this.#firstSegment(cameraId, watch, signal);
    if (viewer === undefined) {
      return playlist(watch.playlist.renderEntry(`live-${this.#prefix}-${watch.newHlsViewer()}.m3u8`));
    }
    const text = watch.playlist.render();
    return text === null ? null : playlist(text);
  }

  async whepOffer(
    cameraId: CameraId,
    offer: string,
    signal: AbortSignal,
  ): Promise<{ sessionId: string; answer: string }> {
    const watch = this.#live(cameraId);
    watch.use();
    await this.#firstPicture(cameraId, watch, signal);
    const { sessionId, answer } = await this.#process.whepOffer(cameraId, offer, signal);
    // The process numbers its sessions; a number alone could be guessed, or be that of a session before a restart.
    const publicId = `${this.#prefix}-${sessionId}`;
    watch.addWhep(sessionId);
    this.#sessions.set(publicId, cameraId);
    return { sessionId: publicId, answer };
  }

  async whepClose(publicId: string): Promise<boolean> {
    const cameraId = this.#sessions.get(publicId);
    if (cameraId === undefined) return false;
    const sessionId = publicId.slice(this.#prefix.length + 1);
    this.#forget(cameraId, sessionId);
    await this.#process.whepClose(sessionId).catch(() => undefined); // with the process its sessions ended, too
    return true;
  }

  #newWatch(cameraId: CameraId): Watch {
    // A process that dies meanwhile is told again when it is back.
    const watch = new Watch(this.#prefix, {
      clock: this.#clock,
      open: (lease, isKept) => {
        const source = lease && { url: lease.url, revision: lease.revision };
        void this.#process.openPull(cameraId, source, isKept).catch(() => undefined);
      },
      close: () => void this.#process.closePull(cameraId).catch(() => undefined),
    });
    this.#watches.set(cameraId, watch);
    return watch;
  }

  #live(cameraId: CameraId): Watch {
    const { available, problem } = this.#process.availability();
    if (!available) throw new AppError('ENGINE_MISSING', problem ?? 'The media process is not running.');
    const watch = this.#watches.get(cameraId);
    if (watch?.lease || watch?.pulled) return watch;
    throw new AppError('CAMERA_NOT_LIVE', 'There is no live URL of this camera at the moment.', {
      cure: 'GET /api/camera/<id> says why, and when it is looked at again.',
    });
  }

  /** Rejects with the `CameraError` that says why there is none. */
  async #firstPicture(cameraId: CameraId, watch: Watch, signal: AbortSignal): Promise<void> {
    // The picture that stands in for a camera that is away will do.
    const revision = watch.isKept ? null : (watch.lease?.revision ?? null);
    await this.#process.arrived(cameraId, revision, FIRST_PICTURE_MS, signal);
  }

  async #firstSegment(cameraId: CameraId, watch: Watch, signal: AbortSignal): Promise<void> {
    await this.#firstPicture(cameraId, watch, signal);
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    const cancel = this.#clock.after(FIRST_PICTURE_MS, stop);
    signal.addEventListener('abort', stop);
    await watch.firstSegment(enough.signal);
    cancel();
    signal.removeEventListener('abort', stop);
    if (!watch.playlist.empty) return;
    throw new AppError('CAMERA_NOT_LIVE', 'No picture of this camera came in time.', {
      cure: 'Try again in a moment.',
    });
  }

  /** Null: could not be asked. */
  async #pulls(signal?: AbortSignal): Promise<ReadonlyMap<string, EmbeddedPull> | null> {
    const pulls = await this.#process.pulls(signal).catch(() => null);
    return pulls && new Map(pulls.map((pull) => [pull.cameraId, pull]));
  }

  #forget(cameraId: CameraId, sessionId: string): void {
    this.#watches.get(cameraId)?.removeWhep(sessionId);
    this.#sessions.delete(`${this.#prefix}-${sessionId}`);
  }

  #restarted(): void {
    for (const watch of this.#watches.values()) watch.restarted();
    for (const listener of this.#resetListeners) listener();
  }

  #lost(): void {
    this.#sessions.clear();
    for (const watch of this.#watches.values()) watch.lost();
  }
}

function playlist(text: string): { contentType: string; body: Buffer } {
  return { contentType: PLAYLIST_TYPE, body: Buffer.from(text) };
}
