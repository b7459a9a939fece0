import type { CameraId } from '../../core/camera/camera.js';
import type { RelayedCamera } from '../../core/streams/relay.js';
import type { WorkerStates } from './worker.js';

const RANK: Readonly<Record<RelayedCamera['state'], number>> = { dark: 0, opening: 1, bridging: 2, live: 3 };

/**
 * One answer for each camera. A camera may be read in two workers for a while (one of them drains): the better state counts, of two
 * equal ones that of the later list; readers are counted together.
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
