import { Poller } from '../../../core/async/poller.js';
import { type CameraId, goesByRelay, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { EngineLog } from '../../engineLog.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { PathConfigs } from '../paths/pathConfig.js';
import { isRelayLine } from '../paths/relayLine.js';

export type Viewers = ReadonlyMap<CameraId, number>;

export interface MovingOverDeps {
  readonly clock: Clock;
  readonly log: EngineLog;
  /** People who watch, by camera; null: MediaMTX could not be asked. */
  readonly viewers: (signal?: AbortSignal) => Promise<Viewers | null>;
  /** Called when some of the waiting cameras have no viewer now. */
  readonly onUnwatched: () => void;
}

const POLL_EVERY_MS = 10_000;
/** How long an answer about viewers counts: somebody may begin to watch at any moment. */
const TRUE_FOR_MS = 5_000;
/** How many cameras the log names. */
const NAMED = 10;

/** Cameras that MediaMTX pulls itself although the relay could. Each moves to its relay line at a moment when nobody watches it. */
export class MovingOver {
  readonly #deps: MovingOverDeps;
  readonly #stop = new AbortController();
  #waiting: readonly CameraId[] = [];
  #unwatched: ReadonlySet<CameraId> = new Set();
  #readMs = 0;
  readonly #polls: Poller;

  constructor(deps: MovingOverDeps) {
    this.#deps = deps;
    this.#polls = new Poller(deps.clock, () => this.#poll());
  }

  /** True: nobody watched the camera a moment ago, so the next write may change its line. */
  mayMove(cameraId: CameraId): boolean {
    return this.#unwatched.has(cameraId) && this.#deps.clock.monotonicMs() - this.#readMs <= TRUE_FOR_MS;
  }

  /** Asks for the viewers right before a write, unless the caller knows them. Sends no request while no camera waits. */
  async refresh(waiting: readonly CameraId[], known?: Viewers | null): Promise<void> {
    this.#unwatched = new Set();
    if (waiting.length === 0) return;
    const viewers = known === undefined ? await this.#deps.viewers(this.#stop.signal) : known;
    this.#readMs = this.#deps.clock.monotonicMs();
    if (viewers) this.#unwatched = new Set(waiting.filter((cameraId) => (viewers.get(cameraId) ?? 0) === 0));
  }

  /** These cameras still wait: polls their viewers every 10 s. null: the relay cannot be used, so no camera waits for it. */
  keep(waiting: readonly CameraId[] | null): void {
    this.#log(waiting);
    this.#waiting = waiting ?? [];
    this.#unwatched = new Set();
    if (this.#waiting.length === 0) this.#polls.pause();
    else this.#polls.begin(POLL_EVERY_MS);
  }

  /** How many cameras wait. */
  get count(): number {
    return this.#waiting.length;
  }

  stop(): void {
    this.#stop.abort();
    void this.#polls.stop();
  }

  /** Logs once when cameras begin to wait, which may take days, and once when the last one has moved. */
  #log(waiting: readonly CameraId[] | null): void {
    const { log } = this.#deps;
    if (waiting === null) return;
    if (this.#waiting.length === 0 && waiting.length > 0)
      log.info(
        'MediaMTX still pulls some cameras itself because they are watched. Each switches to the relay when nobody watches it, or with its next lease, which drops its viewers once.',
        { cameras: waiting.length, first: waiting.slice(0, NAMED) },
      );
    if (this.#waiting.length > 0 && waiting.length === 0)
      log.info('All on-demand and seamless cameras go through the relay now; their renewals drop no viewer any more.');
  }

  /** Returns the ms until the next poll; null: no camera waits. */
  async #poll(): Promise<number | null> {
    // `MediaMtxMonitor` reports a MediaMTX that is away.
    const viewers = await this.#deps.viewers(this.#stop.signal).catch(() => null);
    if (this.#waiting.length === 0) return null;
    if (viewers && this.#waiting.some((cameraId) => (viewers.get(cameraId) ?? 0) === 0)) this.#deps.onUnwatched();
    return POLL_EVERY_MS;
  }
}

/** Cameras that the relay should carry and whose line does not read it yet. */
export function camerasToMove(streams: DesiredStreams, own: PathConfigs): readonly CameraId[] {
  return [...streams].flatMap(([cameraId, { mode }]) => {
    const line = goesByRelay(mode) ? own.get(cameraId) : undefined;
    if (!line || isRelayLine(cameraId, line)) return [];
    // The line of an on-demand camera that feeders published to has to be rewritten at once in any case, so it need not wait.
    return line.source !== 'publisher' || isAlwaysPulled(mode) ? [cameraId] : [];
  });
}
