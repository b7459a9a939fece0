import type { CameraId } from '../core/camera.js';
import type { Clock } from '../core/clock.js';
import type { CameraError } from '../core/errors.js';
import type { FailedCamera } from '../core/pass.js';

/** A right that is missing, or a device that cannot, is asked again once a day. */
const PERMANENT_WAIT_MS = 86_400_000;

/** Captures that were refused: asking for them at each tick would use up the account's calls and bring nothing. */
export class CaptureRefusals {
  readonly #clock: Clock;
  readonly #refused = new Map<CameraId, { readonly failure: FailedCamera; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why no picture is asked for now; null: it may be. */
  of(id: CameraId): FailedCamera | null {
    const refused = this.#refused.get(id);
    return refused !== undefined && refused.untilMs > this.#clock.monotonicMs() ? refused.failure : null;
  }

  /** `waitMs`: for what passes. */
  add(cameraId: CameraId, { code, failureClass, message, cure }: CameraError, waitMs: number): FailedCamera {
    const failure = { cameraId, code, message, cure };
    const untilMs = this.#clock.monotonicMs() + (failureClass === 'permanent' ? PERMANENT_WAIT_MS : waitMs);
    this.#refused.set(cameraId, { failure, untilMs });
    return failure;
  }

  clear(id: CameraId): void {
    this.#refused.delete(id);
  }
}
