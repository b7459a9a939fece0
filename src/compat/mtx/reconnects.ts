import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { SeenStream } from '../../core/health/health.js';

interface Counted {
  /** Ends that were seen by the flow alone. */
  stops: number;
  /** Ends that the relay counted, over all its lives. */
  pulls: number;
  /** The relay's own count when it was last read. */
  latestPulls: number;
  openings: number;
  flow: SeenStream['flow'] | null;
  /** The latest failed opening that is counted (ms). */
  failedMs: number | null;
}

/**
 * How many attempts at each camera have ended, since this process began: the old system's `reconnect_count`, which never goes back. The
 * relay counts its pulls; of other streams each stop that is seen counts.
 */
export class Reconnects {
  readonly #counts = new Map<CameraId, Counted>();

  /** Takes what is known of a camera now (null: nothing), and answers its count. */
  note({ id, failure }: Pick<Camera, 'id' | 'failure'>, seen: Pick<SeenStream, 'flow' | 'endedPulls'> | null): number {
    const known = this.#counts.get(id) ?? { ...NOTHING };
    this.#counts.set(id, known);
    const flow = seen?.flow ?? 'unknown';
    if (flow === 'stopped' && (known.flow === 'flowing' || known.flow === 'starting')) known.stops += 1;
    if (flow !== 'unknown') known.flow = flow;
    if (seen?.endedPulls !== undefined) {
      // The relay counts anew once nobody has read the camera for a while.
      const isAnew = seen.endedPulls < known.latestPulls;
      known.pulls += seen.endedPulls - (isAnew ? 0 : known.latestPulls);
      known.latestPulls = seen.endedPulls;
    }
    const failedMs = failure?.at.getTime() ?? null;
    if (failedMs !== null && failedMs !== known.failedMs) known.openings += 1;
    known.failedMs = failedMs ?? known.failedMs;
    return Math.max(known.stops, known.pulls) + known.openings;
  }

  /** Forgets cameras that there are no more. */
  keep(ids: ReadonlySet<CameraId>): void {
    for (const id of this.#counts.keys()) if (!ids.has(id)) this.#counts.delete(id);
  }
}

const NOTHING: Counted = { stops: 0, pulls: 0, latestPulls: 0, openings: 0, flow: null, failedMs: null };
