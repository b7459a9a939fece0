import { type CameraId, type CameraMode, goesByRelay, isAlwaysPulled } from '../../src/core/camera.js';
import { AppError } from '../../src/core/errors.js';
import type { Lease } from '../../src/core/lease.js';
import { sameTracks, type StreamTracks } from '../../src/core/tracks.js';
import type { Relay } from '../../src/engine/mediamtx/relayPort.js';
import type {
  ApplyReport,
  DesiredStreams,
  EngineStatus,
  MediaEngine,
  PlannedChange,
  Proof,
  StreamLinks,
  StreamState,
} from '../../src/engine/mediaEngine.js';
import type { YearEngine } from './yearEngine.js';
import { relayedOf } from './yearLines.js';

export interface DoorParts {
  /** Under which this life owns the media server. */
  readonly fence: () => number;
  /** How long what the relay is told is on its way. */
  readonly wire?: () => Promise<void>;
  /** Resolves when this life may write the media server's lines; throws when it may not. */
  readonly beforeWrite?: () => Promise<void>;
}

/** How one life of camlease reaches the media server and its relay: shut when it dies. */
export class YearDoor implements MediaEngine {
  readonly media = null;
  readonly #engine: YearEngine;
  readonly #isAlive: () => boolean;
  readonly #parts: DoorParts;
  readonly #relay: Relay | null;
  readonly #listeners: (() => void)[] = [];

  constructor(engine: YearEngine, isAlive: () => boolean, parts: DoorParts) {
    this.#engine = engine;
    this.#isAlive = isAlive;
    this.#parts = parts;
    this.#relay = engine.relay?.client(isAlive, parts.wire) ?? null;
    this.#relay?.onChange(() => this.wasReset());
  }

  async start(): Promise<void> {
    // Away or not, it is there.
  }

  async stop(): Promise<void> {
    await this.#relay?.stop();
    this.#engine.close(this);
  }

  status(): EngineStatus {
    const ready = this.#engine.away === 0;
    return { kind: 'mediamtx', version: 'v1.20.1', ready, problem: ready ? null : 'MediaMTX does not answer.' };
  }

  onReset(listener: () => void): void {
    this.#listeners.push(listener);
  }

  wasReset(): void {
    if (this.#isAlive()) for (const listener of this.#listeners) listener();
  }

  /** The relay first; what it refuses is thrown once the rest was written. */
  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    signal?.throwIfAborted();
    if (!this.#isAlive()) return never();
    const refusal = await this.#tell(streams);
    await this.#parts.beforeWrite?.();
    if (!this.#isAlive()) return never();
    const hasRelay = this.#relay !== null && this.#relay.problem === null;
    const report = this.#engine.write(streams, !hasRelay ? 'none' : refusal ? 'refuses' : 'well');
    if (refusal) throw refusal;
    return report;
  }

  /** What the relay answered instead of taking it; null: it took it, or there is none that could. */
  async #tell(streams: DesiredStreams): Promise<Error | null> {
    if (this.#relay === null || this.#relay.problem !== null) return null;
    try {
      await this.#relay.tell(
        relayedOf(streams, (id) => this.#engine.isRelayed(id)),
        this.#parts.fence(),
      );
      return null;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code === 'CLAIM_LOST') throw thrown;
      return thrown;
    }
  }

  async plan(): Promise<readonly PlannedChange[]> {
    return [];
  }

  swapsUnnoticed(
    camera: { readonly id: CameraId; readonly mode: CameraMode },
    from: StreamTracks | null,
    to: StreamTracks | null,
  ): boolean {
    if (this.movesFreely(camera)) return true;
    const goesToRelay = goesByRelay(camera.mode) && this.#relay?.problem === null;
    return isAlwaysPulled(camera.mode) && !goesToRelay && (from === null || to === null || sameTracks(from, to));
  }

  movesFreely({ id, mode }: { readonly id: CameraId; readonly mode: CameraMode }): boolean {
    return goesByRelay(mode) && this.#relay?.problem === null && this.#engine.isRelayed(id);
  }

  async prove(id: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    const proof = await this.#engine.prove(id, lease, signal);
    if (!this.#isAlive()) return never();
    this.#engine.proved(id, lease);
    return proof;
  }

  async states(): Promise<ReadonlyMap<CameraId, StreamState>> {
    return this.#engine.states();
  }

  async viewers(): Promise<ReadonlyMap<CameraId, number> | null> {
    return this.#engine.away > 0 ? null : this.#engine.viewers;
  }

  links(cameraId: CameraId): StreamLinks {
    return { hlsUrl: `http://media.test/${cameraId}/index.m3u8`, webrtcUrl: `http://media.test/${cameraId}` };
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
