import type { CameraId } from '../../core/camera/camera.js';
import type { RelayedCamera } from '../../core/streams/relay.js';
import type { WorkerStates } from './worker.js';

const RANK: Readonly<Record<RelayedCamera['state'], number>> = { dark: 0, opening: 1, bridging: 2, live: 3 };

/**
 * One state for each camera. Two workers may serve a camera for a while (one of them is draining): the better state counts, of two equal
 * ones that of the later list, and the readers of both are added.
 */
export function mergeStates(lists: readonly WorkerStates[]): ReadonlyMap<CameraId, RelayedCamera> {
  const merged = new Map<CameraId, RelayedCamera>();
  for (const [id, seen] of lists.flat()) {
    const other = merged.get(id);
    const best = other === undefined || RANK[seen.state] >= RANK[other.state] ? seen : other;
    merged.set(id, { ...best, readers: seen.readers + (other?.readers ?? 0) });
  }
  return merged;
}
