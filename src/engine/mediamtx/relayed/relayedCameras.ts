import { type CameraId, type CameraMode, goesByRelay, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { RelayCameras, RelayedCamera } from '../../../core/streams/relay.js';
import { isForRelay, isForRelayAlone, type DesiredStreams } from '../../../core/streams/streams.js';
import type { MovedStream } from '../../mediaEngine.js';
import type { RelayWorld } from '../paths/desiredPaths.js';
import { DirectHosts } from './directHosts.js';
import type { EngineLog } from '../../engineLog.js';
import { camerasToMove, MovingOver, type Viewers } from './movingOver.js';
import { orAborted } from '../../../core/async/orAborted.js';
import type { PathConfigs } from '../paths/pathConfig.js';
import { isRelayLine, relayPath } from '../paths/relayLine.js';
import type { Relay } from './relayPort.js';
import { RelayedMoves } from './relayedMoves.js';
import { isSameTelling, relayCamerasOf } from './relayTelling.js';

export interface RelayedCamerasDeps {
  readonly relay: Relay;
  readonly log: EngineLog;
  /** The fence under which this replica owns MediaMTX; 0: no other replica uses it. */
  readonly fence: () => number;
  /** True: another replica controls the relay and writes MediaMTX's lines, or may do so; absent: there is no other replica. */
  readonly isStandby?: () => boolean;
  /** True: the relay can transcode; absent: it cannot. */
  readonly derives?: boolean;
  readonly clock: Clock;
  /** People who watch, by camera; null: MediaMTX could not be asked. */
  readonly viewers: (signal?: AbortSignal) => Promise<Viewers | null>;
  /** Our paths in MediaMTX as last known. */
  readonly own: () => PathConfigs;
  /** The relay must get the cameras again, or MediaMTX's lines must be rewritten; `isUrgent`: viewers' pictures are frozen until then. */
  readonly onNews: (isUrgent: boolean) => void;
}

/** How long the relay keeps a proven pull: the promotion follows within moments, and that pull then takes over. */
const KEPT_AFTER_PROOF_MS = 10_000;

/** Sends the relay the cameras to pull, and decides which of MediaMTX's lines may read it. */
export class RelayedCameras {
  readonly #deps: RelayedCamerasDeps;
  readonly #moving: MovingOver;
  readonly #directHosts: DirectHosts;
  #wanted: DesiredStreams | null = null;
  /** The cameras that the relay was last sent. */
  #sent: RelayCameras = new Map();
  /** The fence with which they were sent; null: the relay may have other cameras by now. */
  #sentFence: number | null = null;
  /** True: the relay rejected the last `send`. */
  #isRefused = false;
  /** Leases that a proof looks at through the relay, which stay its candidates until the proof ends. */
  readonly #proving = new Map<CameraId, PullTarget>();
  readonly #moves = new RelayedMoves();
  #running: Promise<unknown> = Promise.resolve();
  #wasWell = true;
  #stopped = false;

  constructor(deps: RelayedCamerasDeps) {
    this.#deps = deps;
    const { clock, log, viewers, onNews } = deps;
    this.#moving = new MovingOver({ clock, log, viewers, onUnwatched: () => onNews(false) });
    this.#directHosts = new DirectHosts({ clock, log });
  }

  async start(): Promise<void> {
    const { relay, onNews } = this.#deps;
    relay.onChange(() => {
      this.#sentFence = null;
      this.#logChange();
      onNews(!this.#isWell);
    });
    await relay.start();
    this.#logChange();
  }

  /** Starts no further work. */
  end(): void {
    this.#stopped = true;
    this.#moving.stop();
  }

  async stop(): Promise<void> {
    this.end();
    await this.#running;
    await this.#deps.relay.stop();
  }

  /** A sentence with its cure; null: the relay works. */
  get problem(): string | null {
    const { relay, isStandby } = this.#deps;
    if (relay.problem === null) return null;
    const { message, cure } = relay.problem;
    const meaning = isStandby?.()
      ? 'MediaMTX would pull the cameras itself if this replica took over.'
      : 'Meanwhile MediaMTX pulls the cameras itself.';
    const isAnyAlone = [...(this.#wanted?.values() ?? [])].some(isForRelayAlone);
    const alone = isAnyAlone ? ' Cameras with an address of their own are not served until then.' : '';
    return `${message} ${meaning}${alone} ${cure}`;
  }

  /** How many cameras wait for a moment without viewers to move to the relay. */
  get waiting(): number {
    return this.#moving.count;
  }

  /** null: the relay has a problem, so no line may read it. */
  get world(): RelayWorld | null {
    const { relay } = this.#deps;
    if (relay.problem !== null) return null;
    return {
      line: (cameraId, current, when) => {
        if (this.isBeside(cameraId)) return null;
        const isRelayed = current !== undefined && isRelayLine(cameraId, current);
        // The relay rejected the last cameras, so a new line would show an older lease, or nothing.
        if (this.#isRefused && !isRelayed) return null;
        const source = relay.sourceFor(cameraId);
        if (source !== null) return relayPath(source, when);
        return isRelayed ? relayPath(current.source, when) : null;
      },
      mayMove: (cameraId) => this.#moving.mayMove(cameraId),
      derives: this.#deps.derives === true,
    };
  }

  /** Sets the streams that the next `send` gives to the relay. */
  want(streams: DesiredStreams): void {
    this.#wanted = streams;
  }

  /** Another replica controls the relay from now on. */
  standBy(): void {
    this.#wanted = null;
    this.#sentFence = null;
    this.#sent = new Map();
    this.#isRefused = false;
    this.#moves.forget();
    this.#moving.keep(null);
  }

  /**
   * Call right before a write: finds the direct lines that nobody watches, which may become relay lines. `viewers`: if the caller asked
   * for them just now.
   */
  async findUnwatched(streams: DesiredStreams, own: PathConfigs, viewers?: Viewers | null): Promise<void> {
    await this.#moving.refresh(this.#toMove(streams, own) ?? [], viewers);
  }

  /** Call after a write, with our paths now: keeps waiting for the cameras whose direct lines are left. */
  keep(streams: DesiredStreams, own: PathConfigs): void {
    this.#moving.keep(this.#toMove(streams, own));
  }

  /** Resolves when the relay has the wanted cameras, or has a problem. Throws the relay's error; its cameras are not certain then. */
  send(signal?: AbortSignal): Promise<void> {
    const turn = this.#running.then(() => this.#sendNow(signal));
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  /** As `send`, but returns the error, so that the caller can write lines before it throws it; null: no error. Throws `RELAY_FENCED`. */
  async trySend(signal?: AbortSignal): Promise<Error | null> {
    try {
      await orAborted(this.send(signal), signal);
      return null;
    } catch (thrown) {
      const isLast = signal?.aborted === true || isFenced(thrown);
      if (isLast || !(thrown instanceof Error)) throw thrown;
      return thrown;
    }
  }

  /**
   * Has the relay pull this lease beside the one in force, and returns the URL at which a proof can see it. null: nobody watches the
   * camera, the relay does not carry it, or the lease is in force already. (For a camera that is pulled all the time also a lease in
   * force has a URL, since the relay pulls it anyway.) Throws as `send` does. Unless it returned null, call `endProof` afterwards.
   */
  async beginProof(
    cameraId: CameraId,
    lease: PullTarget,
    own: PathConfigs,
    signal?: AbortSignal,
  ): Promise<string | null> {
    const { relay } = this.#deps;
    const stream = this.#wanted?.get(cameraId);
    if (!stream || !this.carries(cameraId, own)) return null;
    if (this.revisionOf(cameraId) === lease.revision)
      return isAlwaysPulled(stream.mode) ? relay.candidateUrl(cameraId, lease.revision) : null;
    const seen = (await this.states(signal))?.get(cameraId);
    if (!seen || seen.readers === 0 || seen.state === 'opening') return null;
    const url = relay.candidateUrl(cameraId, lease.revision);
    if (url === null) return null;
    this.#proving.set(cameraId, lease);
    try {
      await this.send(signal);
    } catch (thrown) {
      this.endProof(cameraId, lease, false);
      throw thrown;
    }
    return this.#isWell ? url : null;
  }

  /** Ends a proof's pull at the relay. `isGood`: the lease is about to be promoted, so its pull is kept for 10 s. */
  endProof(cameraId: CameraId, lease: PullTarget, isGood: boolean): void {
    const { clock } = this.#deps;
    const end = (): void => {
      if (this.#proving.get(cameraId) !== lease) return;
      this.#proving.delete(cameraId);
      // If the relay cannot be reached now, the next change is sent with this one.
      if (!this.#stopped) this.send().catch(() => undefined);
    };
    if (isGood) clock.after(KEPT_AFTER_PROOF_MS, end);
    else end();
  }

  /** Replaces a camera's slate at the relay. A relay with a problem gets its slate after the next proof. */
  async keepSlate(cameraId: CameraId, units: readonly Buffer[]): Promise<void> {
    if (this.#isWell) await this.#deps.relay.keepSlate(cameraId, units);
  }

  /** True: the camera's next line reads the relay. */
  takes(cameraId: CameraId, mode: CameraMode): boolean {
    const isMeant = goesByRelay(mode) || this.isMeantFor(cameraId);
    const isRelayed = isMeant && this.#isWell && !this.isBeside(cameraId);
    return isRelayed && this.#deps.relay.sourceFor(cameraId) !== null;
  }

  /** Where a camera of the relay is read; null: the relay has a problem, or MediaMTX pulls the camera. */
  readerUrl(cameraId: CameraId): string | null {
    return this.#deps.relay.problem === null && !this.isBeside(cameraId) ? this.#deps.relay.sourceFor(cameraId) : null;
  }

  /** True: the camera goes through the relay, whatever its mode says. */
  isMeantFor(cameraId: CameraId): boolean {
    const stream = this.#wanted?.get(cameraId);
    return stream !== undefined && isForRelay(stream);
  }

  /** True: the relay does not understand the server of the camera's lease, so MediaMTX pulls the camera. */
  isBeside(cameraId: CameraId): boolean {
    return this.#directHosts.has(cameraId, this.#sent);
  }

  /** The revision that the relay pulls for its readers; null: none, or this replica does not control the relay. */
  revisionOf(cameraId: CameraId): number | null {
    return this.#sent.get(cameraId)?.target?.revision ?? null;
  }

  /** The states of cameras that somebody reads from the relay; null: the relay could not be asked. */
  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null> {
    const states = await this.#deps.relay.states(signal).catch(() => null);
    if (states && this.#directHosts.see(states, this.#sent)) this.#deps.onNews(false);
    return states;
  }

  /** True: the camera's line reads a relay without a problem, so a change of its lease needs no write. */
  carries(cameraId: CameraId, own: PathConfigs): boolean {
    return this.#isWell && this.#reads(cameraId, own);
  }

  /** Call after a write: has the relay end the streams of cameras whose mode changed and whose line no longer reads it. */
  async letGo(signal?: AbortSignal): Promise<void> {
    const isLeft = (cameraId: CameraId): boolean => {
      const stream = this.#wanted?.get(cameraId);
      return stream === undefined || !isForRelay(stream);
    };
    if ([...this.#sent.keys()].some(isLeft)) await this.trySend(signal);
  }

  /** Call when an `apply` ends: see `RelayedMoves.settle`. */
  settle(before: PathConfigs, own: PathConfigs): readonly MovedStream[] {
    return this.#moves.settle(this.#wanted ?? new Map(), before, own);
  }

  /** Cameras that the relay would move to another lease if it got these streams. */
  planned(streams: DesiredStreams, own: PathConfigs): readonly CameraId[] {
    return [...streams].flatMap(([cameraId, stream]) => {
      const { inForce } = stream;
      const pulled = this.revisionOf(cameraId);
      const isMoved = isForRelay(stream) && inForce && pulled !== null && pulled !== inForce.revision;
      return isMoved && this.carries(cameraId, own) ? [cameraId] : [];
    });
  }

  #reads(cameraId: CameraId, own: PathConfigs): boolean {
    const line = own.get(cameraId);
    return line !== undefined && isRelayLine(cameraId, line);
  }

  get #isWell(): boolean {
    return this.#deps.relay.problem === null;
  }

  /** Cameras that wait to move to the relay; null: the relay has a problem. */
  #toMove(streams: DesiredStreams, own: PathConfigs): readonly CameraId[] | null {
    return this.#isWell ? camerasToMove(streams, own).filter((cameraId) => !this.isBeside(cameraId)) : null;
  }

  async #sendNow(signal?: AbortSignal): Promise<void> {
    const { relay, fence: fenceNow } = this.#deps;
    if (this.#wanted === null || relay.problem !== null) return;
    const fence = fenceNow();
    const own = this.#deps.own();
    const isRead = (cameraId: CameraId): boolean => this.#sent.has(cameraId) && this.#reads(cameraId, own);
    const cameras = relayCamerasOf(this.#wanted, this.#proving, isRead);
    if (this.#sentFence === fence && isSameTelling(this.#sent, cameras)) return;
    // Set before the call: a relay that restarts during it sets this back to null (`onChange`).
    this.#sentFence = fence;
    try {
      await relay.setCameras(cameras, fence, signal);
      this.#sent = cameras;
      this.#isRefused = false;
    } catch (thrown) {
      this.#sentFence = null;
      this.#isRefused = true;
      if (this.#isWell || isFenced(thrown)) throw thrown;
    }
  }

  /** Logs once when the relay gets a problem, and once when it works again. */
  #logChange(): void {
    const { relay, log } = this.#deps;
    const isWell = this.#isWell;
    if (isWell === this.#wasWell) return;
    this.#wasWell = isWell;
    if (relay.problem)
      log.warn('the relay cannot be used, so MediaMTX pulls all cameras itself until it can', {
        reason: relay.problem.message,
        cure: relay.problem.cure,
      });
    else log.info('the relay can be used again; each camera switches back to it when nobody watches it');
  }
}

function isFenced(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'RELAY_FENCED';
}
