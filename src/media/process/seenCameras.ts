import type { LastSeen } from '../pictures/standIn.js';

/** Key frames of so many bytes are kept altogether; those of the cameras that were closed first go first. */
const MOST_BYTES = 64_000_000;

/** The last picture of each camera that is not pulled now. */
export class SeenCameras {
  readonly #seen = new Map<string, LastSeen>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** null: nothing is left to show of it. */
  keep(cameraId: string, seen: LastSeen | null): void {
    this.take(cameraId);
    if (!seen) return;
    this.#seen.set(cameraId, seen);
    this.#bytes += seen.key.data.length;
    for (const oldest of this.#seen.keys()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.take(oldest);
    }
  }

  /** Hands it out, and keeps it no longer; null: nothing is known. */
  take(cameraId: string): LastSeen | null {
    const seen = this.#seen.get(cameraId);
    if (!seen) return null;
    this.#seen.delete(cameraId);
    this.#bytes -= seen.key.data.length;
    return seen;
  }
}
