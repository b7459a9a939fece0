import type { Camera, CameraId } from '../core/camera/camera.js';
import { decideRenewal } from '../core/renewal/renewal.js';
import { desiredStreams } from '../core/streams/streams.js';
import type { PlannedChange } from '../engine/mediaEngine.js';
import type { PlanRequest } from '../core/passes/requests.js';
import { capsOf } from './handover/streamsContext.js';
import type { JobsDeps } from './run/deps.js';

/** Stands for the URL that the cloud has not given yet; nothing ever pulls it. */
const PLANNED_URL = 'rtmp://planned.invalid/live/stream';

/** What the engine would change, and how many viewers that would touch, if the request were carried out now. Writes nothing. */
export async function planChanges(
  deps: Pick<JobsDeps, 'clock' | 'store' | 'engine' | 'accounts'>,
  request: PlanRequest,
  signal?: AbortSignal,
): Promise<readonly PlannedChange[]> {
  const { clock, store, engine } = deps;
  const now = clock.now();
  const named = request.cameraIds && new Set(request.cameraIds);
  const all = [...store.peekAll()];
  const chosen = new Set(all.filter((camera) => isMeant(camera, request, named, now)).map(({ id }) => id));
  const after = all.flatMap((camera) => (chosen.has(camera.id) ? planned(camera, request) : [camera]));
  const changes = await engine.plan(desiredStreams(after, now, capsOf(deps)), signal);
  return changes.filter(({ cameraId }) => chosen.has(cameraId));
}

function isMeant(
  camera: Camera,
  { action, force }: PlanRequest,
  named: ReadonlySet<CameraId> | undefined,
  now: Date,
): boolean {
  if (named !== undefined && !named.has(camera.id)) return false;
  if (action !== 'renew' || force === true) return true;
  return camera.candidate !== null || decideRenewal(camera, now).action === 'renew';
}

function planned(camera: Camera, { action, change = {} }: PlanRequest): Camera[] {
  switch (action) {
    case 'delete':
      return [];
    case 'update': {
      const { enabled = camera.enabled, mode = camera.mode, status = camera.status } = change;
      return [{ ...camera, enabled, mode, status, whenGone: change.whenGone ?? camera.whenGone }];
    }
    case 'renew': {
      const { lease, candidate } = camera;
      if (lease === null) return [camera];
      const next = candidate ?? { ...lease, url: PLANNED_URL, revision: camera.lastRevision + 1, tracks: lease.tracks };
      return [{ ...camera, lease: next, candidate: null }];
    }
  }
}
