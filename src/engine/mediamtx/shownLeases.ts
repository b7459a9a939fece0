import { type CameraId, isAlwaysPulled } from '../../core/camera.js';
import type { DesiredStreams } from '../mediaEngine.js';
import { forwardingRevisions } from './forwardingRevisions.js';
import { leasePathName, type PathConfigs } from './pathConfig.js';

/**
 * Which lease each camera that is pulled all the time showed last, whoever brought it to the public path. By it a move is found that
 * no write of an `apply` made: when the splice dies in the middle of one, feeders take over in the background.
 */
export class ShownLeases {
  readonly #spliced: (cameraId: CameraId) => number | null;
  #known: ReadonlyMap<CameraId, number> = new Map();

  constructor(spliced: (cameraId: CameraId) => number | null) {
    this.#spliced = spliced;
  }

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

  /** After it. A camera that nobody carries for the moment showed what it showed last. */
  end(streams: DesiredStreams, own: PathConfigs): void {
    this.#known = new Map([...this.#known, ...this.#carried(streams, own)]);
  }

  /** True when the splice gave a camera up whose new feeder is there: a write has that forward. */
  isAnyGivenUp(streams: DesiredStreams, own: PathConfigs): boolean {
    const forwarding = forwardingRevisions(own);
    return [...this.#known.keys()].some((cameraId) => {
      const revision = streams.get(cameraId)?.inForce?.revision;
      if (revision === undefined || !own.has(cameraId) || !own.has(leasePathName(cameraId, revision))) return false;
      return this.#spliced(cameraId) === null && !forwarding.has(cameraId);
    });
  }

  #carried(streams: DesiredStreams, own: PathConfigs): Map<CameraId, number> {
    const carried = new Map<CameraId, number>();
    const forwarding = forwardingRevisions(own);
    for (const [cameraId, { mode }] of streams) {
      const revision = isAlwaysPulled(mode) ? (this.#spliced(cameraId) ?? forwarding.get(cameraId)) : undefined;
      if (revision !== undefined) carried.set(cameraId, revision);
    }
    return carried;
  }
}
