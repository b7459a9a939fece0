import type { CameraId } from '../../core/camera/camera.js';

/** Reads a path of the relay: a camera (`<id>`), or one lease of it (`_lease/<id>/<revision>`, `candidate` is its revision). */
export function readPath(path: string): { readonly cameraId: CameraId; readonly candidate: number | null } {
  const [, cameraId, revision] = /^_lease\/(.+)\/(\d{1,15})$/.exec(path) ?? [];
  if (cameraId === undefined) return { cameraId: path, candidate: null };
  return { cameraId, candidate: Number(revision) };
}

export function candidatePath(cameraId: CameraId, revision: number): string {
  return `_lease/${cameraId}/${revision}`;
}
