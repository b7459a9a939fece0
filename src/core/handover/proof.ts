import { byApi } from '../byApi.js';
import type { Camera } from '../camera/camera.js';
import type { Lease, StreamQuality } from '../camera/lease.js';
import type { StreamTracks } from '../camera/tracks.js';
import { CameraError } from '../errors.js';

/** What a proof saw, as far as it tells a camera from an error clip. */
export interface SeenPicture {
  readonly tracks: StreamTracks;
  /** null: not measured. */
  readonly framesPerSecond: number | null;
  /** Whether the pictures changed; null: nobody could tell. */
  readonly moves: boolean | null;
}

/** What else is known of the camera. */
export interface PictureContext {
  /** The stream that was asked for. */
  readonly quality: StreamQuality;
  /** What the last good proof of the camera saw; null: none yet. */
  readonly last: StreamTracks | null;
  /** False: the operator says that this camera may look like an error clip. */
  readonly errorClipCheck: boolean;
}

/**
 * A vendor's clip that says "codec is not H264" and the like, instead of the camera: valid H.264, 512x288 at 5 frames per second
 * (facts: cloud APIs, 3.4). Some sub streams have that size too, but not that frame rate, or their picture moves.
 */
const CLIP = { width: 512, height: 288, framesPerSecondAtMost: 6.5 };

/** Codes that say: this stream of the camera is H.265, or an error clip stands in for it. */
const SUB_STREAM_MAY_HELP: ReadonlySet<string> = new Set(['STREAM_H265', 'STREAM_ERROR_CLIP', '9053']);

/** True when size and rate are those of the clip, so that it is worth watching whether the picture moves; a rate that is not known yet rules nothing out. */
export function mayBeErrorClip(seen: {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number | null;
}): boolean {
  if (seen.width !== CLIP.width || seen.height !== CLIP.height) return false;
  return seen.framesPerSecond === null || seen.framesPerSecond <= CLIP.framesPerSecondAtMost;
}

export function h265Error(): CameraError {
  return new CameraError('STREAM_H265', 'permanent', 'The camera sends H.265, which browsers cannot play.', {
    cure: `Set the video encoding of this stream to H.264 in the camera, or its quality to sub (${byApi({ quality: 'sub' })}).`,
  });
}

export function errorClipError(): CameraError {
  return new CameraError(
    'STREAM_ERROR_CLIP',
    'permanent',
    'The camera probably sends H.265 or is encrypted: the cloud plays an error clip in its place.',
    {
      cure: `Set the camera to H.264 and switch its stream encryption off, or set its quality to sub (${byApi({ quality: 'sub' })}). If this is its real picture, switch its error clip check off (${byApi({ errorClipCheck: false })}).`,
    },
  );
}

/** What is wrong with a stream that plays; null: nothing. An error clip shows several signs together: no single one decides. */
export function pictureFault(seen: SeenPicture, context: PictureContext): CameraError | null {
  if (/^(h\.?265|hevc)/i.test(seen.tracks.video.codec)) return h265Error();
  return context.errorClipCheck && isErrorClip(seen, context) ? errorClipError() : null;
}

function isErrorClip({ tracks: { video }, framesPerSecond, moves }: SeenPicture, context: PictureContext): boolean {
  if (!mayBeErrorClip({ ...video, framesPerSecond }) || moves === true) return false;
  // A camera whose picture had this size when it was last seen well has a small stream, and perhaps a dull view.
  const { last, quality } = context;
  if (last && last.video.width === video.width && last.video.height === video.height) return false;
  // Where nobody could look at the pictures, only a main stream is that small for no good reason.
  return moves === false || quality === 'main';
}

/** Which stream to ask the cloud for. */
export function wantedQuality(camera: Pick<Camera, 'quality' | 'learnedQuality'>): StreamQuality {
  return camera.quality === 'auto' ? (camera.learnedQuality ?? 'main') : camera.quality;
}

/** True when the failed proof of this lease says to try the sub stream, and the operator left the choice to us. */
export function teachesSubStream(camera: Camera, lease: Lease, error: CameraError): boolean {
  return camera.quality === 'auto' && lease.quality === 'main' && SUB_STREAM_MAY_HELP.has(error.code);
}
