import { type CameraId, isAlwaysPulled } from '../../../core/camera/camera.js';
import type { DesiredStreams } from '../../mediaEngine.js';
import { forwardingRevisions } from './forwardingRevisions.js';
import type { PathConfigs } from './pathConfig.js';
import { isRelayLine } from './relayLine.js';

/**
 * Which lease each camera that feeders bring to its public path showed last. By it a move is found that no write of an `apply` made, but
 * one in the background.
 */
export class ShownLeases {
  #known: ReadonlyMap<CameraId, number> = new Map();

  /**
   * At the beginning of a change. Returns what is shown, where that is known. Of cameras that were told `before` it is what they
   * showed at the end of that, so that what went over in between is told now.
   */
  begin(before: DesiredStreams | null, streams: DesiredStreams, own: PathConfigs): ReadonlyMap<CameraId, number> {
    const isCarried = (cameraId: CameraId): boolean => isAlwaysPulled(before?.get(cameraId)?.mode ?? 'on-demand');
    const known = [...this.#known].filter(([cameraId]) => isCarried(cameraId));
    this.#known = new Map([...this.#carried(streams, own), ...known]);
    return this.#known;
  }

  /** After it. A camera whose feeder does not forward for the moment showed what it showed last; one that went to the relay is let go. */
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
