import type { CameraId } from '../../../core/camera/camera.js';
import type { PlannedChange } from '../../mediaEngine.js';
import { forwardingRevisions } from './forwardingRevisions.js';
import { diffPaths, type PathChange } from './diffPaths.js';
import { isRelayLine } from './relayLine.js';
import { cameraOfPath, leaseOfPath, type PathConfigs } from './pathConfig.js';

export interface PlanFacts {
  readonly own: PathConfigs;
  readonly desired: PathConfigs;
  /** null: MediaMTX could not be asked. */
  readonly viewers: ReadonlyMap<CameraId, number> | null;
  /** Cameras that the relay moves to another lease, without a write to MediaMTX. */
  readonly relayed: readonly CameraId[];
}

/** What a write would change for each camera, and what its viewers would notice. */
export function plannedChanges({ own, desired, viewers, relayed }: PlanFacts): readonly PlannedChange[] {
  const byCamera = new Map<CameraId, PathChange[]>();
  for (const change of diffPaths(own, desired)) {
    const cameraId = cameraOfPath(change.name);
    const changes = byCamera.get(cameraId);
    if (changes) changes.push(change);
    else byCamera.set(cameraId, [change]);
  }
  for (const cameraId of relayed) if (!byCamera.has(cameraId)) byCamera.set(cameraId, []);
  const from = forwardingRevisions(own);
  const to = forwardingRevisions(desired);
  const howFor = (cameraId: CameraId, changes: readonly PathChange[]): PlannedChange['how'] =>
    movesOver(cameraId, changes, viewers) ? 'hot' : howOf(changes, from.get(cameraId), to.get(cameraId));
  return [...byCamera].map(([cameraId, changes]) => ({
    cameraId,
    how: howFor(cameraId, changes),
    viewers: viewers && (viewers.get(cameraId) ?? 0),
    ...movedTo(cameraId, own, desired),
    paths: changes.map(({ name, action }) => ({
      name,
      action: action === 'add' || action === 'remove' ? action : 'change',
    })),
  }));
}

/** Empty unless the camera's line exists before and after, and reads the relay in only one of the two. */
function movedTo(cameraId: CameraId, own: PathConfigs, desired: PathConfigs): Pick<PlannedChange, 'movesTo'> {
  const [before, after] = [own.get(cameraId), desired.get(cameraId)];
  if (!before || !after) return {};
  const isRelayed = isRelayLine(cameraId, after);
  return isRelayLine(cameraId, before) === isRelayed ? {} : { movesTo: isRelayed ? 'relay' : 'media-server' };
}

/** True for a camera that nobody watches and whose line will read the relay. */
function movesOver(cameraId: CameraId, changes: readonly PathChange[], viewers: PlanFacts['viewers']): boolean {
  if (viewers === null || (viewers.get(cameraId) ?? 0) > 0) return false;
  return changes.some(
    (change) => change.name === cameraId && change.action !== 'remove' && isRelayLine(cameraId, change.config),
  );
}

function howOf(changes: readonly PathChange[], from: number | undefined, to: number | undefined): PlannedChange['how'] {
  // MediaMTX closes a public path that is removed or changed.
  const isRebuilt = changes.some(({ name, action }) => leaseOfPath(name) === null && action !== 'add');
  if (isRebuilt) return 'rebuild';
  return from !== undefined && from !== to ? 'handover' : 'hot';
}
