import { type CameraId, type CameraMode, goesByRelay, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { Lease } from '../../../core/camera/lease.js';
import type { RelayCameras, RelayedCamera } from '../../../core/streams/relay.js';
import type { DesiredStreams, MovedStream } from '../../mediaEngine.js';
import type { RelayWorld } from '../paths/desiredPaths.js';
import { DirectHosts } from './directHosts.js';
import type { EngineLog } from '../../engineLog.js';
import { camerasToMove, MovingOver, type Viewers } from './movingOver.js';
import { orAborted } from '../../../core/orAborted.js';
import type { PathConfigs } from '../paths/pathConfig.js';
import { isRelayLine, relayPath } from '../paths/relayLine.js';
import type { Relay } from './relayPort.js';
import { RelayedMoves } from './relayedMoves.js';
import { isSameTelling, relayCamerasOf } from './relayTelling.js';

export interface RelayedCamerasDeps {
  readonly relay: Relay;
  readonly log: EngineLog;
  /** The fence under which this process owns MediaMTX; 0: no other process uses it. */
  readonly fence: () => number;
  /** True: another process feeds the relay and writes MediaMTX's lines, or may; absent: none does. */
  readonly looksOn?: () => boolean;
  readonly clock: Clock;
  /** People who watch, by camera; null: could not be read. */
  readonly viewers: (signal?: AbortSignal) => Promise<Viewers | null>;
  /** MediaMTX's lines as far as they are known. */
  readonly own: () => PathConfigs;
  /** The relay has to be told, or MediaMTX's lines to be written, anew; `isUrgent`: pictures stand still until then. */
  readonly onNews: (isUrgent: boolean) => void;
}

/** A proof is followed by a promotion within moments, and the pull that was looked at is to take over. */
const KEPT_AFTER_PROOF_MS = 10_000;

/** What the relay beside MediaMTX is told of the on-demand and seamless cameras, and what follows from it for their lines. */
export class RelayedCameras {
  readonly #deps: RelayedCamerasDeps;
  readonly #moving: MovingOver;
  readonly #directHosts: DirectHosts;
  #wanted: DesiredStreams | null = null;
  /** What the relay was told last. */
  #told: RelayCameras = new Map();
  /** The fence of that telling; null: the relay may know something else by now. */
  #toldFence: number | null = null;
  /** The relay refused what it was told last. */
  #isRefused = false;
  /** Leases that a proof looks at through the relay, whatever else is wanted. */
  readonly #proving = new Map<CameraId, Lease>();
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
      this.#toldFence = null;
      this.#say();
      onNews(!this.#isWell);
    });
    await relay.start();
    this.#say();
  }

  /** Begins nothing any more. */
  end(): void {
    this.#stopped = true;
    this.#moving.stop();
  }

  async stop(): Promise<void> {
    this.end();
    await this.#running;
    await this.#deps.relay.stop();
  }

  /** A sentence with its cure; null: the relay is well. */
  get problem(): string | null {
    const { relay, looksOn } = this.#deps;
    if (relay.problem === null) return null;
    const { message, cure } = relay.problem;
    const meaning = looksOn?.()
      ? 'Cameras would be pulled by MediaMTX itself if this replica took over.'
      : 'Cameras are pulled by MediaMTX itself meanwhile.';
    return `${message} ${meaning} ${cure}`;
  }

  /** Cameras that are watched by lines of before. */
  get waiting(): number {
    return this.#moving.count;
  }

  /** null: the relay is not well, so no line may lead to it. */
  get world(): RelayWorld | null {
    const { relay } = this.#deps;
    if (relay.problem !== null) return null;
    return {
      line: (cameraId, current, when) => {
        if (this.isBeside(cameraId)) return null;
        const isRelayed = current !== undefined && isRelayLine(cameraId, current);
        // The relay does not pull what it refused: a new line to it would show an older lease, or nothing.
        if (this.#isRefused && !isRelayed) return null;
        const source = relay.sourceFor(cameraId);
        if (source !== null) return relayPath(source, when);
        return isRelayed ? relayPath(current.source, when) : null;
      },
      mayMove: (cameraId) => this.#moving.mayMove(cameraId),
    };
  }

  /** These are to be told from now on; `tell` does it. */
  want(streams: DesiredStreams): void {
    this.#wanted = streams;
  }

  /** Another process tells the relay from now on. */
  lookOn(): void {
    this.#wanted = null;
    this.#toldFence = null;
    this.#told = new Map();
    this.#isRefused = false;
    this.#moves.forget();
    this.#moving.keep(null);
  }

  /** Right before a write: which direct lines nobody watches, so that they may become the relay's. `viewers`: as asked just now. */
  async look(streams: DesiredStreams, own: PathConfigs, viewers?: Viewers | null): Promise<void> {
    await this.#moving.look(this.#toMove(streams, own) ?? [], viewers);
  }

  /** These are the lines now. */
  keep(streams: DesiredStreams, own: PathConfigs): void {
    this.#moving.keep(this.#toMove(streams, own));
  }

  /** Resolves when the relay has what is wanted, or has a problem. Throws what it answered: then it may know something else. */
  tell(signal?: AbortSignal): Promise<void> {
    const turn = this.#running.then(() => this.#tellNow(signal));
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  /** As `tell`, but returns its error, so that the caller can write its lines first; null: no error. `RELAY_FENCED` is thrown. */
  async tried(signal?: AbortSignal): Promise<Error | null> {
    try {
      await orAborted(this.tell(signal), signal);
      return null;
    } catch (thrown) {
      const isLast = signal?.aborted === true || isFenced(thrown);
      if (isLast || !(thrown instanceof Error)) throw thrown;
      return thrown;
    }
  }

  /**
   * Where this lease can be looked at through the relay, which pulls it beside the one in force; null: nobody watches the camera, or it
   * is not the relay's, or that very lease is in force. That of a camera that is pulled all the time is looked at there too, since the
   * relay pulls it anyway. Throws as `tell` does. `endProof` is to follow, unless it was null.
   */
  async beginProof(cameraId: CameraId, lease: Lease, own: PathConfigs, signal?: AbortSignal): Promise<string | null> {
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
      await this.tell(signal);
    } catch (thrown) {
      this.endProof(cameraId, lease, false);
      throw thrown;
    }
    return this.#isWell ? url : null;
  }

  /** `isGood`: the lease is about to be the one in force. */
  endProof(cameraId: CameraId, lease: Lease, isGood: boolean): void {
    const { clock } = this.#deps;
    const end = (): void => {
      if (this.#proving.get(cameraId) !== lease) return;
      this.#proving.delete(cameraId);
      // A relay that cannot be told now is told with the next change.
      if (!this.#stopped) this.tell().catch(() => undefined);
    };
    if (isGood) clock.after(KEPT_AFTER_PROOF_MS, end);
    else end();
  }

  /** Replaces a camera's slate. A relay that is away gets one after the next proof. */
  async keepSlate(cameraId: CameraId, units: readonly Buffer[]): Promise<void> {
    if (this.#isWell) await this.#deps.relay.keepSlate(cameraId, units);
  }

  /** True: its next line reads the relay. */
  takes(cameraId: CameraId, mode: CameraMode): boolean {
    const isRelayed = goesByRelay(mode) && this.#isWell && !this.isBeside(cameraId);
    return isRelayed && this.#deps.relay.sourceFor(cameraId) !== null;
  }

  /** True: the relay does not understand the server of its lease, so MediaMTX pulls it. */
  isBeside(cameraId: CameraId): boolean {
    return this.#directHosts.has(cameraId, this.#told);
  }

  /** Which lease the relay pulls or would pull; null: none, or it was not told by this process. */
  revisionOf(cameraId: CameraId): number | null {
    return this.#told.get(cameraId)?.target?.revision ?? null;
  }

  /** Cameras that somebody reads from the relay; null: could not be read. */
  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null> {
    const states = await this.#deps.relay.states(signal).catch(() => null);
    if (states && this.#directHosts.see(states, this.#told)) this.#deps.onNews(false);
    return states;
  }

  /** True when the relay takes this camera to another lease, so that nothing is written for it. */
  carries(cameraId: CameraId, own: PathConfigs): boolean {
    return this.#isWell && this.#reads(cameraId, own);
  }

  /** After a write: the relay is told to let go of cameras whose line has left it. */
  async letGo(signal?: AbortSignal): Promise<void> {
    const isLeft = (cameraId: CameraId): boolean => !goesByRelay(this.#wanted?.get(cameraId)?.mode ?? 'direct');
    if ([...this.#told.keys()].some(isLeft)) await this.tried(signal);
  }

  /** At the end of an `apply`: the cameras that the relay took to another lease since the one before, and those that left it so. */
  settle(before: PathConfigs, own: PathConfigs): readonly MovedStream[] {
    return this.#moves.settle(this.#wanted ?? new Map(), before, own);
  }

  /** Cameras that a relay line takes to another lease when these are told. */
  planned(streams: DesiredStreams, own: PathConfigs): readonly CameraId[] {
    return [...streams].flatMap(([cameraId, { mode, inForce }]) => {
      const told = this.revisionOf(cameraId);
      const isMoved = goesByRelay(mode) && inForce && told !== null && told !== inForce.revision;
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

  /** null: the relay is not well. */
  #toMove(streams: DesiredStreams, own: PathConfigs): readonly CameraId[] | null {
    return this.#isWell ? camerasToMove(streams, own).filter((cameraId) => !this.isBeside(cameraId)) : null;
  }

  async #tellNow(signal?: AbortSignal): Promise<void> {
    const { relay, fence: fenceNow } = this.#deps;
    if (this.#wanted === null || relay.problem !== null) return;
    const fence = fenceNow();
    const own = this.#deps.own();
    const isRead = (cameraId: CameraId): boolean => this.#told.has(cameraId) && this.#reads(cameraId, own);
    const cameras = relayCamerasOf(this.#wanted, this.#proving, isRead);
    if (this.#toldFence === fence && isSameTelling(this.#told, cameras)) return;
    // A relay that restarts meanwhile sets this back to null (`onChange`).
    this.#toldFence = fence;
    try {
      await relay.tell(cameras, fence, signal);
      this.#told = cameras;
      this.#isRefused = false;
    } catch (thrown) {
      this.#toldFence = null;
      this.#isRefused = true;
      if (this.#isWell || isFenced(thrown)) throw thrown;
    }
  }

  /** Once for each change from well to not and back. */
  #say(): void {
    const { relay, log } = this.#deps;
    const isWell = this.#isWell;
    if (isWell === this.#wasWell) return;
    this.#wasWell = isWell;
    if (relay.problem)
      log.warn('the relay cannot be used, so MediaMTX pulls all cameras itself until it can', {
        reason: relay.problem.message,
        cure: relay.problem.cure,
      });
    else log.info('the relay can be used again; cameras go back to it as nobody watches them');
  }
}

function isFenced(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'RELAY_FENCED';
}
