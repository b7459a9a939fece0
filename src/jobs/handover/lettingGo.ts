import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { MovedStream } from '../../engine/mediaEngine.js';

/**
 * A relay changes to the new lease at a key frame and plays the old one until then. Key frames may be 10 s apart, and a
 * pull may start slowly.
 */
const GOES_OVER_WITHIN_MS = 60_000;

/** Cameras whose relay was told of another lease within the last minute, so that it may still pull the previous one. */
export class LettingGo {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #toldMs = new Map<CameraId, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  moved(streams: readonly MovedStream[]): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, toldMs] of this.#toldMs) if (nowMs - toldMs >= GOES_OVER_WITHIN_MS) this.#toldMs.delete(id);
    for (const { cameraId, how } of streams) if (how === 'relay') this.#toldMs.set(cameraId, nowMs);
  }

  has(id: CameraId): boolean {
    const toldMs = this.#toldMs.get(id);
    return toldMs !== undefined && this.#clock.monotonicMs() - toldMs < GOES_OVER_WITHIN_MS;
  }
}
