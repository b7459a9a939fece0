import type { CameraId } from '../../core/camera/camera.js';

/** Runs the writes of one camera one after the other, so that their answers reach memory in the right order. */
export class CameraWrites {
  readonly #writes = new Map<CameraId, Promise<unknown>>();
  /** While a refresh reads: cameras that memory may know newer than the refresh has read them. */
  #touched: Set<CameraId> | null = null;

  /** Waits for pending writes of these cameras; later writes of them wait for this one. */
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

  /** Notes that memory has a newer state of this camera than a running refresh may have read. */
  touch(id: CameraId): void {
    this.#touched?.add(id);
  }

  isBusy(id: CameraId): boolean {
    return this.#writes.has(id);
  }

  /** Runs a read of all cameras; returns those that memory may know newer than `read` read them. */
  async reading(read: (touched: ReadonlySet<CameraId>) => Promise<void>): Promise<ReadonlySet<CameraId>> {
    const touched = new Set<CameraId>();
    this.#touched = touched;
    // Cameras being written: the answer is not in memory yet, and may come before or after that of this read.
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
