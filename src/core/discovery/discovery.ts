import type { CameraId, CameraStatus, CloudSource } from '../camera/camera.js';

/** A camera that a listing shows and the store does not have. */
export interface DiscoveredCamera {
  readonly id: CameraId;
  readonly name: string;
  readonly source: CloudSource;
  readonly status: CameraStatus;
}

/** What a listing says differently from the store; only fields that change. */
export interface DiscoveredChange {
  readonly id: CameraId;
  readonly name?: string;
  readonly status?: CameraStatus;
  readonly source?: CloudSource;
}

/** What one complete listing of one account means for the store. Made by `planDiscovery`, carried out by the store. */
export interface DiscoveryPlan {
  readonly account: string;
  readonly create: readonly DiscoveredCamera[];
  readonly update: readonly DiscoveredChange[];
  readonly missing: readonly CameraId[];
  /** Listed and stored alike. */
  readonly unchanged: number;
}
