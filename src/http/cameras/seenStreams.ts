import { limited } from '../../core/async/deadline.js';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { orAborted } from '../../core/async/orAborted.js';
import { seenWith, stoppedBySilence, type SeenStream } from '../../core/health/health.js';
import type { HttpDeps } from '../route/deps.js';

const FRESH_MS = 2_000;
const PATIENCE_MS = 2_000;

/** What the engine sees of one camera; null: it says nothing about it. */
export type Seen = (camera: Camera) => SeenStream | null;

/**
 * Asks the engine what it sees, at most once in two seconds, however many pages are open. An engine that does not answer makes
 * the flow `unknown`; it never makes a request fail.
 */
export function createSeenStreams({
  engine,
  clock,
  jobs,
  outages,
}: Pick<HttpDeps, 'engine' | 'clock' | 'jobs' | 'outages'>): () => Promise<Seen> {
  let pending: Promise<Seen> | null = null;
  let askedMs = 0;
  return () => {
    const nowMs = clock.monotonicMs();
    if (pending === null || nowMs - askedMs >= FRESH_MS) {
      askedMs = nowMs;
      pending = ask();
    }
    return pending;
  };

  async function ask(): Promise<Seen> {
    try {
      const states: ReadonlyMap<CameraId, SeenStream> = await limited({ clock, ms: PATIENCE_MS }, (patience) =>
        orAborted(engine.states(patience), patience),
      );
      return (camera) => {
        const seen = seenWith(states.get(camera.id) ?? null, jobs.engineState().refused.get(camera.id));
        return stoppedBySilence(camera, seen, outages.isSilent?.(camera.id) === true);
      };
    } catch {
      return ({ id, lease }) =>
        seenWith({ revision: lease?.revision ?? null, flow: 'unknown' }, jobs.engineState().refused.get(id));
    }
  }
}
