import type { Camera, CameraStatus, Failure, SoundSetting, UrlSource } from './camera.js';
import type { AboutChange } from './cameraAbout.js';
import type { Lease, StreamQuality } from './lease.js';

/** A source as a person gives it. Of a stored camera, a part that is left out or masked stays as it is. */
export interface GivenSource {
  readonly url?: string | undefined;
  /** null: the camera asks for no login. */
  readonly user?: string | null | undefined;
  readonly password?: string | null | undefined;
  /** null: the camera asks for no login, whatever was stored. */
  readonly login?: null | undefined;
}

/** A `url` camera's source before the store has given it its revision. */
export type NewAddress = Pick<UrlSource, 'url' | 'login' | 'otherLogin' | 'tracks' | 'openedAt'>;

/** The fields that may be changed; undefined ones stay as they are. */
export interface CameraChange {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly status?: CameraStatus;
  readonly mode?: Camera['mode'];
  readonly quality?: Camera['quality'];
  readonly sound?: SoundSetting;
  readonly errorClipCheck?: boolean;
  readonly whenGone?: Camera['whenGone'];
  readonly labels?: readonly string[];
  /** null: the camera belongs to no list any more. */
  readonly feed?: Camera['feed'];
  readonly about?: AboutChange;
  readonly resourceId?: string;
  readonly account?: string;
  /** A new address, login or both of a `url` camera, with what its opening found. Ignored for any other. */
  readonly source?: NewAddress;
  /** The failure of the opening of `source`; null: it opened. */
  readonly failure?: Failure | null;
  /** A lease that a person gives a cloud camera: in force at once. Ignored for any other. */
  readonly lease?: Lease;
  /** null removes the notice. */
  readonly notice?: string | null;
  readonly learnedQuality?: StreamQuality | null;
  /** Ids of URLs still to be given back to the vendor's cloud; an id leaves the list once the cloud has taken it back. */
  readonly retiredUrlIds?: readonly string[];
}
