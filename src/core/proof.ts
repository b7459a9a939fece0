import type { Camera } from './camera.js';
import { CameraError } from './errors.js';
import type { Lease, StreamQuality } from './lease.js';

export interface SeenPicture {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number | null;
}

/**
 * A vendor's clip that says "codec is not H264" and the like, instead of the camera: 512x288 at 5 frames per second
 * (facts: cloud APIs, 3.4). Some sub streams have that size too, but not that frame rate.
 */
const CLIP = { width: 512, height: 288, framesPerSecondAtMost: 6 };

/** Codes that say: this stream of the camera is H.265, or an error clip stands in for it. */
const SUB_STREAM_MAY_HELP: ReadonlySet<string> = new Set(['STREAM_H265', 'STREAM_ERROR_CLIP', '9053']);

/** What is wrong with a picture that was decoded: browsers cannot play it, or it does not show the camera. */
export function pictureFault(seen: SeenPicture): CameraError | null {
  if (/^(h\.?265|hevc)/i.test(seen.codec)) {
    return new CameraError('STREAM_H265', 'permanent', 'The camera sends H.265, which browsers cannot play.', {
      cure: 'Set the camera to H.264, or its quality here to sub.',
    });
  }
  const fps = seen.framesPerSecond;
  const isClip =
    seen.width === CLIP.width &&
    seen.height === CLIP.height &&
    fps !== null &&
    fps > 0 &&
    fps <= CLIP.framesPerSecondAtMost;
  if (!isClip) return null;
  return new CameraError('STREAM_ERROR_CLIP', 'permanent', 'The cloud plays an error clip instead of the camera.', {
    cure: 'Set the camera to H.264 without stream encryption, or its quality here to sub.',
  });
}

/** Which stream to ask the cloud for. */
export function wantedQuality(camera: Pick<Camera, 'quality' | 'learnedQuality'>): StreamQuality {
  return camera.quality === 'auto' ? (camera.learnedQuality ?? 'main') : camera.quality;
}

/** True when the failed proof of this lease says to try the sub stream, and the operator left the choice to us. */
export function teachesSubStream(camera: Camera, lease: Lease, error: CameraError): boolean {
  return camera.quality === 'auto' && lease.quality === 'main' && SUB_STREAM_MAY_HELP.has(error.code);
}
