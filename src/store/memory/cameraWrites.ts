import type { CameraId } from '../../core/camera/camera.js';

/** Writes of one camera, one after the other: their answers may not overtake each other on their way into memory. */
export class CameraWrites {
  readonly #writes = new Map<CameraId, Promise<unknown>>();
  /** While a refresh reads: cameras whose memory is newer than what it may have read. */
  #touched: Set<CameraId> | null = null;

  /** Waits for what is being written of these cameras; what is written of them later waits for this. */
  async writing<T>(ids: readonly CameraId[], write: () => Promise<T>): Promise<T> {
    const before = new Set(ids.flatMap((id) => this.#writes.get(id) ?? []));
    const done = Promise.allSettled(before).then(write);
    for (const id of ids) {
      this.#writes.set(id, done);
      this.#touched?.add(id);
    }
    try {
      return await done;
    } finally {
      for (const id of ids) {
        this.#touched?.add(id);
        if (this.#writes.get(id) === done) this.#writes.delete(id);
      }
    }
  }

  /** Memory has something newer of this camera. */
  touch(id: CameraId): void {
    this.#touched?.add(id);
  }

  isBusy(id: CameraId): boolean {
    return this.#writes.has(id);
  }

  /** Runs a read of everything; returns the cameras whose memory may be newer than what it read. */
  async reading(read: (touched: ReadonlySet<CameraId>) => Promise<void>): Promise<ReadonlySet<CameraId>> {
    const touched = new Set<CameraId>();
    this.#touched = touched;
    // Their answer is not in memory yet, and may come before or after ours.
    for (const id of this.#writes.keys()) touched.add(id);
    try {
      await read(touched);
    } finally {
      this.#touched = null;
    }
    return touched;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(new Set(this.#writes.values()));
  }
}
