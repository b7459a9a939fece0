import { type CameraMode, isAlwaysPulled } from '../../../core/camera/camera.js';
import { sameTracks, type StreamTracks } from '../../../core/camera/tracks.js';

export interface NoticedMove {
  readonly mode: CameraMode;
  /** What the proofs of both leases saw; null: not known. */
  readonly from: StreamTracks | null;
  readonly to: StreamTracks | null;
  /** The relay carries the camera now, and goes to the new lease without a write. */
  readonly isRelayed: boolean;
  /** The camera moves to the relay with its next lease, which closes the public path that feeders publish to. */
  readonly goesToRelay: boolean;
}

/** True when a camera's move to another lease drops no viewer. */
export function goesUnnoticed({ mode, from, to, isRelayed, goesToRelay }: NoticedMove): boolean {
  if (!isRelayed && !goesToRelay && isAlwaysPulled(mode)) return from === null || to === null || sameTracks(from, to);
  // The relay hides a change of the sound from its readers; a change of the picture's codec drops them.
  return isRelayed && (from === null || to === null || from.video.codec === to.video.codec);
}
