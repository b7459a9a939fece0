import type { Camera, CameraStatus } from './camera.js';
import type { StreamQuality } from './lease.js';

/** The fields that may be changed; undefined ones stay as they are. */
export interface CameraChange {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly status?: CameraStatus;
  readonly mode?: Camera['mode'];
  readonly quality?: Camera['quality'];
  readonly errorClipCheck?: boolean;
  readonly whenGone?: Camera['whenGone'];
  readonly labels?: readonly string[];
  /** null: the camera belongs to no list any more. */
  readonly feed?: Camera['feed'];
  readonly resourceId?: string;
  readonly account?: string;
  /** null removes the notice. */
  readonly notice?: string | null;
  readonly learnedQuality?: StreamQuality | null;
  /** Ids of URLs still to be given back to the vendor's cloud; an id leaves the list once the cloud has taken it back. */
  readonly retiredUrlIds?: readonly string[];
}
