import { zonedTime } from '../../core/zonedTime.js';
import type { Av } from '../av.js';
import type { VideoUnit } from '../formats/units.js';
import { decodeKeyFrame } from './picture.js';
import { encodeClip, type SlateClip } from './slateClip.js';
import { slatePicture } from './slatePicture.js';

/** Few frames are enough: the embedded engine can end the stand-in in the middle of a frame. */
const FRAMES_PER_SECOND = 10;
/** One frame a second, since a key frame of a large camera has many times the bytes of a labelled picture's frame. */
const REPEATED_PER_SECOND = 1;

/** Makes a stand-in from the camera's last picture, in the same size, with a label. */
export async function standInPicture(av: Av, last: VideoUnit, label: string): Promise<SlateClip> {
  const { width, height } = last.config;
  const decoded = await decodeKeyFrame(av, last);
  try {
    const picture = await slatePicture(av, decoded, { width, height, label });
    try {
      return await encodeClip(av, picture, FRAMES_PER_SECOND);
    } finally {
      picture.free();
    }
  } finally {
    decoded.free();
  }
}

/** A stand-in that repeats the last key frame unchanged; a decoder needs no new setup for it. */
export function repeatedPicture({ config, data }: VideoUnit): SlateClip {
  return { config, framesPerSecond: REPEATED_PER_SECOND, frames: [data] };
}

/** The label with the time of the last picture. `timeZone`: an IANA name; camlease passes its own, since the media process has no environment. */
export function standInLabel(lastSeen: Date, timeZone: string): string {
  return `NO LIVE PICTURE - LAST SEEN ${zonedTime(lastSeen, 'second', timeZone)}`;
}
