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
const CLIP = { width: 512, height: 288, framesPerSecondAtMost: 6.5 };

/** Codes that say: this stream of the camera is H.265, or an error clip stands in for it. */
const SUB_STREAM_MAY_HELP: ReadonlySet<string> = new Set(['STREAM_H265', 'STREAM_ERROR_CLIP', '9053']);

/** True when size and rate are those of the clip; a rate that is not known yet rules nothing out. */
export function mayBeErrorClip(seen: Pick<SeenPicture, 'width' | 'height' | 'framesPerSecond'>): boolean {
  if (seen.width !== CLIP.width || seen.height !== CLIP.height) return false;
  return seen.framesPerSecond === null || seen.framesPerSecond <= CLIP.framesPerSecondAtMost;
}

export function h265Error(): CameraError {
  return new CameraError('STREAM_H265', 'permanent', 'The camera sends H.265, which browsers cannot play.', {
    cure: 'Set the video encoding of this stream to H.264 in the camera, or its quality here to sub.',
  });
}

export function errorClipError(): CameraError {
  return new CameraError(
    'STREAM_ERROR_CLIP',
    'permanent',
    'The camera probably sends H.265 or is encrypted: the cloud plays an error clip in its place.',
    {
      cure: 'Set the camera to H.264 and switch its stream encryption off, or set its quality here to sub.',
    },
  );
}

/**
 * What is wrong with a stream of which only codec, size and rate are known. Whoever sees the pictures asks first whether they
 * move: the clip stands still, and a camera's own sub stream may have its size and rate.
 */
export function pictureFault(seen: SeenPicture): CameraError | null {
  if (/^(h\.?265|hevc)/i.test(seen.codec)) return h265Error();
  return seen.framesPerSecond !== null && mayBeErrorClip(seen) ? errorClipError() : null;
}

/** Which stream to ask the cloud for. */
export function wantedQuality(camera: Pick<Camera, 'quality' | 'learnedQuality'>): StreamQuality {
  return camera.quality === 'auto' ? (camera.learnedQuality ?? 'main') : camera.quality;
}

/** True when the failed proof of this lease says to try the sub stream, and the operator left the choice to us. */
export function teachesSubStream(camera: Camera, lease: Lease, error: CameraError): boolean {
  return camera.quality === 'auto' && lease.quality === 'main' && SUB_STREAM_MAY_HELP.has(error.code);
}
