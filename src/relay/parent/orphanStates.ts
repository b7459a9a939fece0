import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { RelayedCamera } from '../../core/streams/relay.js';
import { refusals } from './refusal.js';
import type { WorkerStates } from './worker.js';

/** An orphan reports each second; without a report for so long it has ended. */
export const ORPHAN_GONE_MS = 3_000;
/** More restarts than any installation has while one person watches; each one leaves some workers behind. */
const MOST_ORPHANS = 64;

interface Reported {
  readonly atMs: number;
  readonly states: WorkerStates;
}

/** What workers of a parent before this one say that their streams do. */
export class OrphanStates {
  readonly #clock: Clock;
  /** By process id. */
  readonly #reports = new Map<number, Reported>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `RelayRefusal` where more orphans report than are kept. */
  keep(pid: number, states: WorkerStates): void {
    this.#forgetOld();
    if (!this.#reports.has(pid) && this.#reports.size >= MOST_ORPHANS) throw refusals.tooLarge();
    this.#reports.set(pid, { atMs: this.#clock.monotonicMs(), states });
  }

  /** One list for each orphan that reported lately. A pull has been quiet for at least as long as its report is old. */
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
