import type { CameraId } from '../camera/camera.js';
import type { CameraChange } from '../camera/cameraChange.js';

/** What is asked of the jobs, by the API and by other replicas. */

export interface RenewRequest {
  /** Absent: all cameras. */
  readonly cameraIds?: readonly CameraId[];
  /** Renews cameras that are not due or back off too, and promotes a candidate that is held. */
  readonly force?: boolean;
}

/** A change whose effect on viewers is to be found out before it is made. */
export interface PlanRequest {
  readonly action: 'renew' | 'update' | 'delete';
  /** Absent: all cameras. An unforced `renew` leaves out those that are not due and have no candidate. */
  readonly cameraIds?: readonly CameraId[];
  /** For `renew`: includes cameras that are not due. */
  readonly force?: boolean;
  /** For `update`. */
  readonly change?: CameraChange;
}
