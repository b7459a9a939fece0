import type { CameraId, CameraStatus, CloudSource } from '../camera/camera.js';

/** A camera that a listing shows and the store does not have. */
export interface DiscoveredCamera {
  readonly id: CameraId;
  readonly name: string;
  readonly source: CloudSource;
  readonly status: CameraStatus;
}

/** The fields of a stored camera that a listing says differently. */
export interface DiscoveredChange {
  readonly id: CameraId;
  readonly name?: string;
  readonly status?: CameraStatus;
  readonly source?: CloudSource;
}

/** What a listing of one account, or a part of it, changes in the store. Made by `planDiscovery`, carried out by the store. */
export interface DiscoveryPlan {
  readonly account: string;
  readonly create: readonly DiscoveredCamera[];
  readonly update: readonly DiscoveredChange[];
  readonly missing: readonly CameraId[];
  /** How many cameras are stored as they are listed. */
  readonly unchanged: number;
}
