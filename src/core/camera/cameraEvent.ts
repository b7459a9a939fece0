import type { Camera, CameraId } from './camera.js';

/** A change of a camera: the camera as it was added or changed, or the id of a deleted one. */
export type CameraEvent = { readonly camera: Camera } | { readonly removed: CameraId };
