import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { HOLD_REASONS, type HandoverDecision } from '../../core/handover/handover.js';
import { errorOfFault, type LeaseEvent } from '../../core/handover/leaseEvents.js';
import { lastSafeMoment } from '../../core/renewal/renewal.js';
import type { JobsStore } from '../run/deps.js';
import { PassOutcomes, type Settle } from './passOutcomes.js';

/**
 * The media loop's latest decisions about leases: our own loop reports them with `decided`, another replica's loop with
 * `learn`. The stored camera says what became of a lease.
 */
export class HandoverWatch {
  readonly #store: Pick<JobsStore, 'peek' | 'onChange'>;
  readonly #clock: Clock;
  /** The latest decision about a revision that is not in force, or not proven, yet. */
  readonly #decided = new Map<CameraId, { readonly revision: number; readonly decision: HandoverDecision }>();
  readonly #forced = new Set<CameraId>();
  readonly #onForce = new Set<() => void>();
  readonly #onDecided = new Set<(id: CameraId) => void>();

  constructor(store: Pick<JobsStore, 'peek' | 'onChange'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The operator asked for the new lease now, even if that drops viewers. In effect until the candidate is gone. */
  force(id: CameraId): void {
    this.#forced.add(id);
    this.#decided.delete(id);
    for (const listener of this.#onForce) listener();
  }

  isForced(id: CameraId): boolean {
    return this.#forced.has(id);
  }

  /** Takes the media loop's decision about this revision. Returns true when its reason is new. */
  decided(id: CameraId, revision: number, decision: HandoverDecision): boolean {
    const former = this.#decided.get(id);
    this.#decided.set(id, { revision, decision });
    const isNews = former?.revision !== revision || reasonOf(former.decision) !== reasonOf(decision);
    if (isNews && decision.action === 'hold') for (const listener of this.#onDecided) listener(id);
    return isNews;
  }

  /** Takes a step that another replica's media loop reported. */
  learn({ cameraId, step, revision, reason, at, fault }: LeaseEvent): void {
    if (revision === null) return;
    if (step !== 'held') {
      if (this.#decided.get(cameraId)?.revision === revision) this.#decided.delete(cameraId);
      return;
    }
    const lease = this.#store.peek(cameraId)?.lease;
    const hold = { action: 'hold', until: lease ? lastSafeMoment(lease) : at } as const;
    const known = HOLD_REASONS.find((one) => one === reason) ?? 'unprovable';
    this.decided(cameraId, revision, { ...hold, reason: known, ...(fault && { fault: errorOfFault(fault) }) });
  }

  /** The latest decision about this revision; null: none. */
  decisionOf(id: CameraId, revision: number): HandoverDecision | null {
    const decided = this.#decided.get(id);
    return decided?.revision === revision ? decided.decision : null;
  }

  /** The decision about the camera's candidate, else about its lease while that is not proven; null: none. */
  latestOf(id: CameraId): HandoverDecision | null {
    const camera = this.#store.peek(id);
    const revision = camera?.candidate?.revision ?? camera?.lease?.revision;
    return revision === undefined ? null : this.decisionOf(id, revision);
  }

  /** Forgets the decision: the candidate is gone, or the proof of the lease in force has ended. */
  over(id: CameraId): void {
    this.#forced.delete(id);
    this.#decided.delete(id);
  }

  /** Calls `listener` after each `force`, so that the media loop decides again. */
  onForce(listener: () => void): void {
    this.#onForce.add(listener);
  }

  /**
   * Calls `settle` once for each camera of `asked`, which names the revision that is waited for; at the latest a minute
   * after the latest news of any of them.
   */
  async outcomes(asked: ReadonlyMap<CameraId, number>, settle: Settle, signal: AbortSignal): Promise<void> {
    const outcomes = new PassOutcomes(this.#store, this.#clock, (id, revision) => this.decisionOf(id, revision));
    const onDecided = (listener: (id: CameraId) => void): (() => void) => {
      this.#onDecided.add(listener);
      return () => this.#onDecided.delete(listener);
    };
    await outcomes.wait(asked, onDecided, settle, signal);
  }
}

/** The decision's reason from the fixed lists, or the code of its failure. */
export function reasonOf(decision: HandoverDecision): string {
  switch (decision.action) {
    case 'none':
      return 'none';
    case 'prove':
      return decision.waitsFor ?? 'prove';
    case 'reject':
      return decision.error.code;
    case 'promote':
      return decision.reason;
    case 'hold':
      return decision.fault?.code ?? decision.reason;
  }
}
