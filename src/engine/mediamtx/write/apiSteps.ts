import type { PathChange } from '../paths/diffPaths.js';
import { cameraOfPath, feederPath, forwards, leaseOfPath, type PathConfigs } from '../paths/pathConfig.js';

/**
 * The order in which changes are made one by one through the API. First the changes that have no part in a handover; then, camera by
 * camera, the new feeder begins to forward and the old one stops, so that both forward for one step at most; feeders that are no
 * longer needed are removed last.
 */
export function apiSteps(current: PathConfigs, changes: readonly PathChange[]): readonly PathChange[] {
  const first: PathChange[] = [];
  const plain: PathChange[] = [];
  const last: PathChange[] = [];
  const taking = new Map<string, PathChange[]>();
  const leaving = new Map<string, PathChange[]>();
  for (const change of changes) {
    const now = current.get(change.name);
    const camera = cameraOfPath(change.name);
    if (change.action === 'remove') {
      if (leaseOfPath(change.name) === null) {
        first.push(change);
        continue;
      }
      if (now && forwards(now))
        push(leaving, camera, { action: 'forward', name: change.name, config: feederPath(now.source, null) });
      last.push(change);
    } else if (forwards(change.config)) push(taking, camera, change);
    else if (now && forwards(now)) push(leaving, camera, change);
    else plain.push(change);
  }
  const cameras = new Set([...taking.keys(), ...leaving.keys()]);
  const moves = [...cameras].flatMap((camera) => [...(taking.get(camera) ?? []), ...(leaving.get(camera) ?? [])]);
  return [...first, ...plain, ...moves, ...last];
}

function push(lists: Map<string, PathChange[]>, camera: string, change: PathChange): void {
  const list = lists.get(camera);
  if (list) list.push(change);
  else lists.set(camera, [change]);
}
