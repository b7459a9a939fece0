import { type CameraId, type CameraMode, isAlwaysPulled } from '../../src/core/camera.js';
import { AppError, CameraError } from '../../src/core/errors.js';
import type { Lease } from '../../src/core/lease.js';
import { sameTracks, type StreamTracks } from '../../src/core/tracks.js';
import type {
  ApplyReport,
  DesiredStreams,
  EngineStatus,
  MediaEngine,
  MovedStream,
  PlannedChange,
  Proof,
  StreamLinks,
  StreamState,
} from '../../src/engine/mediaEngine.js';
import type { Chance } from './chance.js';
import type { YearClock } from './yearClock.js';

const TRACKS: StreamTracks = { video: { codec: 'H264', width: 1280, height: 720 }, audio: null };
const FASTEST_PROOF_MS = 800;
const SLOWEST_PROOF_MS = 4_000;
/** Longer than the wall clock is ever wrong by: two jumps may come together. */
const EXPIRED_MS = 6.2 * 3_600_000;
/** Whoever watches is left alone until an hour before the end. */
const IN_TIME_MS = 1.1 * 3_600_000;
/** Longer than anybody waits for a proof. */
const HANGS_MS = 61_000;

export interface EngineEvents {
  /** From now on this lease (null: none) is what the media server pulls. `isForgotten`: nobody said so, it restarted. */
  readonly onInForce: (id: CameraId, lease: Lease | null, isForgotten: boolean) => void;
  /** It was told of a lease long after that had expired. */
  readonly onExpiredTold: (id: CameraId) => void;
  /** Those who watched were cut off though their lease had hours to live. */
  readonly onCut: (id: CameraId) => void;
  /** Whether this URL shows a picture now: false also for one that has expired or was taken back. */
  readonly plays: (id: CameraId, lease: Lease) => boolean;
}

/**
 * The media server of the simulated year: it outlives camlease, and what it was told with it. It restarts, is away, hangs in
 * proofs and forgets; each life of camlease reaches it by a door of its own (`door`).
 */
export class YearEngine {
  readonly viewers = new Map<CameraId, number>();
  /** Reasons for which nobody reaches it now. */
  away = 0;
  /** Proofs that begin now never end by themselves. */
  hangs = 0;
  #served: DesiredStreams = new Map();
  readonly #watchedMs = new Map<CameraId, number>();
  readonly #clock: YearClock;
  readonly #chance: Chance;
  readonly #events: EngineEvents;
  readonly #doors = new Set<Door>();

  constructor(clock: YearClock, chance: Chance, events: EngineEvents) {
    this.#clock = clock;
    this.#chance = chance;
    this.#events = events;
  }

  door(isAlive: () => boolean): MediaEngine {
    const door = new Door(this, isAlive);
    this.#doors.add(door);
    return door;
  }

  close(door: MediaEngine): void {
    for (const one of this.#doors) if (one === door) this.#doors.delete(one);
  }

  /** It restarted: what it was told is gone, and whoever speaks to it hears of it. */
  forget(): void {
    for (const id of this.#served.keys()) this.#events.onInForce(id, null, true);
    this.#served = new Map();
    for (const door of this.#doors) door.wasReset();
  }

  /** Somebody begins to watch, or leaves. */
  watch(id: CameraId, by: 1 | -1): void {
    this.viewers.set(id, (this.viewers.get(id) ?? 0) + by);
    this.#watchedMs.set(id, this.#clock.nowMs);
  }

  /** When somebody last watched it; now, if somebody does. */
  watchedMs(id: CameraId): number {
    return (this.viewers.get(id) ?? 0) > 0 ? this.#clock.nowMs : (this.#watchedMs.get(id) ?? 0);
  }

  apply(streams: DesiredStreams): ApplyReport {
    this.#check();
    const changed: CameraId[] = [];
    const moved: MovedStream[] = [];
    const before = this.#served;
    const nowMs = this.#clock.nowMs;
    for (const [id, { mode, inForce }] of streams) {
      const was = before.get(id)?.inForce ?? null;
      if (inForce && nowMs - inForce.expiresAt.getTime() > EXPIRED_MS) this.#events.onExpiredTold(id);
      if ((was?.revision ?? null) === (inForce?.revision ?? null)) continue;
      changed.push(id);
      if (was && inForce) {
        const how = howOf(mode);
        moved.push({ cameraId: id, revision: inForce.revision, how });
        const isWatched = (this.viewers.get(id) ?? 0) > 0;
        if (how === 'swap' && isWatched && was.expiresAt.getTime() - nowMs > IN_TIME_MS) this.#events.onCut(id);
      }
      this.#events.onInForce(id, inForce, false);
    }
    for (const [id, { inForce }] of before) {
      if (streams.has(id) || inForce === null) continue;
      changed.push(id);
      this.#events.onInForce(id, null, false);
    }
    this.#served = streams;
    if (changed.length > 0) this.#clock.happened();
    return { changed, moved, by: changed.length === 0 ? 'none' : changed.length <= 2 ? 'api' : 'file', refused: [] };
  }

  async prove(id: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    this.#check();
    const isHanging = this.#chance.happens(0.002) || this.hangs > 0;
    const lengthMs = this.#clock.togetherMs(this.#chance.between(FASTEST_PROOF_MS, SLOWEST_PROOF_MS));
    this.#clock.happened(isHanging ? HANGS_MS : lengthMs);
    await new Promise<void>((resolve, reject) => {
      const cancel = isHanging ? () => undefined : this.#clock.afterAwake(lengthMs, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      });
    });
    this.#check();
    if (this.#events.plays(id, lease)) return { tracks: TRACKS, framesPerSecond: 15, moves: true, picture: null };
    throw new CameraError('STREAM_NO_PICTURE', 'retry', 'The camera sent no picture.', { cure: 'Look at the camera.' });
  }

  states(): ReadonlyMap<CameraId, StreamState> {
    this.#check();
    const states = new Map<CameraId, StreamState>();
    for (const [id, { mode, inForce }] of this.#served) {
      const viewers = this.viewers.get(id) ?? 0;
      const isPulled = isAlwaysPulled(mode) || viewers > 0;
      const plays = inForce !== null && this.#events.plays(id, inForce);
      const flow = !isPulled ? 'idle' : plays ? 'flowing' : 'stopped';
      states.set(id, { revision: inForce?.revision ?? null, flow, bytesReceived: 0, viewers });
    }
    return states;
  }

  #check(): void {
    if (this.away > 0) throw new AppError('ENGINE_UNREACHABLE', 'MediaMTX does not answer.');
  }
}

/** How one life of camlease reaches the media server: shut when it dies. */
class Door implements MediaEngine {
  readonly media = null;
  readonly #engine: YearEngine;
  readonly #isAlive: () => boolean;
  readonly #listeners: (() => void)[] = [];

  constructor(engine: YearEngine, isAlive: () => boolean) {
    this.#engine = engine;
    this.#isAlive = isAlive;
  }

  async start(): Promise<void> {
    // Away or not, it is there.
  }

  async stop(): Promise<void> {
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

  async apply(streams: DesiredStreams, signal?: AbortSignal): Promise<ApplyReport> {
    signal?.throwIfAborted();
    if (!this.#isAlive()) return never();
    return this.#engine.apply(streams);
  }

  async plan(): Promise<readonly PlannedChange[]> {
    return [];
  }

  swapsUnnoticed({ mode }: { mode: CameraMode }, from: StreamTracks | null, to: StreamTracks | null): boolean {
    return isAlwaysPulled(mode) && (from === null || to === null || sameTracks(from, to));
  }

  async prove(id: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    const proof = await this.#engine.prove(id, lease, signal);
    return this.#isAlive() ? proof : never();
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

function howOf(mode: CameraMode): MovedStream['how'] {
  if (!isAlwaysPulled(mode)) return 'swap';
  return mode === 'seamless' ? 'splice' : 'forward';
}
