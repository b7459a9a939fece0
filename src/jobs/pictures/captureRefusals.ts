import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { CameraError } from '../../core/errors.js';
import type { FailedCamera } from '../../core/passes/pass.js';

/** A permanent refusal (a missing right, a device without the function) is tried again once a day. */
const PERMANENT_WAIT_MS = 86_400_000;

/** Some cameras fail every capture with a fault that should pass: the wait doubles with each, up to this. */
const LONGEST_WAIT_MS = PERMANENT_WAIT_MS;

interface Refused {
  readonly failure: FailedCamera;
  readonly untilMs: number;
  /** How long to wait after the next fault that may pass. */
  readonly nextWaitMs: number;
}

/** Captures that failed: trying them at each tick would use up the account's calls and bring nothing. */
export class CaptureRefusals {
  readonly #clock: Clock;
  readonly #refused = new Map<CameraId, Refused>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why no picture of the camera is asked for now; null: ask. */
  of(id: CameraId): FailedCamera | null {
    const refused = this.#refused.get(id);
    return refused !== undefined && refused.untilMs > this.#clock.monotonicMs() ? refused.failure : null;
  }

  /** `firstWaitMs`: the wait after the first fault that may pass; it doubles with each. */
  add(cameraId: CameraId, { code, failureClass, message, cure }: CameraError, firstWaitMs: number): FailedCamera {
    const failure = { cameraId, code, message, cure };
    const passingMs = this.#refused.get(cameraId)?.nextWaitMs ?? firstWaitMs;
    const waitMs = failureClass === 'permanent' ? PERMANENT_WAIT_MS : passingMs;
    const untilMs = this.#clock.monotonicMs() + waitMs;
    this.#refused.set(cameraId, { failure, untilMs, nextWaitMs: Math.min(LONGEST_WAIT_MS, passingMs * 2) });
    return failure;
  }

  clear(id: CameraId): void {
    this.#refused.delete(id);
  }
}
