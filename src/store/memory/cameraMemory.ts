import type { CameraEvent } from '../../core/camera/cameraEvent.js';
import { isDeepStrictEqual } from 'node:util';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { byNameThenId } from '../reading/cameraRecord.js';

/** Every camera in memory, and the listeners that hear of changes. */
export class CameraMemory {
  readonly #cameras = new Map<CameraId, Camera>();
  /** null: must be sorted again. */
  #sorted: readonly Camera[] | null = null;
  readonly #listeners = new Set<(event: CameraEvent) => void>();

  get count(): number {
    return this.#cameras.size;
  }

  peek(id: CameraId): Camera | null {
    return this.#cameras.get(id) ?? null;
  }

  ids(): CameraId[] {
    return [...this.#cameras.keys()];
  }

  /** Sorted by name, then id. The array is not changed later. */
  peekAll(): readonly Camera[] {
    this.#sorted ??= [...this.#cameras.values()].sort(byNameThenId);
    return this.#sorted;
  }

  /** null: the camera is gone. */
  set(id: CameraId, camera: Camera | null): void {
    if (camera === null) {
      if (this.#cameras.delete(id)) this.#callListeners({ removed: id });
      return;
    }
    // Keep the object we have when nothing changed, so that a refresh of 10,000 cameras leaves no garbage behind.
    const known = this.#cameras.get(id);
    if (known && isSameMoment(known.updatedAt, camera.updatedAt) && isDeepStrictEqual(known, camera)) return;
    this.#cameras.set(id, camera);
    this.#callListeners({ camera });
  }

  onChange(listener: (event: CameraEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #callListeners(event: CameraEvent): void {
    this.#sorted = null;
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** Compared first: `updatedAt` differs after nearly every change, and a deep comparison of 10,000 cameras takes long. */
function isSameMoment(a: Date, b: Date): boolean {
  return a.getTime() === b.getTime();
}
