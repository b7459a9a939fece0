import { type CameraId, type CameraMode, goesByRelay, isAlwaysPulled } from '../../src/core/camera.js';
import { AppError, CameraError } from '../../src/core/errors.js';
import type { SwapHow } from '../../src/core/handover.js';
import type { Lease } from '../../src/core/lease.js';
import type { StreamTracks } from '../../src/core/tracks.js';
import type { ApplyReport, DesiredStreams, MovedStream, Proof, StreamState } from '../../src/engine/mediaEngine.js';
import type { Chance } from './chance.js';
import type { EngineEvents, Loss } from './engineEvents.js';
import { idOf, ProofPulls, type Pulled } from './pulls.js';
import type { YearClock } from './yearClock.js';
import { YearDoor, type DoorParts } from './yearDoor.js';
import { isSameLine, lineFor, RELAYED, type Line, type LineFacts } from './yearLines.js';
import { YearRelay } from './yearRelay.js';

const TRACKS: StreamTracks = { video: { codec: 'H264', width: 1280, height: 720 }, audio: null };
const FASTEST_PROOF_MS = 800;
const SLOWEST_PROOF_MS = 4_000;
/** Longer than the wall clock is ever wrong by: two jumps may come together. */
const EXPIRED_MS = 6.2 * 3_600_000;
/** Whoever watches is left alone until an hour before the end. */
const IN_TIME_MS = 1.1 * 3_600_000;
/** Longer than anybody waits for a proof. */
const HANGS_MS = 61_000;
/** So often it is looked whether a camera may go back to the relay. */
const LOOKS_BACK_MS = 10_000;

/**
 * The media server of the simulated year: it outlives camlease, and what it was told with it. It restarts, is away, hangs in
 * proofs and forgets; each life of camlease reaches it by a door of its own (`door`). On-demand and seamless cameras come through the relay beside it.
 */
export class YearEngine {
  readonly viewers = new Map<CameraId, number>();
  /** Reasons for which nobody reaches it now. */
  away = 0;
  /** Proofs that begin now never end by themselves. */
  hangs = 0;
  /** null: there is none yet. */
  relay: YearRelay | null = null;
  #served: DesiredStreams = new Map();
  #lines = new Map<CameraId, Line>();
  readonly #inForce = new Map<CameraId, Pulled>();
  readonly #proofs = new ProofPulls();
  readonly #watchedMs = new Map<CameraId, number>();
  readonly #clock: YearClock;
  readonly #chance: Chance;
  readonly #relayChance: Chance;
  readonly #events: EngineEvents;
  readonly #doors = new Set<YearDoor>();

  /** `relayChance`: for what the relay does. */
  constructor(clock: YearClock, chance: Chance, relayChance: Chance, events: EngineEvents) {
    this.#clock = clock;
    this.#chance = chance;
    this.#relayChance = relayChance;
    this.#events = events;
  }

  /** A relay runs beside it from now on; who speaks to the media server already does not know it. */
  addRelay(): void {
    this.relay = new YearRelay(this.#clock, this.#relayChance, {
      onTargets: (ids, why) => {
        for (const id of ids) this.#look(id, why);
        if (this.relay?.isRunning === false) this.#loseRelayed('relay', () => true);
      },
      isRead: (id) => this.isRelayed(id) && (this.#isWatched(id) || this.#isKept(id)),
    });
  }

  door(isAlive: () => boolean, parts: DoorParts = { fence: () => 1 }): YearDoor {
    const door = new YearDoor(this, isAlive, parts);
    this.#doors.add(door);
    return door;
  }

  close(door: unknown): void {
    for (const one of this.#doors) if (one === door) this.#doors.delete(one);
  }

  /** It restarted: what it was told is gone, and whoever speaks to it hears of it. */
  forget(): void {
    const ids = [...this.#lines.keys()];
    this.#served = new Map();
    this.#lines = new Map();
    for (const id of ids) this.#look(id, 'forgotten');
    for (const door of this.#doors) door.wasReset();
  }

  /** A worker of the relay dies: some of those who watch have to come again. */
  loseWorker(): void {
    this.#loseRelayed('worker', () => this.#chance.happens(1 / 3));
  }

  /** Somebody begins to watch, or leaves. */
  watch(id: CameraId, by: 1 | -1): void {
    this.viewers.set(id, (this.viewers.get(id) ?? 0) + by);
    this.#watchedMs.set(id, this.#clock.nowMs);
    this.#countPulls(id);
    if (!this.#isWatched(id)) this.#clock.after(LOOKS_BACK_MS, () => this.#goBack(id));
  }

  /** When somebody last watched it; now, if somebody does. */
  watchedMs(id: CameraId): number {
    return this.#isWatched(id) ? this.#clock.nowMs : (this.#watchedMs.get(id) ?? 0);
  }

  /** Cameras for the relay that the media server pulls itself. */
  get pulledByItself(): readonly CameraId[] {
    return [...this.#served].flatMap(([id, { mode }]) =>
      goesByRelay(mode) && this.#lines.get(id)?.by === 'itself' ? [id] : [],
    );
  }

  /** Its line leads to the relay. */
  isRelayed(id: CameraId): boolean {
    return this.#lines.get(id)?.by === 'relay';
  }

  /** Some pull is open for the address with this id, whether viewers get it or not. */
  isPulling(id: CameraId, urlId: string): boolean {
    return this.#pullsOf(id).some(({ url }) => idOf(url) === urlId);
  }

  /** Writes the lines of these streams. */
  write(streams: DesiredStreams, relay: LineFacts['relay']): ApplyReport {
    this.#check();
    const changed: CameraId[] = [];
    const moved: MovedStream[] = [];
    const former = this.#lines;
    const nowMs = this.#clock.nowMs;
    const lines = new Map<CameraId, Line>();
    for (const [id, stream] of streams) {
      const { inForce } = stream;
      const before = former.get(id);
      if (inForce && nowMs - inForce.expiresAt.getTime() > EXPIRED_MS) this.#events.onExpiredTold(id);
      const line = lineFor(stream, { before, isWatched: this.#isWatched(id), relay });
      if (line) lines.set(id, line);
      if (line ? !isSameLine(before, line) : before !== undefined) changed.push(id);
      const was = this.#served.get(id)?.inForce;
      if (!was || !inForce || was.revision === inForce.revision) continue;
      const how = howOf(stream.mode, before, line);
      moved.push({ cameraId: id, revision: inForce.revision, how });
      if (how === 'swap' && this.#isWatched(id) && was.expiresAt.getTime() - nowMs > IN_TIME_MS) this.#events.onCut(id);
    }
    for (const id of former.keys()) if (!streams.has(id)) changed.push(id);
    this.#lines = lines;
    for (const id of changed) this.#judgeChange(id, former.get(id), streams, relay);
    this.#served = streams;
    for (const id of changed) this.#look(id, 'told');
    if (changed.length > 0) this.#clock.happened();
    for (const id of streams.keys()) this.#countPulls(id);
    return { changed, moved, by: changed.length === 0 ? 'none' : changed.length <= 2 ? 'api' : 'file', refused: [] };
  }

  async prove(id: CameraId, lease: Lease, signal?: AbortSignal): Promise<Proof> {
    this.#check();
    const isHanging = this.#chance.happens(0.002) || this.hangs > 0;
    const lengthMs = this.#clock.togetherMs(this.#chance.between(FASTEST_PROOF_MS, SLOWEST_PROOF_MS));
    this.#clock.happened(isHanging ? HANGS_MS : lengthMs);
    const ended = this.#beginProof(id, lease);
    try {
      await new Promise<void>((resolve, reject) => {
        const cancel = isHanging ? () => undefined : this.#clock.afterAwake(lengthMs, resolve);
        signal?.addEventListener('abort', () => {
          cancel();
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        });
      });
    } finally {
      ended();
    }
    this.#check();
    if (this.#events.plays(id, lease)) return { tracks: TRACKS, framesPerSecond: 15, moves: true, picture: null };
    throw new CameraError('STREAM_NO_PICTURE', 'retry', 'The camera sent no picture.', { cure: 'Look at the camera.' });
  }

  /** camlease knows that this lease's picture was seen. */
  proved(id: CameraId, lease: Lease): void {
    if (this.isRelayed(id)) this.#events.onProved(id, lease);
  }

  states(): ReadonlyMap<CameraId, StreamState> {
    this.#check();
    const states = new Map<CameraId, StreamState>();
    for (const [id, { mode }] of this.#served) {
      const line = this.#lines.get(id);
      if (!line) continue;
      const viewers = this.viewers.get(id) ?? 0;
      const pulled = this.#inForce.get(id);
      const plays = pulled !== undefined && this.#events.plays(id, pulled);
      const flow = !isAlwaysPulled(mode) && viewers === 0 ? 'idle' : plays ? 'flowing' : 'stopped';
      states.set(id, { revision: pulled?.revision ?? null, flow, bytesReceived: 0, viewers });
    }
    return states;
  }

  #isKept(id: CameraId): boolean {
    return isAlwaysPulled(this.#served.get(id)?.mode ?? 'direct');
  }

  #isWatched(id: CameraId): boolean {
    return (this.viewers.get(id) ?? 0) > 0;
  }

  /** What viewers of the camera get may be another address now. */
  #look(id: CameraId, why: 'told' | 'forgotten' | 'old-file'): void {
    const line = this.#lines.get(id);
    const now = (line?.by === 'relay' ? this.relay?.targetOf(id) : line?.lease) ?? null;
    const was = this.#inForce.get(id) ?? null;
    if (was?.revision === now?.revision) return;
    if (now === null) this.#inForce.delete(id);
    else this.#inForce.set(id, now);
    this.#countPulls(id);
    this.#events.onInForce(id, now, why);
  }

  #judgeChange(id: CameraId, before: Line | undefined, streams: DesiredStreams, relay: LineFacts['relay']): void {
    if (before === undefined) return;
    const line = this.#lines.get(id);
    const hasNewMode = streams.has(id) && this.#served.get(id)?.mode !== streams.get(id)?.mode;
    if (before.by === 'relay' && relay !== 'none' && !hasNewMode) this.#events.onLineGone(id);
    const isCarried = this.#isKept(id) && before.by === 'itself' && line?.by === 'itself';
    if (this.#isWatched(id) && (hasNewMode || !isCarried))
      this.#events.onLoss(id, hasNewMode ? 'mode' : lossOf(before, line, relay, streams.get(id)?.inForce?.revision));
  }

  #loseRelayed(why: 'worker' | 'relay', isLost: () => boolean): void {
    for (const [id, { by }] of this.#lines)
      if (by === 'relay' && this.#isWatched(id) && isLost()) this.#events.onLoss(id, why);
  }

  /** Nobody watches it any more: its line may lead to the relay again, if that has the same address. */
  #goBack(id: CameraId): void {
    const line = this.#lines.get(id);
    const isForRelay = goesByRelay(this.#served.get(id)?.mode ?? 'direct');
    if (!isForRelay || line?.by !== 'itself' || this.#isWatched(id) || this.away > 0 || this.#doors.size === 0) return;
    if (this.relay === null || this.relay.isProblem || this.relay.targetOf(id)?.revision !== line.lease?.revision)
      return;
    this.#lines.set(id, RELAYED);
  }

  /** A watched camera's proof looks at what the relay pulls anyway, or at its second pull; else the proof pulls the address itself. */
  #beginProof(id: CameraId, lease: Lease): () => void {
    const known = [this.relay?.targetOf(id), this.relay?.candidateOf(id)];
    const isByRelay =
      this.isRelayed(id) && this.#isWatched(id) && known.some((one) => one?.revision === lease.revision);
    if (isByRelay || this.#isKept(id)) return () => undefined;
    const ended = this.#proofs.begin(id, lease);
    this.#countPulls(id);
    return ended;
  }

  #countPulls(id: CameraId): void {
    const { length } = this.#pullsOf(id);
    if (length > 2) this.#events.onThirdPull(id, length);
  }

  /** Every address that a pull is open for now; the same one twice, where two pull it. */
  #pullsOf(id: CameraId): readonly Pulled[] {
    const { mode, candidate } = this.#served.get(id) ?? { mode: 'on-demand', candidate: null };
    const inForce = this.#inForce.get(id) ?? null;
    const proofs = this.#proofs.of(id);
    const leaving = this.isRelayed(id) ? (this.relay?.leavingOf(id) ?? null) : null;
    if (isAlwaysPulled(mode)) return [inForce, leaving ?? candidate].filter((one) => one !== null).concat(proofs);
    if (inForce === null || !this.#isWatched(id)) return proofs;
    return [inForce, leaving].filter((one) => one !== null).concat(proofs);
  }

  #check(): void {
    if (this.away > 0) throw new AppError('ENGINE_UNREACHABLE', 'MediaMTX does not answer.');
  }
}

function lossOf(before: Line, line: Line | undefined, relay: LineFacts['relay'], revision?: number): Loss {
  if (before.by === 'relay') return relay === 'none' ? 'fallback' : 'relayed-line';
  if (!line) return 'gone';
  if (line.by === 'itself') return 'swap';
  return before.lease?.revision === revision ? 'moved-early' : 'moved-over';
}

function howOf(mode: CameraMode, before: Line | undefined, line: Line | null): SwapHow {
  if (before?.by === 'relay' && line?.by === 'relay') return 'relay';
  return isAlwaysPulled(mode) && line?.by === 'itself' ? 'forward' : 'swap';
}
