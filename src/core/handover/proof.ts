import { byApi } from '../byApi.js';
import type { Camera } from '../camera/camera.js';
import type { Lease, StreamQuality } from '../camera/lease.js';
import type { StreamTracks } from '../camera/tracks.js';
import { CameraError } from '../errors.js';

/** The part of a proof that tells a camera's picture from an error clip. */
export interface SeenPicture {
  readonly tracks: StreamTracks;
  /** null: not measured. */
  readonly framesPerSecond: number | null;
  /** Whether the pictures changed; null: not known. */
  readonly moves: boolean | null;
}

/** What is known of the camera beside the proof. */
export interface PictureContext {
  /** The stream that was asked for. */
  readonly quality: StreamQuality;
  /** The tracks of the camera's last good proof; null: none yet. */
  readonly last: StreamTracks | null;
  /** False: the operator says that this camera's real picture may look like an error clip. */
  readonly errorClipCheck: boolean;
}

/**
 * The clip that a vendor plays instead of the camera, and that says "codec is not H264" and the like: valid H.264, 512x288
 * at 5 frames per second. Some sub streams have that size too, but not that frame rate, or their picture moves.
 */
const CLIP = { width: 512, height: 288, framesPerSecondAtMost: 6.5 };

/**
 * Codes of a main stream that is H.265, or in whose place an error clip is played: the sub stream may help. Only proofs find
 * that, and they have our own codes.
 */
const SUB_STREAM_MAY_HELP: ReadonlySet<string> = new Set(['STREAM_H265', 'STREAM_ERROR_CLIP']);

/**
 * True when size and rate are the clip's, so that the proof has to watch whether the picture moves; a rate that is not
 * known yet rules nothing out.
 */
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
  // A camera whose last good proof had this size has a small stream, and perhaps a view in which nothing moves.
  const { last, quality } = context;
  if (last && last.video.width === video.width && last.video.height === video.height) return false;
  // When no decoder could watch the pictures, only a main stream is suspiciously small.
  return moves === false || quality === 'main';
}

/** Which stream to ask the cloud for. */
export function wantedQuality(camera: Pick<Camera, 'quality' | 'learnedQuality'>): StreamQuality {
  return camera.quality === 'auto' ? (camera.learnedQuality ?? 'main') : camera.quality;
}

/** True when the failed proof of this lease suggests the sub stream, and the operator left the choice to camlease (`auto`). */
export function teachesSubStream(camera: Camera, lease: Lease, error: CameraError): boolean {
  return camera.quality === 'auto' && lease.quality === 'main' && SUB_STREAM_MAY_HELP.has(error.code);
}
