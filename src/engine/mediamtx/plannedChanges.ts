import type { CameraId } from '../../core/camera.js';
import type { PlannedChange } from '../mediaEngine.js';
import { forwardingRevisions } from './carriedCameras.js';
import { diffPaths, type PathChange } from './diffPaths.js';
import { cameraOfPath, leaseOfPath, type PathConfigs } from './pathConfig.js';

export interface PlanFacts {
  readonly own: PathConfigs;
  readonly desired: PathConfigs;
  /** null: could not be read. */
  readonly viewers: ReadonlyMap<CameraId, number> | null;
  /** True when the splice carries the camera, so that it goes over unnoticed. */
  readonly isSpliced: (cameraId: CameraId) => boolean;
}

/** What a write would change, camera by camera, and what those who watch would notice. */
export function plannedChanges({ own, desired, viewers, isSpliced }: PlanFacts): readonly PlannedChange[] {
  const byCamera = new Map<CameraId, PathChange[]>();
  for (const change of diffPaths(own, desired)) {
    const cameraId = cameraOfPath(change.name);
    const changes = byCamera.get(cameraId);
    if (changes) changes.push(change);
    else byCamera.set(cameraId, [change]);
  }
  const from = forwardingRevisions(own);
  const to = forwardingRevisions(desired);
  return [...byCamera].map(([cameraId, changes]) => ({
    cameraId,
    how: howOf(changes, isSpliced(cameraId), from.get(cameraId), to.get(cameraId)),
    viewers: viewers && (viewers.get(cameraId) ?? 0),
    paths: changes.map(({ name, action }) => ({
      name,
      action: action === 'add' || action === 'remove' ? action : 'change',
    })),
  }));
}

function howOf(
  changes: readonly PathChange[],
  isSpliced: boolean,
  from: number | undefined,
  to: number | undefined,
): PlannedChange['how'] {
  // A path that people watch, closed or made anew.
  const isRebuilt = changes.some(({ name, action }) => leaseOfPath(name) === null && action !== 'add');
  if (isRebuilt) return 'rebuild';
  return from !== undefined && from !== to && !isSpliced ? 'handover' : 'hot';
}
