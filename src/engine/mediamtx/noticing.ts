import { type CameraMode, isAlwaysPulled } from '../../core/camera.js';
import { sameTracks, type StreamTracks } from '../../core/tracks.js';

export interface NoticedMove {
  readonly mode: CameraMode;
  /** What the proofs of both leases saw; null: not known. */
  readonly from: StreamTracks | null;
  readonly to: StreamTracks | null;
  /** The relay takes the camera over. */
  readonly isRelayed: boolean;
}

/** True when those who watch a camera are not dropped by its move to another lease. */
export function goesUnnoticed({ mode, from, to, isRelayed }: NoticedMove): boolean {
  if (isAlwaysPulled(mode)) return from === null || to === null || sameTracks(from, to);
  // The relay bridges other sound; another codec of the picture has to be announced anew.
  return isRelayed && (from === null || to === null || from.video.codec === to.video.codec);
}
