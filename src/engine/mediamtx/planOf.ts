import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { orAborted } from '../../core/async/orAborted.js';
import type { DesiredStreams } from '../../core/streams/streams.js';
import type { PlannedChange } from '../mediaEngine.js';
import type { EngineParts } from './engineParts.js';
import { desiredPaths } from './paths/desiredPaths.js';
import type { PathConfigs } from './paths/pathConfig.js';
import { plannedChanges } from './paths/plannedChanges.js';
import type { RelayedCameras } from './relayed/relayedCameras.js';
import { MARKER_PATH } from './sharing/marker.js';

export interface PlanDeps extends Pick<EngineParts, 'writer' | 'carried'> {
  readonly clock: Clock;
  readonly relayed: RelayedCameras | null;
  /** Paths of running proofs: no plan contains them, since each proof adds and removes its own. */
  readonly proofPaths: PathConfigs;
  readonly viewers: () => Promise<ReadonlyMap<CameraId, number> | null>;
}

/** What `apply` would change with these streams, seen from the moment when the running write is in force. */
export async function planOf(
  { writer, carried, clock, relayed, proofPaths, viewers: ask }: PlanDeps,
  streams: DesiredStreams,
  signal?: AbortSignal,
): Promise<readonly PlannedChange[]> {
  // Waits for the running write, whose changes are no longer planned but made.
  const own = await orAborted(writer.learn(), signal);
  await orAborted(carried.learnServer(streams), signal);
  // One request answers both: who would notice a change, and which unwatched lines may move to the relay.
  const viewers = await ask();
  await relayed?.findUnwatched(streams, own, viewers);
  return plannedChanges({
    own: new Map([...own].filter(([name]) => !proofPaths.has(name) && name !== MARKER_PATH)),
    desired: desiredPaths(streams, clock.now(), carried.world(own, true)).paths,
    viewers,
    relayed: relayed?.planned(streams, own) ?? [],
  });
}
