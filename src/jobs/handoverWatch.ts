import type { Camera, CameraId } from '../core/camera.js';
import type { Clock } from '../core/clock.js';
import type { JobsStore } from './deps.js';

/** How long a pass waits without any news of its cameras. */
const PATIENCE_MS = 60_000;

export type WatchedOutcome =
  | { readonly kind: 'renewed' }
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly cure: string };

/**
 * Lets a pass see what the media loop makes of new leases. The stored camera tells what happened; that nothing happens for
 * a while (a candidate is held) is told by the loop with `hold`.
 */
export class HandoverWatch {
  readonly #store: Pick<JobsStore, 'peek' | 'onChange'>;
  readonly #clock: Clock;
  readonly #held = new Map<CameraId, number>();
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
    this.#held.delete(id);
    for (const listener of this.#onForce) listener();
  }

  isForced(id: CameraId): boolean {
    return this.#forced.has(id);
  }

  /** The media loop keeps this revision waiting. */
  hold(id: CameraId, revision: number): void {
    if (this.#held.get(id) === revision) return;
    this.#held.set(id, revision);
    for (const listener of this.#onHold) listener(id);
  }

  /** The camera has no candidate any more. */
  over(id: CameraId): void {
    this.#forced.delete(id);
    this.#held.delete(id);
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
    const held = this.#held.get(id) === revision;
    if (camera.candidate?.revision === revision) return held ? { kind: 'held' } : null;
    const inForce = camera.lease?.revision ?? 0;
    if (inForce < revision) return failed(camera);
    if (inForce > revision || camera.lease?.proof !== 'pending') {
      return camera.lease?.proof === 'failed' ? failed(camera) : { kind: 'renewed' };
    }
    return held ? { kind: 'renewed' } : null;
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
