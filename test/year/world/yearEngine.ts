import { type CameraId, goesByRelay, isAlwaysPulled } from '../../../src/core/camera/camera.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { StreamTracks } from '../../../src/core/camera/tracks.js';
import { AppError, CameraError } from '../../../src/core/errors.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { ApplyReport, Proof, StreamState } from '../../../src/engine/mediaEngine.js';
import { diffPaths } from '../../../src/engine/mediamtx/paths/diffPaths.js';
import type { PathConfigs } from '../../../src/engine/mediamtx/paths/pathConfig.js';
import { targetSource } from '../../../src/engine/mediamtx/paths/pathSource.js';
import type { SeenByRelay } from '../../../src/engine/mediamtx/state/relayedState.js';
import type { Chance } from './chance.js';
import type { EngineEvents } from './engineEvents.js';
import { idOf, type ProofPull, ProofPulls, type Pulled } from './pulls.js';
import type { YearClock } from './yearClock.js';
import { YearDoor, type DoorParts } from './yearDoor.js';
import { isSameLine, linesOf, lossOf, type Line } from './yearLines.js';
import { YearRelay } from './yearRelay.js';
import { yearStates } from './yearStates.js';

const TRACKS: StreamTracks = { video: { codec: 'H264', width: 1280, height: 720 }, audio: null };
const FASTEST_PROOF_MS = 800;
const SLOWEST_PROOF_MS = 4_000;
/** Longer than the wall clock is ever wrong by: two jumps may come together. */
const EXPIRED_MS = 6.2 * 3_600_000;
/** Whoever watches is left alone until an hour before the end. */
const IN_TIME_MS = 1.1 * 3_600_000;
/** Longer than anybody waits for a proof. */
const HANGS_MS = 61_000;

type Looks = Pick<ProofPull, 'isByRelay' | 'isAlive'>;

/** What one write did: the paths that were there, and the names of those that changed. */
export type Written = Pick<ApplyReport, 'by'> & { readonly before: PathConfigs; readonly changed: readonly string[] };

/**
 * The media server of the simulated year: it outlives camlease, and what it was told with it. It restarts, is away, hangs in
 * proofs and forgets; each life of camlease reaches it by a door of its own (`door`). On-demand and seamless
 * cameras come through the relay beside it.
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
  #paths: PathConfigs = new Map();
  #lines = new Map<CameraId, Line>();
  /** The leases that sources of its paths are of. */
  #pulled = new Map<string, Pulled>();
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
      readers: () => this.#readers(),
      plays: (id, target) => this.#events.plays(id, target),
    });
  }

  door(isAlive: () => boolean, parts: DoorParts): YearDoor {
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
    this.#paths = new Map();
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

  /** As whoever speaks to it reads them. */
  get paths(): PathConfigs {
    return this.#paths;
  }

  /** Throws while it does not answer. */
  check(): void {
    if (this.away > 0) throw new AppError('ENGINE_UNREACHABLE', 'MediaMTX does not answer.');
  }

  /** It has these paths from now on, made for these streams. `hasRelay`: whoever writes knows of no problem of the relay. */
  write(paths: PathConfigs, streams: DesiredStreams, hasRelay: boolean): Written {
    this.check();
    const before = this.#paths;
    const changes = diffPaths(before, paths);
    const [formerLines, served] = [this.#lines, this.#served];
    this.#judgeTold(streams);
    this.#served = streams;
    if (changes.length > 0) {
      [this.#paths, this.#lines] = [paths, linesOf(paths)];
      this.#learn(streams);
      const ids = [...new Set([...formerLines.keys(), ...this.#lines.keys()])];
      const changed = ids.filter((id) => !isSameLine(formerLines.get(id), this.#lines.get(id)));
      for (const id of changed) this.#judgeChange(id, formerLines.get(id), served, hasRelay);
      for (const id of changed) this.#look(id, 'told');
      this.#clock.happened();
    }
    for (const id of streams.keys()) this.#countPulls(id);
    const by = changes.length === 0 ? 'none' : changes.length <= 2 ? 'api' : 'file';
    return { before, changed: changes.map(({ name }) => name), by };
  }

  /** `isByRelay`: what is looked at is the candidate that the relay was told of. `isAlive`: whoever looks lives. */
  async prove(id: CameraId, lease: PullTarget, { isByRelay, isAlive }: Looks, signal?: AbortSignal): Promise<Proof> {
    this.check();
    const isHanging = this.#chance.happens(0.002) || this.hangs > 0;
    const lengthMs = this.#clock.togetherMs(this.#chance.between(FASTEST_PROOF_MS, SLOWEST_PROOF_MS));
    this.#clock.happened(isHanging ? HANGS_MS : lengthMs);
    const { url, revision } = lease;
    const ended = this.#beginProof(id, { url, revision, isByRelay, isAlive });
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
    this.check();
    if (this.#events.plays(id, lease) && (!isByRelay || this.#isKnownToRelay(id, lease)))
      return { tracks: TRACKS, framesPerSecond: 15, moves: true, picture: null };
    throw new CameraError('STREAM_NO_PICTURE', 'retry', 'The camera sent no picture.', { cure: 'Look at the camera.' });
  }

  /** camlease knows that this lease's picture was seen. */
  proved(id: CameraId, lease: PullTarget): void {
    if (this.isRelayed(id)) this.#events.onProved(id, lease);
  }

  /** `relay`: what that says. `nowMs`: of whoever asks, monotonic. */
  states(relay: SeenByRelay, nowMs: number): ReadonlyMap<CameraId, StreamState> {
    const seen = { served: this.#served, lines: this.#lines, viewers: this.viewers, isServed: this.away === 0 };
    const inForce = (id: CameraId): Pulled | null => this.#inForce.get(id) ?? null;
    return yearStates({ ...seen, inForce, plays: this.#events.plays }, relay, nowMs);
  }

  #isWatched(id: CameraId): boolean {
    return (this.viewers.get(id) ?? 0) > 0;
  }

  /** What viewers of the camera get may be another address now. */
  #look(id: CameraId, why: 'told' | 'forgotten' | 'old-file'): void {
    const line = this.#lines.get(id);
    const now = (line?.by === 'relay' ? this.relay?.targetOf(id) : this.#pulled.get(line?.source ?? '')) ?? null;
    const was = this.#inForce.get(id) ?? null;
    if (was?.revision === now?.revision) return;
    if (now === null) this.#inForce.delete(id);
    else this.#inForce.set(id, now);
    this.#countPulls(id);
    this.#events.onInForce(id, now, why);
  }

  /** The media server knows sources only; which leases they are of is known from the streams that they were written for. */
  #learn(streams: DesiredStreams): void {
    const pulled = new Map<string, Pulled>();
    for (const { source } of this.#paths.values()) {
      const known = this.#pulled.get(source);
      if (known) pulled.set(source, known);
    }
    for (const { inForce, candidate } of streams.values())
      for (const lease of [inForce, candidate]) {
        const source = lease && targetSource(lease);
        if (lease && source !== null) pulled.set(source, { url: lease.url, revision: lease.revision });
      }
    this.#pulled = pulled;
  }

  #judgeTold(streams: DesiredStreams): void {
    const nowMs = this.#clock.nowMs;
    for (const [id, { inForce }] of streams)
      if (inForce?.endsAt && nowMs - inForce.endsAt.getTime() > EXPIRED_MS) this.#events.onExpiredTold(id);
  }

  #judgeChange(id: CameraId, before: Line | undefined, served: DesiredStreams, hasRelay: boolean): void {
    if (before === undefined) return;
    const line = this.#lines.get(id);
    const [was, is] = [served.get(id), this.#served.get(id)];
    const hasNewMode = is !== undefined && was?.mode !== is.mode;
    if (before.by === 'relay' && hasRelay && !hasNewMode) this.#events.onLineGone(id);
    const isCarried = before.by === 'itself' && before.isKept && line?.by === 'itself' && line.isKept;
    if (!this.#isWatched(id) || (!hasNewMode && isCarried)) return;
    const isSameLease = was?.inForce?.revision === is?.inForce?.revision;
    this.#events.onLoss(id, hasNewMode ? 'mode' : lossOf(before, line, hasRelay, isSameLease));
    const leftMs = (was?.inForce?.endsAt?.getTime() ?? 0) - this.#clock.nowMs;
    if (is?.inForce && !isSameLease && leftMs > IN_TIME_MS) this.#events.onCut(id);
  }

  #loseRelayed(why: 'worker' | 'relay', isLost: () => boolean): void {
    for (const [id, { by }] of this.#lines)
      if (by === 'relay' && this.#isWatched(id) && isLost()) this.#events.onLoss(id, why);
  }

  /** A proof by the relay looks at what that pulls anyway, or at its second pull; another one pulls the address itself. */
  #beginProof(id: CameraId, pull: ProofPull): () => void {
    if (this.#isFed(id)) return () => undefined;
    const ended = this.#proofs.begin(id, pull);
    this.#countPulls(id);
    return ended;
  }

  /** A feeder pulls each of its leases. */
  #isFed(id: CameraId): boolean {
    return isAlwaysPulled(this.#served.get(id)?.mode ?? 'direct') && !this.isRelayed(id);
  }

  *#readers(): Iterable<readonly [CameraId, number]> {
    for (const [id, { by, isKept }] of this.#lines)
      if (by === 'relay' && (isKept || this.#isWatched(id))) yield [id, (this.viewers.get(id) ?? 0) + (isKept ? 1 : 0)];
  }

  #isKnownToRelay(id: CameraId, { revision }: PullTarget): boolean {
    return [this.relay?.targetOf(id), this.relay?.candidateOf(id)].some((known) => known?.revision === revision);
  }

  #countPulls(id: CameraId): void {
    const { length } = this.#pullsOf(id);
    if (length > 2) this.#events.onThirdPull(id, length);
  }

  /** Every address that a pull is open for now; the same one twice, where two pull it beside each other. */
  #pullsOf(id: CameraId): readonly Pulled[] {
    const inForce = this.#inForce.get(id) ?? null;
    const isFed = this.#isFed(id);
    const isOpen = isFed || this.#isWatched(id) || this.#lines.get(id)?.isKept === true;
    if (!isOpen) return this.#proofs.besides(id, []);
    const leaving = inForce && this.isRelayed(id) ? (this.relay?.leavingOf(id) ?? null) : null;
    const besides = isFed ? (this.#served.get(id)?.candidate ?? null) : leaving;
    const shown = [inForce, besides].filter((one) => one !== null);
    return [...shown, ...this.#proofs.besides(id, shown)];
  }
}
