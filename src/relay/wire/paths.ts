import type { CameraId } from '../../core/camera/camera.js';
import { readDerivedPath, type DerivedKind } from '../../core/streams/derivedPaths.js';

export interface RelayPath {
  readonly cameraId: CameraId;
  /** The revision of one lease; null: the path is not of a lease. */
  readonly candidate: number | null;
  /** null: the path is not of a derived stream. */
  readonly derived: DerivedKind | null;
}

/** Reads a path of the relay: a camera (`<id>`), one lease of it (`_lease/<id>/<revision>`), or a derived stream (see `derivedPath`). */
export function readPath(path: string): RelayPath {
  const made = readDerivedPath(path);
  if (made) return { cameraId: made.cameraId, candidate: null, derived: made.kind };
  const [, cameraId, revision] = /^_lease\/(.+)\/(\d{1,15})$/.exec(path) ?? [];
  if (cameraId === undefined) return { cameraId: path, candidate: null, derived: null };
  return { cameraId, candidate: Number(revision), derived: null };
}

export function candidatePath(cameraId: CameraId, revision: number): string {
  return `_lease/${cameraId}/${revision}`;
}
