import type { CameraId } from '../../../core/camera/camera.js';
import { isFlowing, type RelayedCamera } from '../../../core/streams/relay.js';
import type { StreamState } from '../../mediaEngine.js';

/** What is known of the cameras that the relay carries. */
export interface SeenByRelay {
  /** The states of cameras that somebody reads from the relay; null: the relay could not be asked. */
  readonly states: ReadonlyMap<CameraId, RelayedCamera> | null;
  /** The revision that this replica has the relay pull; null: none, or another replica controls the relay. */
  readonly revisionOf: (cameraId: CameraId) => number | null;
  /** True: the relay does not understand the server of the camera's lease, so MediaMTX pulls the camera itself. */
  readonly isBeside: (cameraId: CameraId) => boolean;
}

export interface RelayedFacts {
  readonly cameraId: CameraId;
  /** The revision in force, used when another replica controls the relay; null: none. */
  readonly inForce: number | null;
  readonly viewers: number;
  /** Monotonic. */
  readonly nowMs: number;
  /** False: MediaMTX does not answer, so that a camera may be unread because nobody can watch it. */
  readonly isServed: boolean;
  /**
   * The flow of a camera that nobody reads from the relay and nobody watches: `idle` for one that is pulled while watched. A camera that
   * MediaMTX reads always is `stopped` then, or `unknown` when MediaMTX says that the path is open all the same.
   */
  readonly unread: 'idle' | 'stopped' | 'unknown';
}

/**
 * The state of a camera that the relay carries, from the relay's own pull. MediaMTX's state of the path does not count: it cannot tell a
 * slate from a picture, and does not list a viewer who waits by HLS.
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
    ...(seen?.endedPulls !== undefined && { endedPulls: seen.endedPulls }),
    ...(seen && seen.state !== 'opening' && flowOf(seen) === 'stopped' && { standsIn: seen.state !== 'dark' }),
    bytesReceived: seen?.bytesReceived ?? 0,
    ...(quietMs !== null && { movedMs: nowMs - quietMs }),
    viewers,
  };
}

/**
 * Viewers of a camera that the relay does not report make its flow `unknown`. That lasts a moment: they have just left, or a worker that
 * lost its parent serves them and has not reported to the next parent yet.
 */
function unreadFlow({ viewers, isServed, unread }: RelayedFacts): StreamState['flow'] {
  return isServed && viewers === 0 ? unread : 'unknown';
}

function flowOf(seen: RelayedCamera): StreamState['flow'] {
  if (seen.state === 'opening') return 'starting';
  return isFlowing(seen) ? 'flowing' : 'stopped';
}
