import { type CameraId, goesByRelay, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { EngineLog } from '../../engineLog.js';
import type { DesiredStreams } from '../../mediaEngine.js';
import type { PathConfigs } from '../paths/pathConfig.js';
import { isRelayLine } from '../paths/relayLine.js';

export type Viewers = ReadonlyMap<CameraId, number>;

export interface MovingOverDeps {
  readonly clock: Clock;
  readonly log: EngineLog;
  /** People who watch, by camera; null: could not be read. */
  readonly viewers: (signal?: AbortSignal) => Promise<Viewers | null>;
  /** Nobody watches some of them now. */
  readonly onUnwatched: () => void;
}

const LOOK_EVERY_MS = 10_000;
/** How long an answer counts: somebody may begin to watch at any moment. */
const TRUE_FOR_MS = 5_000;
/** How many cameras the log names. */
const NAMED = 10;

/** Cameras that MediaMTX pulls itself although the relay could: each goes to its relay line while nobody watches it. */
export class MovingOver {
  readonly #deps: MovingOverDeps;
  readonly #stop = new AbortController();
  #waiting: readonly CameraId[] = [];
  #unwatched: ReadonlySet<CameraId> = new Set();
  #lookedMs = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(deps: MovingOverDeps) {
    this.#deps = deps;
  }

  /** True: nobody watched it a moment ago, so the next write may change its line. */
  mayMove(cameraId: CameraId): boolean {
    return this.#unwatched.has(cameraId) && this.#deps.clock.monotonicMs() - this.#lookedMs <= TRUE_FOR_MS;
  }

  /** Asks for the viewers right before a write, unless they are known. Costs nothing while no camera waits. */
  async look(waiting: readonly CameraId[], known?: Viewers | null): Promise<void> {
    this.#unwatched = new Set();
    if (waiting.length === 0) return;
    const viewers = known === undefined ? await this.#deps.viewers(this.#stop.signal) : known;
    this.#lookedMs = this.#deps.clock.monotonicMs();
    if (viewers) this.#unwatched = new Set(waiting.filter((cameraId) => (viewers.get(cameraId) ?? 0) === 0));
  }

  /** These cameras are left; their viewers are asked for every ten seconds. null: the relay cannot be used, so none waits for it. */
  keep(waiting: readonly CameraId[] | null): void {
    this.#say(waiting);
    this.#waiting = waiting ?? [];
    this.#unwatched = new Set();
    if (this.#waiting.length === 0) this.#cancel();
    else if (!this.#cancelTimer) this.#schedule();
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.length;
  }

  stop(): void {
    this.#stop.abort();
    this.#cancel();
  }

  /** Once when cameras begin to wait, which may take days, and once when the last one went over. */
  #say(waiting: readonly CameraId[] | null): void {
    const { log } = this.#deps;
    if (waiting === null) return;
    if (this.#waiting.length === 0 && waiting.length > 0)
      log.info(
        'MediaMTX still pulls some cameras itself because they are watched. Each goes to the relay when nobody watches it, or with its next lease, which drops its viewers once.',
        { cameras: waiting.length, first: waiting.slice(0, NAMED) },
      );
    if (this.#waiting.length > 0 && waiting.length === 0)
      log.info('All on-demand and seamless cameras go through the relay now; their renewals drop no viewer any more.');
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #schedule(): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer = this.#deps.clock.after(LOOK_EVERY_MS, () => void this.#lookAgain());
  }

  async #lookAgain(): Promise<void> {
    // That MediaMTX is away is said by its watch.
    const viewers = await this.#deps.viewers(this.#stop.signal).catch(() => null);
    this.#cancelTimer = null;
    if (this.#waiting.length === 0) return;
    this.#schedule();
    if (viewers && this.#waiting.some((cameraId) => (viewers.get(cameraId) ?? 0) === 0)) this.#deps.onUnwatched();
  }
}

/** Cameras for the relay whose line is not the relay's yet. */
export function camerasToMove(streams: DesiredStreams, own: PathConfigs): readonly CameraId[] {
  return [...streams].flatMap(([cameraId, { mode }]) => {
    const line = goesByRelay(mode) ? own.get(cameraId) : undefined;
    if (!line || isRelayLine(cameraId, line)) return [];
    // An on-demand camera that was published to is written anew at once.
    return line.source !== 'publisher' || isAlwaysPulled(mode) ? [cameraId] : [];
  });
}
