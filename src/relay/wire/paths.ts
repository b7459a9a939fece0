import type { CameraId } from '../../core/camera/camera.js';

/** What a path of the relay stands for: a camera, or the candidate of one (`_lease/<id>/<revision>`). */
export function readPath(path: string): { readonly cameraId: CameraId; readonly candidate: number | null } {
  const [, cameraId, revision] = /^_lease\/(.+)\/(\d{1,15})$/.exec(path) ?? [];
  if (cameraId === undefined) return { cameraId: path, candidate: null };
  return { cameraId, candidate: Number(revision) };
}

export function candidatePath(cameraId: CameraId, revision: number): string {
  return `_lease/${cameraId}/${revision}`;
}
