import type { CameraId } from '../../../src/core/camera/camera.js';
import { AppError } from '../../../src/core/errors.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { RelayCameras, RelayedCamera } from '../../../src/core/streams/relay.js';
import type { Relay } from '../../../src/engine/mediamtx/relayed/relayPort.js';
import type { Chance } from './chance.js';
import type { YearClock } from './yearClock.js';

/** A parent that is back before is no problem: its cameras wait for it. */
const PROBLEM_AFTER_MS = 10_000;
/** Until the next key frame the old pull goes on beside the new one. */
const FIRST_KEY_FRAME_MS = 500;
const LAST_KEY_FRAME_MS = 4_000;
/** Nobody counts bytes, and it understands every server. */
const BYTES = { bytesReceived: 0, protocolFailures: 0 } as const;

export interface RelayEvents {
  /**
   * What these cameras' readers get may be another address now. `told`: camlease said so. `forgotten`: the relay went away or came back.
   * `old-file`: it came back with a file that lacks its last lines.
   */
  readonly onTargets: (ids: readonly CameraId[], why: 'told' | 'forgotten' | 'old-file') => void;
  /** How many read each camera from it now; cameras that nobody reads may be left out. */
  readonly readers: () => Iterable<readonly [CameraId, number]>;
  /** Whether this address shows a picture now. */
  readonly plays: (id: CameraId, target: PullTarget) => boolean;
}

/**
 * The relay of the simulated year: a process of its own with a file of its own. It outlives camlease and the media server, so that
 * a camera goes on by what the file says until its address ends.
 */
export class YearRelay {
  /** Reasons for which its disk takes nothing now. */
  diskRefuses = 0;
  readonly #clock: YearClock;
  readonly #chance: Chance;
  readonly #events: RelayEvents;
  readonly #clients = new Set<Client>();
  #away = 0;
  #isProblem = false;
  /** What is on its disk, and what each line was before. */
  #file = new Map<CameraId, PullTarget | null>();
  readonly #former = new Map<CameraId, PullTarget>();
  readonly #candidates = new Map<CameraId, PullTarget>();
  readonly #leaving = new Map<CameraId, PullTarget>();
  #fence = 0;

  constructor(clock: YearClock, chance: Chance, events: RelayEvents) {
    this.#clock = clock;
    this.#chance = chance;
    this.#events = events;
  }

  /** How one life of camlease reaches it. `wire`: what it is told takes so long there; it arrives whatever becomes of its sender. */
  client(isAlive: () => boolean, wire: () => Promise<void> = async () => undefined): Relay {
    const client = new Client(this, isAlive, wire);
    this.#clients.add(client);
    return client;
  }

  close(client: Relay): void {
    for (const one of this.#clients) if (one === client) this.#clients.delete(one);
  }

  get isRunning(): boolean {
    return this.#away === 0;
  }

  /** It is known to be away, so that cameras are to be pulled without it. */
  get isProblem(): boolean {
    return this.#isProblem;
  }

  /** It does what it is told. */
  get isWell(): boolean {
    return this.isRunning && !this.#isProblem && this.diskRefuses === 0;
  }

  /** null: no address is in force, or it does not know the camera; also while it is away. */
  targetOf(id: CameraId): PullTarget | null {
    return this.isRunning ? (this.#file.get(id) ?? null) : null;
  }

  candidateOf(id: CameraId): PullTarget | null {
    return this.isRunning ? (this.#candidates.get(id) ?? null) : null;
  }

  /** The address that it leaves at the next key frame; null: none. */
  leavingOf(id: CameraId): PullTarget | null {
    return this.isRunning ? (this.#leaving.get(id) ?? null) : null;
  }

  /** What it says of the cameras that somebody reads; null: it does not answer. */
  seen(): ReadonlyMap<CameraId, RelayedCamera> | null {
    if (!this.isRunning) return null;
    const seen = new Map<CameraId, RelayedCamera>();
    for (const [id, readers] of this.#events.readers())
      if (readers > 0 && this.#file.has(id)) seen.set(id, this.#stateOf(id, readers));
    return seen;
  }

  #stateOf(id: CameraId, readers: number): RelayedCamera {
    const target = this.targetOf(id);
    if (target && this.#events.plays(id, target))
      return { state: 'live', revision: target.revision, readers, ...BYTES, quietMs: 0, reason: null };
    const reason = target ? 'not-found' : 'no-address';
    return { state: 'bridging', revision: null, readers, ...BYTES, quietMs: null, reason };
  }

  /** It ends, or begins again with its file. `hasOldFile`: the file lacks the last line of each camera. */
  go(by: 1 | -1, hasOldFile = false): void {
    this.#away += by;
    if (by > 0 && this.#away === 1) {
      this.#candidates.clear();
      this.#leaving.clear();
      this.#clock.after(PROBLEM_AFTER_MS, () => this.#tellNews(!this.isRunning));
      this.#events.onTargets([...this.#file.keys()], 'forgotten');
    }
    if (!this.isRunning) return;
    if (hasOldFile) for (const [id, target] of this.#former) this.#file.set(id, target);
    this.#events.onTargets([...this.#file.keys()], hasOldFile ? 'old-file' : 'forgotten');
    this.#tellNews(false, true);
  }

  /** Throws where it takes nothing of it. */
  take(cameras: RelayCameras, fence: number): void {
    if (!this.isRunning) throw new AppError('RELAY_UNREACHABLE', 'The relay does not answer.');
    if (fence < this.#fence) throw new AppError('RELAY_FENCED', 'Another replica feeds the relay now.');
    const changed = [...cameras].filter(([id, { target }]) => this.#differs(id, target));
    const gone = [...this.#file.keys()].filter((id) => !cameras.has(id));
    if (changed.length + gone.length > 0 && this.diskRefuses > 0)
      throw new AppError('DISK_FULL', "The relay's disk takes nothing.");
    this.#fence = fence;
    for (const [id, { target }] of changed) this.#goOver(id, target);
    for (const id of gone) {
      this.#file.delete(id);
      this.#former.delete(id);
      this.#leaving.delete(id);
    }
    this.#candidates.clear();
    for (const [id, { candidate }] of cameras) if (candidate) this.#candidates.set(id, candidate);
    const ids = [...changed.map(([id]) => id), ...gone];
    if (ids.length > 0) this.#events.onTargets(ids, 'told');
  }

  #differs(id: CameraId, target: PullTarget | null): boolean {
    const now = this.#file.get(id);
    return now === undefined || now?.revision !== target?.revision;
  }

  #goOver(id: CameraId, target: PullTarget | null): void {
    const was = this.#file.get(id) ?? null;
    this.#file.set(id, target);
    if (was === null) return;
    this.#former.set(id, was);
    if (target === null || !this.#isRead(id)) return;
    this.#leaving.set(id, was);
    this.#clock.after(this.#chance.between(FIRST_KEY_FRAME_MS, LAST_KEY_FRAME_MS), () => {
      if (this.#leaving.get(id) === was) this.#leaving.delete(id);
    });
  }

  #isRead(id: CameraId): boolean {
    for (const [read, readers] of this.#events.readers()) if (read === id) return readers > 0;
    return false;
  }

  #tellNews(isProblem: boolean, isAnew = false): void {
    if (isProblem === this.#isProblem && !isAnew) return;
    this.#isProblem = isProblem;
    this.#clock.happened();
    for (const client of this.#clients) if (!client.hear()) this.#clients.delete(client);
  }
}

class Client implements Relay {
  readonly #relay: YearRelay;
  readonly #isAlive: () => boolean;
  readonly #wire: () => Promise<void>;
  readonly #listeners: (() => void)[] = [];

  constructor(relay: YearRelay, isAlive: () => boolean, wire: () => Promise<void>) {
    this.#relay = relay;
    this.#isAlive = isAlive;
    this.#wire = wire;
  }

  get problem(): Relay['problem'] {
    return this.#relay.isProblem ? { message: 'The relay does not answer.', cure: 'Start it.' } : null;
  }

  async start(): Promise<void> {
    // It runs, or it does not.
  }

  async stop(): Promise<void> {
    this.#relay.close(this);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** False: whoever listened has ended. */
  hear(): boolean {
    if (!this.#isAlive()) return false;
    for (const listener of this.#listeners) listener();
    return true;
  }

  sourceFor(id: CameraId): string {
    return `rtsp://relay.test/${id}`;
  }

  candidateUrl(id: CameraId, revision: number): string {
    return `rtsp://relay.test/candidate/${id}/${revision}`;
  }

  async setCameras(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#isAlive()) return new Promise(() => undefined);
    await this.#wire();
    this.#relay.take(cameras, fence);
  }

  async keepSlate(): Promise<void> {
    // Nobody looks at it.
  }

  async states(): Promise<ReadonlyMap<CameraId, RelayedCamera> | null> {
    return this.#relay.seen();
  }
}
