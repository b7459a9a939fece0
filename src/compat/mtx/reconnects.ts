import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { SeenStream } from '../../core/health/health.js';

type Flow = SeenStream['flow'];

interface Counted {
  count: number;
  flow: Flow | null;
  /** The latest failed opening that is counted (ms). */
  failedMs: number | null;
}

/** How often each camera's stream ended, since this process began: the old system's `reconnect_count`, which never goes back. */
export class Reconnects {
  readonly #counts = new Map<CameraId, Counted>();

  /** Takes what is known of a camera now, and answers its count. */
  note({ id, failure }: Pick<Camera, 'id' | 'failure'>, flow: Flow | null): number {
    const known = this.#counts.get(id) ?? { count: 0, flow: null, failedMs: null };
    this.#counts.set(id, known);
    if (flow === 'stopped' && (known.flow === 'flowing' || known.flow === 'starting')) known.count += 1;
    if (flow !== null && flow !== 'unknown') known.flow = flow;
    const failedMs = failure?.at.getTime() ?? null;
    if (failedMs !== null && failedMs !== known.failedMs) known.count += 1;
    known.failedMs = failedMs ?? known.failedMs;
    return known.count;
  }

  /** Forgets cameras that there are no more. */
  keep(ids: ReadonlySet<CameraId>): void {
    for (const id of this.#counts.keys()) if (!ids.has(id)) this.#counts.delete(id);
  }
}
