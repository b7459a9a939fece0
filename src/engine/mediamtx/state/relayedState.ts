import type { CameraId } from '../../../core/camera/camera.js';
import type { RelayedCamera } from '../../../core/streams/relay.js';
import type { StreamState } from '../../mediaEngine.js';
import { STOPPED_AFTER_MS } from '../carried/feeders.js';

/** What is known of the cameras that a relay brings. */
export interface SeenByRelay {
  /** Cameras that somebody reads from it; null: it could not be asked. */
  readonly states: ReadonlyMap<CameraId, RelayedCamera> | null;
  /** The lease that it was told to pull; null: none, or another process told it. */
  readonly revisionOf: (cameraId: CameraId) => number | null;
  /** True: it does not understand the server of the camera's lease, so MediaMTX pulls the camera itself. */
  readonly isBeside: (cameraId: CameraId) => boolean;
}

export interface RelayedFacts {
  readonly cameraId: CameraId;
  /** The lease in force, where the relay was told by another process. */
  readonly inForce: number | null;
  readonly viewers: number;
  /** Monotonic. */
  readonly nowMs: number;
  /** False: MediaMTX does not answer, so that a camera which nobody reads may be one that nobody can. */
  readonly isServed: boolean;
  /**
   * What it means that nobody reads the camera from the relay, and that nobody watches. A camera that MediaMTX keeps open is `stopped`
   * then, or `unknown` where MediaMTX has it open all the same.
   */
  readonly unread: 'idle' | 'stopped' | 'unknown';
}

/**
 * The state of a camera that the relay brings, by the relay's own pull. What MediaMTX says of the path does not count: it shows a slate
 * as it shows a picture, and lists no viewer who waits by HLS.
 */
export function relayedState({ states, revisionOf }: SeenByRelay, facts: RelayedFacts): StreamState {
  const { cameraId, inForce, viewers, nowMs } = facts;
  const seen = states?.get(cameraId);
  const quietMs = seen?.quietMs ?? null;
  return {
    revision: revisionOf(cameraId) ?? seen?.revision ?? inForce,
    flow: states === null ? 'unknown' : seen ? flowOf(seen) : unreadFlow(facts),
    carrier: 'relay',
    ...(seen && { reason: seen.reason }),
    ...(seen && seen.state !== 'opening' && flowOf(seen) === 'stopped' && { standsIn: seen.state !== 'dark' }),
    bytesReceived: seen?.bytesReceived ?? 0,
    ...(quietMs !== null && { movedMs: nowMs - quietMs }),
    viewers,
  };
}

/**
 * People watch what the relay does not know of only for a moment: they have just left, or a worker that has lost its parent serves them
 * and has not told the next one yet.
 */
function unreadFlow({ viewers, isServed, unread }: RelayedFacts): StreamState['flow'] {
  return isServed && viewers === 0 ? unread : 'unknown';
}

function flowOf({ state, quietMs }: RelayedCamera): StreamState['flow'] {
  if (state === 'opening') return 'starting';
  return state === 'live' && quietMs !== null && quietMs <= STOPPED_AFTER_MS ? 'flowing' : 'stopped';
}
