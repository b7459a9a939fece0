import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { CameraError } from '../../core/errors.js';
import type { FailedCamera } from '../../core/passes/pass.js';

/** A right that is missing, or a device that cannot, is asked again once a day. */
const PERMANENT_WAIT_MS = 86_400_000;

/** Some cameras answer every capture with a fault that should pass: after each one they are asked half as often, down to this. */
const LONGEST_WAIT_MS = PERMANENT_WAIT_MS;

interface Refused {
  readonly failure: FailedCamera;
  readonly untilMs: number;
  /** The wait after the next fault that passes. */
  readonly nextWaitMs: number;
}

/** Captures that were refused: asking for them at each tick would use up the account's calls and bring nothing. */
export class CaptureRefusals {
  readonly #clock: Clock;
  readonly #refused = new Map<CameraId, Refused>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why no picture is asked for now; null: it may be. */
  of(id: CameraId): FailedCamera | null {
    const refused = this.#refused.get(id);
    return refused !== undefined && refused.untilMs > this.#clock.monotonicMs() ? refused.failure : null;
  }

  /** `firstWaitMs`: for what passes, the first time; it doubles from then on. */
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
