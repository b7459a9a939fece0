import type { Camera, CameraSource, CloudSource } from './camera.js';

/**
 * The account whose cloud leases this camera's URLs; null: no cloud does, or no listing has shown yet which account has the
 * device. `isUnidentified` tells the two apart.
 */
export function accountOf(camera: { readonly source: CameraSource } | null | undefined): string | null {
  return camera?.source.account ?? null;
}

/**
 * True for a device of a cloud whose account or channel is not known: a person stored it, and no cloud can be asked for its
 * URL until a listing shows both.
 */
export function isUnidentified({ source }: Pick<Camera, 'source'>): boolean {
  return source.account === null || source.channel === null;
}

/** A camera that a cloud leases URLs for. */
export type CloudCamera = Camera & { readonly source: CloudSource };
