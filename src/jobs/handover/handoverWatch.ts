import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { HOLD_REASONS, type HandoverDecision } from '../../core/handover/handover.js';
import { errorOfFault, type LeaseEvent } from '../../core/handover/leaseEvents.js';
import { lastSafeMoment } from '../../core/renewal/renewal.js';
import type { JobsStore } from '../run/deps.js';
import { PassOutcomes, type Settle } from './passOutcomes.js';

/**
 * What the media loop makes of new leases: told by the loop with `decided`, or by that of another replica with `learn`. What
 * happened in the end is in the stored camera.
 */
export class HandoverWatch {
  readonly #store: Pick<JobsStore, 'peek' | 'onChange'>;
  readonly #clock: Clock;
  /** What the loop last decided about a revision that is not in force, or not seen, yet. */
  readonly #decided = new Map<CameraId, { readonly revision: number; readonly decision: HandoverDecision }>();
  readonly #forced = new Set<CameraId>();
  readonly #onForce = new Set<() => void>();
  readonly #onDecided = new Set<(id: CameraId) => void>();

  constructor(store: Pick<JobsStore, 'peek' | 'onChange'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Somebody asked for the new lease now, whoever watches. Holds until the candidate is gone. */
  force(id: CameraId): void {
    this.#forced.add(id);
    this.#decided.delete(id);
    for (const listener of this.#onForce) listener();
  }

  isForced(id: CameraId): boolean {
    return this.#forced.has(id);
  }

  /** What the media loop decided about this revision. True: it is news. */
  decided(id: CameraId, revision: number, decision: HandoverDecision): boolean {
    const former = this.#decided.get(id);
    this.#decided.set(id, { revision, decision });
    const isNews = former?.revision !== revision || reasonOf(former.decision) !== reasonOf(decision);
    if (isNews && decision.action === 'hold') for (const listener of this.#onDecided) listener(id);
    return isNews;
  }

  /** A step that the media loop of another replica told. */
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

  /** About its candidate, or about its lease while the picture of that was not seen; null: nothing was decided. */
  latestOf(id: CameraId): HandoverDecision | null {
    const camera = this.#store.peek(id);
    const revision = camera?.candidate?.revision ?? camera?.lease?.revision;
    return revision === undefined ? null : this.decisionOf(id, revision);
  }

  /** The camera has no candidate any more, or the picture of the lease in force was looked at. */
  over(id: CameraId): void {
    this.#forced.delete(id);
    this.#decided.delete(id);
  }

  /** Tells the media loop to look again. */
  onForce(listener: () => void): void {
    this.#onForce.add(listener);
  }

  /** Calls `settle` once for each camera, within a minute of the latest news of any of them. */
  async outcomes(asked: ReadonlyMap<CameraId, number>, settle: Settle, signal: AbortSignal): Promise<void> {
    const outcomes = new PassOutcomes(this.#store, this.#clock, (id, revision) => this.decisionOf(id, revision));
    const onDecided = (listener: (id: CameraId) => void): (() => void) => {
      this.#onDecided.add(listener);
      return () => this.#onDecided.delete(listener);
    };
    await outcomes.wait(asked, onDecided, settle, signal);
  }
}

/** The decision's word from the fixed lists, or the code of the failure. */
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
