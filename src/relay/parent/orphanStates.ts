import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { RelayedCamera } from '../../core/streams/relay.js';
import { refusals } from './refusal.js';
import type { WorkerStates } from './worker.js';

/** An orphan reports every second; one without a report for so long has ended. */
export const ORPHAN_GONE_MS = 3_000;
/** More orphans than any installation has: each restart leaves a few, which end with their last reader. */
const MOST_ORPHANS = 64;

interface Reported {
  readonly atMs: number;
  readonly states: WorkerStates;
}

/** The stream states that orphans (workers of an earlier parent) report. */
export class OrphanStates {
  readonly #clock: Clock;
  /** By process id. */
  readonly #reports = new Map<number, Reported>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `RelayRefusal` when more than `MOST_ORPHANS` report. */
  keep(pid: number, states: WorkerStates): void {
    this.#forgetOld();
    if (!this.#reports.has(pid) && this.#reports.size >= MOST_ORPHANS) throw refusals.tooLarge();
    this.#reports.set(pid, { atMs: this.#clock.monotonicMs(), states });
  }

  /** One list for each orphan that reported lately. The age of a report is added to how long its pulls have been without bytes. */
  lists(): readonly WorkerStates[] {
    this.#forgetOld();
    const nowMs = this.#clock.monotonicMs();
    return [...this.#reports.values()].map(({ atMs, states }) =>
      states.map(([id, seen]) => [id, olderBy(nowMs - atMs, seen)] as const satisfies [CameraId, RelayedCamera]),
    );
  }

  #forgetOld(): void {
    const oldMs = this.#clock.monotonicMs() - ORPHAN_GONE_MS;
    for (const [pid, { atMs }] of this.#reports) if (atMs < oldMs) this.#reports.delete(pid);
  }
}

function olderBy(ms: number, seen: RelayedCamera): RelayedCamera {
  return seen.quietMs === null ? seen : { ...seen, quietMs: seen.quietMs + ms };
}
