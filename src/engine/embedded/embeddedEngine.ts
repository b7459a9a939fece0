import type { Serving } from '../../core/streams/plays.js';
import { withoutTrailing } from '../../core/boundedText.js';
import type { CameraId } from '../../core/camera/camera.js';
import type { SourceOpening } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { StreamTracks } from '../../core/camera/tracks.js';
import type { RelayReason } from '../../core/streams/relay.js';
import type { Clock } from '../../core/clock.js';
import type { DesiredStream, DesiredStreams } from '../../core/streams/streams.js';
import type {
  ApplyReport,
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
import { ServedMedia } from './servedMedia.js';
import { RelayedSources, stateByRelay, type SourceRelay } from './sourceRelay.js';
import { WatchedCamera } from './watchedCamera.js';

/** How long `apply` waits for a pulled camera's new URL to bring pictures; the move goes on afterwards too. */
const TAKE_OVER_MS = 8_000;

export interface EmbeddedEngineOptions {
  readonly clock: Clock;
  readonly process: EmbeddedMediaProcess;
  /** The base URL at which clients reach camlease; null: the origin of their request. */
  readonly publicUrl: string | null;
  /** Pulls the cameras of which a person gave the URL; absent or null: there is none, so these cameras are refused. */
  readonly relay?: SourceRelay | null;
}

/** Makes the engine that serves HLS and WebRTC from camlease's own port and needs only npm packages. */
export function createEmbeddedEngine(options: EmbeddedEngineOptions): MediaEngine {
  return new EmbeddedEngine(options);
}

const BUILT_IN: Serving = { hls: 'built-in', off: [], secondSound: null };

class EmbeddedEngine implements MediaEngine {
  readonly #clock: Clock;
  readonly #process: EmbeddedMediaProcess;
  readonly #publicUrl: string | null;
  readonly #watches = new Map<CameraId, WatchedCamera>();
  readonly #served: ServedMedia;
  readonly #prefix: string;
  readonly #resetListeners: (() => void)[] = [];
  readonly #sources: RelayedSources;
  readonly opening?: SourceOpening;
  #running = false;

  constructor({ clock, process, publicUrl, relay = null }: EmbeddedEngineOptions) {
    this.#sources = new RelayedSources(relay, () => this.#relayChanged());
    const { opening } = this.#sources;
    if (opening) this.opening = opening;
    this.#clock = clock;
    this.#process = process;
    this.#publicUrl = publicUrl;
    this.#prefix = clock.now().getTime().toString(36);
    this.#served = new ServedMedia({ clock, process, prefix: this.#prefix, watches: this.#watches });
    process.listen({
      segment: ({ cameraId, ...segment }) => this.#watches.get(cameraId)?.addSegment(segment),
      sessionEnd: (cameraId, sessionId) => this.#served.forget(cameraId, sessionId),
      gone: (cameraId) => this.#watches.get(cameraId)?.gone(),
      lost: () => this.#lost(),
      restarted: () => this.#restarted(),
    });
  }

  get media(): EmbeddedMedia {
    return this.#served;
  }

  async start(): Promise<void> {
    this.#running = true;
    await this.#process.start();
  }

  /** Leaves the media process running: proofs and snapshots use it too, and the code that made it stops it. */
  async stop(): Promise<void> {
    this.#running = false;
    for (const watch of this.#watches.values()) watch.release();
    await this.#sources.stop();
  }

  status(): EngineStatus {
    const { available, version, problem } = this.#process.availability();
    const ready = this.#running && available && this.#process.pid() !== null;
    const notReady = ready ? null : 'The media process is being started again; wait a moment.';
    const why = problem ?? notReady ?? this.#sources.problem;
    return { kind: 'embedded', version, ready, problem: why };
  }

  /** Called after a restart of the media process. The engine opens its pulls again by itself; an `apply` does no harm. */
  onReset(listener: () => void): void {
    this.#resetListeners.push(listener);
  }

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    const changed: CameraId[] = [];
    // First the relay, which then has the camera by the time that the media process reads it.
    await this.#sources.want(streams, signal);
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
      if (before !== undefined) moved.push({ cameraId, revision: inForce.revision, how: 'relay' });
      if (!wasPulled) continue;
      // Wait until the new URL brings pictures: until then the old one is in use, and the caller must not give it back.
      takeOvers.push(this.#process.arrived(cameraId, inForce.revision, TAKE_OVER_MS, signal).catch(() => undefined));
    }
    await Promise.all(takeOvers);
    // No other camera is refused: the proof and the state show a stream that cannot be played.
    const refused = this.#sources.unserved.map((cameraId) => ({ cameraId, ...NO_RELAY }));
    return { changed, by: changed.length === 0 ? 'none' : 'api', ...(moved.length > 0 && { moved }), refused };
  }

  /** The new lease continues the stream at its first key frame, on the same timeline, unless the picture's codec changes. */
  swapsUnnoticed(_camera: unknown, from: StreamTracks | null, to: StreamTracks | null): boolean {
    return !from || !to || from.video.codec === to.video.codec;
  }

  /** Always: this engine writes to no media server. */
  movesFreely(): boolean {
    return true;
  }

  async prove(cameraId: CameraId, lease: PullTarget, signal?: AbortSignal): Promise<Proof> {
    const watch = this.#watches.get(cameraId);
    if (watch?.pulled && watch.lease?.revision === lease.revision && watch.lease.url === lease.url) {
      const pull = (await this.#pulls(signal))?.get(cameraId);
      // The running pull proves as much, and costs the cloud no further stream.
      if (pull?.flowing && pull.revision === lease.revision)
        return this.#process.provePull(cameraId, lease.revision, signal);
    }
    return this.#process.prove(lease.url, signal);
  }

  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, StreamState>> {
    const anyPulled = [...this.#watches.values()].some((watch) => watch.pulled);
    const pulls = anyPulled ? await this.#pulls(signal) : new Map<string, EmbeddedPull>();
    const relayed = anyPulled ? await this.#sources.states(signal) : null;
    const nowMs = this.#clock.monotonicMs();
    const states = new Map<CameraId, StreamState>();
    for (const [cameraId, watch] of this.#watches) {
      const pull = pulls?.get(cameraId);
      const flow = pulls === null && watch.pulled ? 'unknown' : flowOf(watch, pull);
      const state: StreamState = {
        revision: watch.lease?.revision ?? null,
        flow,
        carrier: 'relay',
        reason: reasonOf(watch, pull),
        ...(flow === 'stopped' && { standsIn: pull?.standsIn === true }),
        bytesReceived: pull?.bytesReceived ?? 0,
        ...movedOf(watch, pull, nowMs),
        viewers: watch.viewers(),
      };
      const isRelayed = watch.pulled && this.#sources.has(cameraId);
      states.set(cameraId, isRelayed ? stateByRelay(state, relayed, cameraId, nowMs) : state);
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
    // A camera that is left out of the streams drops its viewers; a camera without a lease keeps them.
    return { cameraId, how: !wanted && viewers > 0 ? 'rebuild' : 'hot', viewers, paths: [] };
  }

  links(cameraId: CameraId, requestOrigin: string): StreamLinks {
    const origin = withoutTrailing(this.#publicUrl ?? requestOrigin, '/');
    const id = encodeURIComponent(cameraId);
    return { hlsUrl: `${origin}/hls/${id}/index.m3u8`, webrtcUrl: `${origin}/webrtc/${id}`, serving: BUILT_IN };
  }

  readerUrl(cameraId: CameraId): string | null {
    return this.#sources.readerUrl(cameraId);
  }

  #newWatch(cameraId: CameraId): WatchedCamera {
    // Errors are ignored: if the media process dies, `restarted` opens the pull again.
    const watch = new WatchedCamera(this.#prefix, {
      clock: this.#clock,
      open: (lease, standIn, withoutSound) => {
        const url = lease && this.#sources.sourceOf(cameraId, lease);
        const source =
          lease !== null && url !== null
            ? { url, revision: lease.revision, ...(withoutSound && { withoutSound }) }
            : null;
        void this.#process.openPull(cameraId, source, standIn).catch(() => undefined);
      },
      watched: (isWatched) => void this.#process.pullWatched(cameraId, isWatched).catch(() => undefined),
      close: () => void this.#process.closePull(cameraId).catch(() => undefined),
    });
    this.#watches.set(cameraId, watch);
    return watch;
  }

  /** The pulls by camera; null: the media process could not be asked. */
  async #pulls(signal?: AbortSignal): Promise<ReadonlyMap<string, EmbeddedPull> | null> {
    const pulls = await this.#process.pulls(signal).catch(() => null);
    return pulls && new Map(pulls.map((pull) => [pull.cameraId, pull]));
  }

  /** The relay can be used again, or cannot any more, or was started again: its cameras are opened anew. */
  #relayChanged(): void {
    if (!this.#running) return;
    for (const [cameraId, watch] of this.#watches) if (this.#sources.has(cameraId)) watch.restarted();
    for (const listener of this.#resetListeners) listener();
  }

  #restarted(): void {
    for (const watch of this.#watches.values()) watch.restarted();
    for (const listener of this.#resetListeners) listener();
  }

  #lost(): void {
    this.#served.forgetAll();
    for (const watch of this.#watches.values()) watch.lost();
  }
}

const NO_RELAY = {
  code: 'ENGINE_NO_RELAY',
  message: 'Only the relay pulls a camera with an address of its own, and camlease has no relay that it can use now.',
  cure: 'See the problem of the engine in /ready; with RELAY=off there is no relay.',
} as const;

/** The flow of a camera's stream; `pull` undefined: the media process does not pull it. */
function flowOf(watch: WatchedCamera, pull: EmbeddedPull | undefined): StreamState['flow'] {
  if (!watch.pulled) return watch.isKept ? 'stopped' : 'idle';
  if (pull?.flowing) return 'flowing';
  // A pull that failed, a stand-in or no lease: no picture comes, even if viewers wait.
  return pull && (watch.lease === null || pull.standsIn || pull.problem !== null) ? 'stopped' : 'starting';
}

/** When the camera's last picture came (monotonic, ms); pictures of a stand-in do not count. */
function movedOf(watch: WatchedCamera, pull: EmbeddedPull | undefined, nowMs: number): Pick<StreamState, 'movedMs'> {
  const agoMs = watch.pulled ? (pull?.pictureMsAgo ?? null) : null;
  return agoMs === null ? {} : { movedMs: nowMs - agoMs };
}

/** Why the camera's pictures do not come; null: they come, nothing is pulled, or it is not known. */
function reasonOf(watch: WatchedCamera, pull: EmbeddedPull | undefined): RelayReason | null {
  return watch.pulled ? (pull?.reason ?? null) : null;
}
