import { type CameraId, isAlwaysPulled } from '../../../src/core/camera/camera.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { StreamState } from '../../../src/engine/mediaEngine.js';
import { relayedState, type SeenByRelay } from '../../../src/engine/mediamtx/state/relayedState.js';
import type { Pulled } from './pulls.js';
import type { Line } from './yearLines.js';

export interface SeenInYear {
  readonly served: DesiredStreams;
  readonly lines: ReadonlyMap<CameraId, Line>;
  readonly viewers: ReadonlyMap<CameraId, number>;
  /** What viewers get; null: nothing. */
  readonly inForce: (id: CameraId) => Pulled | null;
  readonly plays: (id: CameraId, pulled: Pulled) => boolean;
  /** The media server answers. */
  readonly isServed: boolean;
}

/** What the engine would see of the cameras. `relay`: what that says. `nowMs`: of whoever asks, monotonic. */
export function yearStates(seen: SeenInYear, relay: SeenByRelay, nowMs: number): Map<CameraId, StreamState> {
  const { served, lines, isServed } = seen;
  const states = new Map<CameraId, StreamState>();
  for (const [cameraId, { mode, inForce }] of served) {
    const line = lines.get(cameraId);
    if (!line) continue;
    const viewers = isServed ? (seen.viewers.get(cameraId) ?? 0) : 0;
    if (line.by === 'relay') {
      const unread = line.isKept ? 'stopped' : 'idle';
      const facts = { cameraId, inForce: inForce?.revision ?? null, viewers, nowMs, isServed, unread } as const;
      states.set(cameraId, relayedState(relay, facts));
      continue;
    }
    const pulled = seen.inForce(cameraId);
    const plays = pulled !== null && seen.plays(cameraId, pulled);
    const known = !isAlwaysPulled(mode) && viewers === 0 ? 'idle' : plays ? 'flowing' : 'stopped';
    const flow = isServed ? known : 'unknown';
    states.set(cameraId, { revision: pulled?.revision ?? null, flow, bytesReceived: 0, viewers });
  }
  return states;
}
