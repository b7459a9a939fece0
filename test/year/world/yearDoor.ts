import { type CameraId, type CameraMode, goesByRelay } from '../../../src/core/camera/camera.js';
import type { Clock } from '../../../src/core/clock.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { StreamTracks } from '../../../src/core/camera/tracks.js';
import type { EngineLog } from '../../../src/engine/engineLog.js';
import { camerasOf, movedStreams } from '../../../src/engine/mediamtx/paths/moved.js';
import { goesUnnoticed } from '../../../src/engine/mediamtx/paths/noticing.js';
import { RelayedCameras } from '../../../src/engine/mediamtx/relayed/relayedCameras.js';
import { Upkeep } from '../../../src/engine/mediamtx/upkeep.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type {
  ApplyReport,
  EngineStatus,
  MediaEngine,
  PlannedChange,
  Proof,
  StreamLinks,
  StreamState,
} from '../../../src/engine/mediaEngine.js';
import type { Written, YearEngine } from './yearEngine.js';
import { pathsFor } from './yearLines.js';

export interface DoorParts {
  /** The process's own: its timers end with it. */
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Under which this life owns the media server. */
  readonly fence: () => number;
  /** How long what the relay is told is on its way. */
  readonly wire?: () => Promise<void>;
  /** Resolves when this life may write the media server's lines; throws when it may not. */
  readonly beforeWrite?: () => Promise<void>;
}

/**
 * How one life of camlease reaches the media server and its relay: shut when it dies. It does what `MediaMtxEngine` does, in the same
 * order and with the same parts, but for the requests: those go to the year's media server.
 */
export class YearDoor implements MediaEngine {
  readonly media = null;
  readonly #engine: YearEngine;
  readonly #isAlive: () => boolean;
  readonly #parts: DoorParts;
  readonly #relayed: RelayedCameras | null;
  readonly #upkeep: Upkeep;
  readonly #listeners: (() => void)[] = [];
  /** null: nobody said yet what is wanted, or another process does. */
  #streams: DesiredStreams | null = null;

  constructor(engine: YearEngine, isAlive: () => boolean, parts: DoorParts) {
    this.#engine = engine;
    this.#isAlive = isAlive;
    this.#parts = parts;
    const { clock, log, fence, wire } = parts;
    const relay = engine.relay?.client(isAlive, wire) ?? null;
    this.#relayed =
      relay &&
      new RelayedCameras({
        ...{ relay, log, clock, fence },
        viewers: () => this.viewers(),
        own: () => engine.paths,
        onNews: () => this.#bringInLine(),
      });
    this.#upkeep = new Upkeep({ clock, log, lineUp: () => this.#reconcile(), restore: () => this.#reconcile() });
  }

  async start(): Promise<void> {
    await this.#relayed?.start();
  }

  async stop(): Promise<void> {
    this.#upkeep.end();
    await this.#upkeep.settled();
    await this.#relayed?.stop();
    this.#engine.close(this);
  }

  status(): EngineStatus {
    const ready = this.#engine.away === 0;
    return { kind: 'mediamtx', version: 'v1.20.1', ready, problem: ready ? null : 'MediaMTX does not answer.' };
  }

  onReset(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The media server was started anew. */
  wasReset(): void {
    if (!this.#isAlive()) return;
    this.#upkeep.lost();
    for (const listener of this.#listeners) listener();
    this.#upkeep.restoreIfDue();
  }

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    signal?.throwIfAborted();
    if (!this.#isAlive()) return never();
    const wanted = new Map(streams);
    this.#relayed?.want(wanted);
    const untold = (await this.#relayed?.trySend(signal)) ?? null;
    await this.#prepare(wanted).catch((thrown: unknown) => {
      this.#streams = wanted;
      throw thrown;
    });
    this.#streams = wanted;
    const { before, changed, by } = await this.#write();
    await this.#relayed?.letGo(signal);
    if (untold) throw untold;
    const own = this.#engine.paths;
    const relayed = this.#relayed?.settle(before, own) ?? [];
    const moved = [...movedStreams(wanted, changed, before, own, new Map()), ...relayed];
    return { changed: camerasOf(changed), moved, by, refused: [] };
  }

  async standBy(): Promise<void> {
    this.#streams = null;
    this.#relayed?.standBy();
  }

  async plan(): Promise<readonly PlannedChange[]> {
    return [];
  }

  swapsUnnoticed(
    { id, mode }: { readonly id: CameraId; readonly mode: CameraMode },
    from: StreamTracks | null,
    to: StreamTracks | null,
  ): boolean {
    const goesToRelay = this.#relayed?.takes(id, mode) === true;
    return goesUnnoticed({ mode, from, to, isRelayed: this.movesFreely({ id, mode }), goesToRelay });
  }

  movesFreely({ id, mode }: { readonly id: CameraId; readonly mode: CameraMode }): boolean {
    return goesByRelay(mode) && this.#relayed?.carries(id, this.#engine.paths) === true;
  }

  async prove(id: CameraId, lease: PullTarget, signal?: AbortSignal): Promise<Proof> {
    const relayed = this.#relayed;
    const url = (await relayed?.beginProof(id, lease, this.#engine.paths, signal)) ?? null;
    const isByRelay = url !== null;
    let isGood = false;
    try {
      const proof = await this.#engine.prove(id, lease, { isByRelay, isAlive: this.#isAlive }, signal);
      if (!this.#isAlive()) return await never();
      isGood = true;
      this.#engine.proved(id, lease);
      return proof;
    } finally {
      if (isByRelay) relayed?.endProof(id, lease, isGood);
    }
  }

  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, StreamState>> {
    const states = (await this.#relayed?.states(signal)) ?? null;
    const seen = {
      states,
      revisionOf: (id: CameraId) => this.#relayed?.revisionOf(id) ?? null,
      isBeside: (id: CameraId) => this.#relayed?.isBeside(id) ?? false,
    };
    return this.#engine.states(seen, this.#parts.clock.monotonicMs());
  }

  async viewers(): Promise<ReadonlyMap<CameraId, number> | null> {
    return this.#engine.away > 0 ? null : this.#engine.viewers;
  }

  links(cameraId: CameraId): StreamLinks {
    return { hlsUrl: `http://media.test/${cameraId}/index.m3u8`, webrtcUrl: `http://media.test/${cameraId}` };
  }

  /** In the background: something was seen that changes what is wanted. */
  #bringInLine(): void {
    if (this.#streams) this.#upkeep.lineUp();
  }

  async #reconcile(): Promise<void> {
    if (this.#streams === null) return;
    const untold = (await this.#relayed?.trySend()) ?? null;
    await this.#prepare(this.#streams);
    await this.#write();
    if (untold) throw untold;
  }

  async #prepare(streams: DesiredStreams): Promise<void> {
    this.#engine.check();
    await this.#relayed?.findUnwatched(streams, this.#engine.paths);
  }

  async #write(): Promise<Written> {
    await this.#parts.beforeWrite?.();
    if (!this.#isAlive()) return never();
    const streams = this.#streams;
    const before = this.#engine.paths;
    if (streams === null) return { before, changed: [], by: 'none' };
    const facts = { own: before, relay: this.#relayed?.world ?? null };
    const paths = pathsFor(streams, this.#parts.clock.now(), facts);
    const written = this.#engine.write(paths, streams, facts.relay !== null);
    this.#relayed?.keep(streams, this.#engine.paths);
    return written;
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
