import type { Camera, CameraId } from '../core/camera.js';
import type { Clock } from '../core/clock.js';
import type { HandoverDecision } from '../core/handover.js';
import type { JobsStore } from './deps.js';

/** How long a pass waits without any news of its cameras. */
const PATIENCE_MS = 60_000;

export type WatchedOutcome =
  | { readonly kind: 'renewed' }
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly cure: string };

/**
 * Lets a pass see what the media loop makes of new leases. The stored camera tells what happened; that nothing happens for
 * a while (a candidate is held) is told by the loop with `decided`.
 */
export class HandoverWatch {
  readonly #store: Pick<JobsStore, 'peek' | 'onChange'>;
  readonly #clock: Clock;
  /** What the loop last decided about a revision that is not in force, or not seen, yet. */
  readonly #decided = new Map<CameraId, { readonly revision: number; readonly decision: HandoverDecision }>();
  readonly #forced = new Set<CameraId>();
  readonly #onForce = new Set<() => void>();
  readonly #onHold = new Set<(id: CameraId) => void>();

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
    if (isNews && decision.action === 'hold') for (const listener of this.#onHold) listener(id);
    return isNews;
  }

  /** The latest decision about this revision; null: none. */
  decisionOf(id: CameraId, revision: number): HandoverDecision | null {
    const decided = this.#decided.get(id);
    return decided?.revision === revision ? decided.decision : null;
  }

  /** The camera has no candidate any more. */
  over(id: CameraId): void {
    this.#forced.delete(id);
    this.#decided.delete(id);
  }

  /** Tells the media loop to look again. */
  onForce(listener: () => void): void {
    this.#onForce.add(listener);
  }

  /** Calls `settle` once for each camera; what has had no news for a minute counts as held. */
  async outcomes(
    asked: ReadonlyMap<CameraId, number>,
    settle: (id: CameraId, outcome: WatchedOutcome) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const open = new Map(asked);
    await new Promise<void>((resolve) => {
      let cancelTimer = (): void => undefined;
      const finish = (): void => {
        cancelTimer();
        stopListening();
        this.#onHold.delete(look);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        for (const id of open.keys()) settle(id, { kind: 'held' });
        finish();
      };
      const patience = (): void => {
        cancelTimer();
        cancelTimer = this.#clock.after(PATIENCE_MS, giveUp);
      };
      const look = (id: CameraId): void => {
        const revision = open.get(id);
        if (revision === undefined) return;
        const outcome = this.#outcomeOf(id, revision);
        if (outcome === null) return;
        open.delete(id);
        settle(id, outcome);
        if (open.size === 0) finish();
        else patience();
      };
      const stopListening = this.#store.onChange((event) => look('removed' in event ? event.removed : event.camera.id));
      this.#onHold.add(look);
      signal.addEventListener('abort', giveUp, { once: true });
      patience();
      if (signal.aborted) giveUp();
      else if (open.size === 0) finish();
      else for (const id of asked.keys()) look(id);
    });
  }

  #outcomeOf(id: CameraId, revision: number): WatchedOutcome | null {
    const camera = this.#store.peek(id);
    if (!camera) return gone;
    const held = this.decisionOf(id, revision)?.action === 'hold';
    if (camera.candidate?.revision === revision) return held ? { kind: 'held' } : null;
    const inForce = camera.lease?.revision ?? 0;
    if (inForce < revision) return failed(camera);
    if (inForce > revision || camera.lease?.proof !== 'pending') {
      return camera.lease?.proof === 'failed' ? failed(camera) : { kind: 'renewed' };
    }
    return held ? { kind: 'renewed' } : null;
  }
}

/** The decision's word from the fixed lists, or the code of the failure. */
export function reasonOf(decision: HandoverDecision): string {
  switch (decision.action) {
    case 'none':
    case 'prove':
      return decision.action;
    case 'reject':
      return decision.error.code;
    case 'promote':
    case 'hold':
      return decision.reason;
  }
}

const gone: WatchedOutcome = {
  kind: 'failed',
  code: 'CAMERA_NOT_FOUND',
  message: 'The camera was deleted meanwhile.',
  cure: 'Nothing is to be done.',
};

function failed(camera: Camera): WatchedOutcome {
  const { code, message, cure } = camera.failure ?? {
    code: 'STREAM_NO_PICTURE',
    message: 'The new lease showed no picture.',
    cure: 'Look at the camera in the vendor app, then renew it.',
  };
  return { kind: 'failed', code, message, cure };
}
