import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { MovedStream } from '../../engine/mediaEngine.js';

/**
 * A relay changes to the new lease at a key frame and plays the old one until then. Key frames may be 10 s apart, and a
 * pull may start slowly.
 */
const GOES_OVER_WITHIN_MS = 60_000;

/** Cameras that the relay was to move to another lease within the last minute, so that it may still pull the previous lease. */
export class LettingGo {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #movedMs = new Map<CameraId, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  moved(streams: readonly MovedStream[]): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, movedMs] of this.#movedMs) if (nowMs - movedMs >= GOES_OVER_WITHIN_MS) this.#movedMs.delete(id);
    for (const { cameraId, how } of streams) if (how === 'relay') this.#movedMs.set(cameraId, nowMs);
  }

  has(id: CameraId): boolean {
    const movedMs = this.#movedMs.get(id);
    return movedMs !== undefined && this.#clock.monotonicMs() - movedMs < GOES_OVER_WITHIN_MS;
  }
}
