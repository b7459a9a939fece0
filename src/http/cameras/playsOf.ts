import type { Camera } from '../../core/camera/camera.js';
import { knownTracks } from '../../core/camera/cameraSource.js';
import { playsBy, type Plays, type Serving } from '../../core/streams/plays.js';

const UNKNOWN: Serving = { hls: null, off: [], secondSound: null };

/** By which protocols the camera plays, and why not. `serving` undefined: the media server has not said what it carries. */
export function playsOf(camera: Camera, serving: Serving | undefined): Plays {
  return playsBy(knownTracks(camera), serving ?? UNKNOWN);
}
