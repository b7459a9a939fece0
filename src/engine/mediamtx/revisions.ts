import type { CameraId } from '../../core/camera.js';
import type { DesiredStreams } from '../mediaEngine.js';
import type { PathConfigs } from './pathConfig.js';
import { pathSource } from './pathSource.js';

/** Tells which lease's revision a configured source is: MediaMTX knows URLs only. */
export class Revisions {
  #bySource = new Map<CameraId, ReadonlyMap<string, number>>();

  /** Remembers the sources of these leases, and forgets those that are neither wanted nor in force. */
  learn(streams: DesiredStreams, own: PathConfigs | null): void {
    const next = new Map<CameraId, Map<string, number>>();
    for (const [cameraId, { inForce }] of streams) {
      const known = new Map<string, number>();
      const source = inForce && pathSource(inForce.url);
      if (inForce && source !== null) known.set(source, inForce.revision);
      for (const [old, revision] of this.#bySource.get(cameraId) ?? []) {
        if (own === null || own.get(cameraId)?.source === old) known.set(old, revision);
      }
      next.set(cameraId, known);
    }
    this.#bySource = next;
  }

  /** null: no path, or one whose lease is not known. */
  of(cameraId: CameraId, own: PathConfigs | null): number | null {
    const source = own?.get(cameraId)?.source;
    return source === undefined ? null : (this.#bySource.get(cameraId)?.get(source) ?? null);
  }
}
