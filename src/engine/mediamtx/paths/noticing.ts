import { type CameraMode, isAlwaysPulled } from '../../../core/camera/camera.js';
import { sameTracks, type StreamTracks } from '../../../core/camera/tracks.js';

export interface NoticedMove {
  readonly mode: CameraMode;
  /** What the proofs of both leases saw; null: not known. */
  readonly from: StreamTracks | null;
  readonly to: StreamTracks | null;
  /** The relay takes the camera over. */
  readonly isRelayed: boolean;
  /** The relay takes the camera at its next lease, which closes the path that feeders publish to. */
  readonly goesToRelay: boolean;
}

/** True when a camera's move to another lease drops no viewer. */
export function goesUnnoticed({ mode, from, to, isRelayed, goesToRelay }: NoticedMove): boolean {
  if (!isRelayed && !goesToRelay && isAlwaysPulled(mode)) return from === null || to === null || sameTracks(from, to);
  // The relay bridges other sound; readers have to be told of another codec of the picture, so they are dropped.
  return isRelayed && (from === null || to === null || from.video.codec === to.video.codec);
}
