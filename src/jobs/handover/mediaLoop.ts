import type { Camera, CameraId } from '../../core/camera/camera.js';
import { targetRevision } from '../../core/streams/pullTarget.js';
import { desiredStreams, nextStreamEnd, type DesiredStreams, type StreamsContext } from '../../core/streams/streams.js';
import type { MovedStream } from '../../engine/mediaEngine.js';
import { ApplyGap } from './applyGap.js';
import { ApplyRetry } from './applyRetry.js';
import type { JobsDeps } from '../run/deps.js';
import type { EngineRefusals } from './engineRefusals.js';
import { Expiries } from './expiries.js';
import { camerasToHandOver, handOverCandidates, type HandOverDeps } from './handOverCandidates.js';
import type { HandoverWatch } from './handoverWatch.js';
import type { LeaseLog } from '../run/leaseLog.js';
import {
  afterEvent,
  revisionIn,
  stateAtStart,
  streamsIn,
  type MediaLoopEvent,
  type MediaLoopState,
} from './mediaLoopState.js';
import { LettingGo } from './lettingGo.js';
import type { Ownership } from '../run/ownership.js';
import { Proofs } from './proofs.js';
import { camerasToProveInForce, proveInForce } from './proveInForce.js';
import type { StreamUse } from './streamUse.js';
import { hasMoves, HOW, sameStreams, shortestLifeMs, urgentChanges, withUrgent } from './streamChanges.js';
import { capsOf, streamsContext } from './streamsContext.js';

/** The loop runs at least this often: timers miss jumps of the wall clock and a machine's sleep. */
const LONGEST_SLEEP_MS = 60_000;
const STORE_RETRY_MS = 5_000;

export type MediaLoopDeps = Pick<
  JobsDeps,
  'clock' | 'random' | 'log' | 'store' | 'pictures' | 'engine' | 'accounts' | 'lifetimeSeconds'
> & {
  readonly watch: HandoverWatch;
  readonly leaseLog: LeaseLog;
  readonly streamUse: StreamUse;
  /** Takes the cameras that each apply report names as refused. */
  readonly refusals: EngineRefusals;
  /** Only the replica that owns the media server proves, promotes and applies; the others stand by. */
  readonly ownership: Ownership;
  readonly onDue: (id: CameraId) => void;
};

export interface MediaLoopStatus {
  readonly lastAppliedAt: Date | null;
  readonly served: number;
  /** Why the engine did not accept the latest `apply`; null: it did. */
  readonly problem: string | null;
}

/**
 * The only caller of `engine.apply`. Wakes on changes in the store, on resets of the engine and on timers; proves new
 * leases, promotes or rejects them, and hands the engine the streams to serve. While the store is away the loop goes on
 * from memory.
 */
export class MediaLoop {
  readonly #deps: MediaLoopDeps;
  readonly #proofs: Proofs;
  readonly #context: StreamsContext;
  readonly #handOver: HandOverDeps;
  readonly #expiries: Expiries;
  readonly #gap = new ApplyGap();
  readonly #retry: ApplyRetry;
  readonly #lettingGo: LettingGo;
  readonly #stop = new AbortController();
  readonly #urgent = new Set<CameraId>();
  #state: MediaLoopState;
  #flushAsked = false;
  #again = false;
  #running: Promise<void> | null = null;
  #cancelTimer = (): void => undefined;
  #stopListening = (): void => undefined;
  #stopOwning = (): void => undefined;

  constructor(deps: MediaLoopDeps) {
    this.#deps = deps;
    this.#retry = new ApplyRetry(deps);
    this.#lettingGo = new LettingGo(deps.clock);
    this.#state = stateAtStart(deps.ownership.isShared !== undefined);
    this.#proofs = new Proofs({
      ...deps,
      isServed: (id, revision) => this.#isServed(id, revision),
      onDone: () => this.#wake(),
    });
    this.#context = streamsContext(deps, this.#proofs);
    this.#handOver = {
      ...deps,
      proofs: this.#proofs,
      onUrgent: (id) => this.#urgent.add(id),
      movesOpenAt: () => {
        const waitMs = Math.max(
          0,
          Math.max(this.#gap.opensForMovesAtMs(), this.#retry.atMs) - deps.clock.monotonicMs(),
        );
        return new Date(deps.clock.now().getTime() + Math.ceil(Math.min(waitMs, LONGEST_SLEEP_MS)));
      },
    };
    this.#expiries = new Expiries(deps.leaseLog);
  }

  start(): void {
    this.#stopListening = this.#deps.store.onChange((event) => {
      if ('removed' in event) this.#proofs.forget(event.removed);
      this.#wake();
    });
    this.#deps.watch.onForce(() => this.#wake());
    this.#stopOwning = this.#deps.ownership.onChange(() => this.#wake());
    this.#deps.engine.onReset(() => {
      this.#saw({ kind: 'reset' });
      this.#retry.now();
      this.#wake();
    });
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopListening();
    this.#stopOwning();
    this.#stop.abort(new DOMException('camlease is stopping', 'AbortError'));
    this.#cancelTimer();
    await this.#proofs.stop();
    await this.#running;
  }

  /** A viewer asks for this camera: applies its lease in force at once, unless the engine serves it already (then cheap). */
  urgent(id: CameraId): void {
    const camera = this.#deps.store.peek(id);
    const revision = camera ? targetRevision(camera) : null;
    if (revision === null || revisionIn(this.#state, id) === revision) return;
    this.#urgent.add(id);
    this.#wake();
  }

  /** Applies every pending change without waiting for the gap; resolves after the attempt. */
  async flush(): Promise<void> {
    this.#flushAsked = true;
    this.#wake();
    await this.#running;
  }

  /** The revision that the engine serves; null: none; undefined: unknown now. */
  servedRevision(id: CameraId): number | null | undefined {
    // The media server may still play an older lease of a refused camera, and a relay may still pull the previous one.
    if (this.#deps.refusals.refused.has(id) || this.#lettingGo.has(id)) return undefined;
    // A standby replica does not know either: the owner alone writes to the media server.
    return revisionIn(this.#state, id);
  }

  status(): MediaLoopStatus {
    const { lastAppliedAt } = this.#state;
    return { lastAppliedAt, served: streamsIn(this.#state)?.size ?? 0, problem: this.#retry.problem };
  }

  #saw(event: MediaLoopEvent): void {
    this.#state = afterEvent(this.#state, event);
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Starts after the caller's turn, so that several changes in one turn cause one step.
    await Promise.resolve();
    while (this.#again && !this.#stop.signal.aborted) {
      this.#again = false;
      try {
        await this.#step();
      } catch (thrown) {
        this.#deps.log.error('An unexpected error stopped a handover; camlease goes on.', { error: thrown });
        this.#sleep(STORE_RETRY_MS);
      }
    }
    this.#running = null;
  }

  async #step(): Promise<void> {
    const { clock, store, ownership } = this.#deps;
    if (!ownership.engine()) return this.#standBy();
    // First read what the previous owner wrote, so that we never apply an older lease than that owner did.
    if (this.#state.store === 'behind' && (await hasCaughtUp(store))) this.#saw({ kind: 'caught-up' });
    let nextAt = await this.#handOverLeases();
    const now = clock.now();
    const cameras = [...store.peekAll()];
    this.#expiries.record(cameras, now);
    const applyAtMs = await this.#apply(cameras, desiredStreams(cameras, now, this.#context));
    const end = nextStreamEnd(cameras, now);
    if (end !== null && (nextAt === null || end < nextAt)) nextAt = end;
    const nextMs = nextAt === null ? LONGEST_SLEEP_MS : nextAt.getTime() - clock.now().getTime();
    const applyMs = applyAtMs === null ? LONGEST_SLEEP_MS : applyAtMs - clock.monotonicMs();
    this.#sleep(Math.min(nextMs, applyMs));
  }

  /** Another replica writes to the media server. Our engine still gets the streams, so that it can report their states. */
  async #standBy(): Promise<void> {
    const { clock, store, engine } = this.#deps;
    this.#saw({ kind: 'standing-by' });
    this.#urgent.clear();
    this.#flushAsked = false;
    this.#retry.forget();
    this.#deps.refusals.forget();
    await engine.standBy?.(desiredStreams(store.peekAll(), clock.now(), capsOf(this.#deps)));
    this.#sleep(LONGEST_SLEEP_MS);
  }

  async #handOverLeases(): Promise<Date | null> {
    const { clock, store } = this.#deps;
    let next = await handOverCandidates(this.#handOver, camerasToHandOver(store.peekAll()));
    for (const { id } of camerasToProveInForce(store.peekAll(), clock.now())) {
      if (this.#stop.signal.aborted) return null;
      // Read the camera again from memory: it may have changed while the previous camera was handled.
      const camera = store.peek(id);
      const again = camera ? await proveInForce(this.#handOver, camera) : null;
      if (again !== null && (next === null || again < next)) next = again;
    }
    return next;
  }

  readonly #movesFreely = (camera: Pick<Camera, 'id' | 'mode'>): boolean =>
    this.#deps.engine.movesFreely?.(camera) === true;

  #isServed(id: CameraId, revision: number): boolean {
    if (this.#deps.refusals.refused.has(id)) return false;
    const stream = streamsIn(this.#state)?.get(id);
    return stream?.inForce?.revision === revision || stream?.candidate?.revision === revision;
  }

  /**
   * Applies the desired streams when they differ from the applied ones and the gap since the last write is over; urgent
   * cameras do not wait for the gap. Returns the monotonic time (ms) at which to try again; null: at the next change.
   */
  async #apply(cameras: readonly Camera[], desired: DesiredStreams): Promise<number | null> {
    const { clock, refusals } = this.#deps;
    const applied = streamsIn(this.#state);
    const changes = applied ? urgentChanges(applied, desired, this.#movesFreely) : [];
    const urgent = [...this.#urgent, ...changes];
    this.#urgent.clear();
    const flush = this.#flushAsked;
    this.#flushAsked = false;
    const isAgain = refusals.againAtMs !== null && clock.monotonicMs() >= refusals.againAtMs;
    if (applied !== null && !isAgain && sameStreams(applied, desired)) return refusals.againAtMs;
    if (clock.monotonicMs() < this.#retry.atMs) return this.#retry.atMs;

    const moves = applied !== null && hasMoves(applied, desired);
    const opensAtMs = moves ? this.#gap.opensForMovesAtMs() : this.#gap.opensAtMs();
    if (applied === null || flush || clock.monotonicMs() >= opensAtMs) {
      const changed = await this.#applyNow(desired);
      if (changed) this.#gap.applied(clock.monotonicMs(), shortestLifeMs(cameras) / 14);
      return streamsIn(this.#state) === null || this.#retry.problem !== null ? this.#retry.atMs : refusals.againAtMs;
    }
    const sooner = withUrgent(applied, desired, urgent);
    if (sooner) await this.#applyNow(sooner);
    return Math.max(opensAtMs, this.#retry.atMs);
  }

  /** True when the engine changed something. */
  async #applyNow(streams: DesiredStreams): Promise<boolean> {
    const { engine, clock } = this.#deps;
    this.#saw({ kind: 'telling' });
    try {
      const report = await engine.apply(streams, this.#stop.signal);
      this.#saw({ kind: 'accepted', streams, at: clock.now() });
      this.#deps.refusals.take(report.refused);
      this.#recordMoved(report.moved ?? []);
      this.#proofs.served();
      this.#retry.worked();
      return report.by !== 'none';
    } catch (thrown) {
      if (this.#stop.signal.aborted) return false;
      this.#saw({ kind: 'failed' });
      this.#retry.failed(thrown);
      return false;
    }
  }

  #recordMoved(moved: readonly MovedStream[]): void {
    this.#lettingGo.moved(moved);
    for (const { cameraId, revision, how } of moved) {
      const message = `The media server serves lease ${revision}; ${HOW[how]}.`;
      this.#deps.leaseLog.record({ cameraId, step: 'handed-over', revision, reason: how, message });
    }
  }

  #sleep(ms: number): void {
    this.#cancelTimer();
    if (this.#stop.signal.aborted) return;
    // Whole milliseconds, rounded up: a timer that fires a fraction too early would be set again and again.
    const sleepMs = Math.min(Math.max(0, Math.ceil(ms)), LONGEST_SLEEP_MS);
    this.#cancelTimer = this.#deps.clock.after(sleepMs, () => this.#wake());
  }
}

/** Reads what other replicas wrote until now. False: the store does not answer, so that memory may be behind. */
function hasCaughtUp(store: Pick<JobsDeps['store'], 'refreshChanges'>): Promise<boolean> {
  return store.refreshChanges().then(
    () => true,
    () => false,
  );
}
