import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import { forwardingRevisions } from './forwardingRevisions.js';
import type { PathConfigs } from './pathConfig.js';
import { isRelayLine } from './relayLine.js';

/**
 * The revision that each fed camera (its public path gets its pictures from feeders) showed last. With it an `apply` also reports moves
 * that a write in the background made since the `apply` before.
 */
export class LastShownRevisions {
  #known: ReadonlyMap<CameraId, number> = new Map();

  /**
   * Call when an `apply` begins. Returns the revision that each fed camera shows, where that is known. For a camera of the `apply`
   * `before` it is what the camera showed when that one ended, so that a move in between is reported now.
   */
  begin(before: DesiredStreams | null, streams: DesiredStreams, own: PathConfigs): ReadonlyMap<CameraId, number> {
    const isCarried = (cameraId: CameraId): boolean => isAlwaysPulled(before?.get(cameraId)?.mode ?? 'on-demand');
    const known = [...this.#known].filter(([cameraId]) => isCarried(cameraId));
    this.#known = new Map([...this.#carried(streams, own), ...known]);
    return this.#known;
  }

  /** Call when the `apply` ended. Keeps the last revision of a camera without a forwarding feeder; forgets cameras that moved to the relay. */
  end(streams: DesiredStreams, own: PathConfigs): void {
    const fed = [...this.#known].filter(([cameraId]) => !isRelayed(cameraId, own));
    this.#known = new Map([...fed, ...this.#carried(streams, own)]);
  }

  #carried(streams: DesiredStreams, own: PathConfigs): Map<CameraId, number> {
    const carried = new Map<CameraId, number>();
    const forwarding = forwardingRevisions(own);
    for (const [cameraId, { mode }] of streams) {
      const revision = isAlwaysPulled(mode) ? forwarding.get(cameraId) : undefined;
      if (revision !== undefined) carried.set(cameraId, revision);
    }
    return carried;
  }
}

function isRelayed(cameraId: CameraId, own: PathConfigs): boolean {
  const line = own.get(cameraId);
  return line !== undefined && isRelayLine(cameraId, line);
}
