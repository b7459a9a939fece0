import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { CameraError } from '../../core/errors.js';
import { holdsForLong, type HandoverDecision } from '../../core/handover/handover.js';
import { liveVerdict } from '../../core/health/health.js';
import { renewalStory } from '../../core/health/renewalStory.js';
import type { HeldCamera } from '../../core/passes/pass.js';
import type { JobsStore } from '../run/deps.js';

/** How long a pass waits without news of any of its cameras: three proofs of a stream that brings no picture take 55 s. */
const PATIENCE_MS = 60_000;

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/** `renewed`: the new lease is in force. `held`: it waits. `failed`: it showed no picture, or the camera was deleted. */
export type WatchedOutcome =
  | { readonly kind: 'renewed' }
  | ({ readonly kind: 'held' } & Omit<HeldCamera, 'cameraId'>)
  | ({ readonly kind: 'failed' } & Fault);

export type Settle = (id: CameraId, outcome: WatchedOutcome) => void;
type DecisionOf = (id: CameraId, revision: number) => HandoverDecision | null;

/** What became of the leases that a pass obtained, read from the stored cameras and the media loop's decisions. */
export class PassOutcomes {
  readonly #store: Pick<JobsStore, 'peek' | 'onChange'>;
  readonly #clock: Clock;
  readonly #decisionOf: DecisionOf;

  constructor(store: Pick<JobsStore, 'peek' | 'onChange'>, clock: Clock, decisionOf: DecisionOf) {
    this.#store = store;
    this.#clock = clock;
    this.#decisionOf = decisionOf;
  }

  /**
   * Calls `settle` once for each camera of `asked`, which names the revision that is waited for. After a minute without
   * news of any of them, the rest is settled as it stands; on an abort, at once as held.
   */
  async wait(
    asked: ReadonlyMap<CameraId, number>,
    onDecided: (listener: (id: CameraId) => void) => () => void,
    settle: Settle,
    signal: AbortSignal,
  ): Promise<void> {
    const open = new Map(asked);
    await new Promise<void>((resolve) => {
      let cancelTimer = (): void => undefined;
      const finish = (): void => {
        cancelTimer();
        for (const stop of stops) stop();
        signal.removeEventListener('abort', stopped);
        resolve();
      };
      const stopped = (): void => {
        for (const id of open.keys()) settle(id, STOPPED);
        finish();
      };
      const giveUp = (): void => {
        for (const [id, revision] of open) settle(id, this.#lastWord(id, revision));
        finish();
      };
      const patience = (): void => {
        cancelTimer();
        cancelTimer = this.#clock.after(PATIENCE_MS, giveUp);
      };
      const check = (id: CameraId): void => {
        const revision = open.get(id);
        const outcome = revision === undefined ? null : this.#outcomeOf(id, revision);
        if (outcome === null) return;
        open.delete(id);
        settle(id, outcome);
        if (open.size === 0) finish();
        else patience();
      };
      const stops = [
        this.#store.onChange((event) => check('removed' in event ? event.removed : event.camera.id)),
        onDecided(check),
      ];
      signal.addEventListener('abort', stopped, { once: true });
      patience();
      if (signal.aborted) stopped();
      else if (open.size === 0) finish();
      else for (const id of asked.keys()) check(id);
    });
  }

  /** null: no outcome yet. */
  #outcomeOf(id: CameraId, revision: number): WatchedOutcome | null {
    const camera = this.#store.peek(id);
    if (!camera) return GONE;
    const decision = this.#decisionOf(id, revision);
    const holds = decision !== null && holdsForLong(decision, camera);
    if (camera.candidate?.revision === revision) return holds ? this.#held(camera, decision) : null;
    const inForce = camera.lease?.revision ?? 0;
    if (inForce < revision || camera.lease?.proof === 'failed') return failed(camera);
    if (inForce > revision || camera.lease?.proof === 'proven') return { kind: 'renewed' };
    return holds || !liveVerdict(camera, this.#clock.now()).live ? this.#held(camera, decision) : null;
  }

  /** The wait is over: a lease whose latest proof found no picture counts as failed, though another proof may follow. */
  #lastWord(id: CameraId, revision: number): WatchedOutcome {
    const camera = this.#store.peek(id);
    if (!camera) return GONE;
    const decision = this.#decisionOf(id, revision);
    const fault = decision?.action === 'hold' || decision?.action === 'prove' ? decision.fault : undefined;
    return fault ? { kind: 'failed', ...wordsOf(fault) } : this.#held(camera, decision);
  }

  /** In the same words as the camera's own status. */
  #held(camera: Camera, decision: HandoverDecision | null): WatchedOutcome {
    const now = this.#clock.now();
    const verdict = liveVerdict(camera, now);
    if (!verdict.live && camera.candidate === null)
      return { kind: 'held', reason: verdict.reason, until: null, sentence: `${verdict.message} ${verdict.cure}` };
    const { reason, sentence, nextStep, nextStepAt } = renewalStory(camera, decision, now);
    const until = nextStepAt?.toISOString() ?? null;
    return { kind: 'held', reason, until, sentence: `${sentence} ${nextStep}` };
  }
}

const STOPPED: WatchedOutcome = {
  kind: 'held',
  reason: 'shutting-down',
  until: null,
  sentence: 'camlease is stopping; it keeps the new lease and continues after the next start.',
};

const GONE: WatchedOutcome = {
  kind: 'failed',
  code: 'CAMERA_NOT_FOUND',
  message: 'The camera was deleted meanwhile.',
  cure: 'There is nothing to do.',
};

function failed(camera: Camera): WatchedOutcome {
  const failure = camera.failure ?? {
    code: 'STREAM_NO_PICTURE',
    message: 'The new lease brought no picture.',
    cure: 'Check the camera in the vendor app, then renew it.',
  };
  return { kind: 'failed', ...wordsOf(failure) };
}

function wordsOf({ code, message, cure }: Fault | CameraError): Fault {
  return { code, message, cure };
}
