import type { LastPicture } from '../pictures/standIn.js';

/** Limit of all kept key frames together; beyond it the cameras that were closed first are forgotten first. */
const MOST_BYTES = 64_000_000;

/** The last picture of each camera that is not being pulled. */
export class SeenCameras {
  readonly #seen = new Map<string, LastPicture>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** `seen` null: forgets the camera. */
  keep(cameraId: string, seen: LastPicture | null): void {
    this.take(cameraId);
    if (!seen) return;
    this.#seen.set(cameraId, seen);
    this.#bytes += seen.key.data.length;
    for (const oldest of this.#seen.keys()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.take(oldest);
    }
  }

  /** Returns the camera's last picture and forgets it here; null: none is kept. */
  take(cameraId: string): LastPicture | null {
    const seen = this.#seen.get(cameraId);
    if (!seen) return null;
    this.#seen.delete(cameraId);
    this.#bytes -= seen.key.data.length;
    return seen;
  }
}
