import { zonedTime } from '../../core/zonedTime.js';
import type { Av } from '../av.js';
import type { VideoUnit } from '../formats/units.js';
import { decodeKeyFrame } from './picture.js';
import { encodeClip, type SlateClip } from './slateClip.js';
import { slatePicture } from './slatePicture.js';

/** Nobody waits for the end of a frame here, so few are enough. */
const FRAMES_PER_SECOND = 10;
/** A key frame of a large camera is many times as large as a frame of a labelled picture. */
const REPEATED_PER_SECOND = 1;

/** The last picture of a camera with a label that says since when it stands; same size. */
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

/** The last key frame as it came, again and again: a decoder needs nothing new for it. */
export function repeatedPicture({ config, data }: VideoUnit): SlateClip {
  return { config, framesPerSecond: REPEATED_PER_SECOND, frames: [data] };
}

/** `timeZone` as in the IANA's list; the process itself does not know where its operator lives. */
export function standInLabel(lastSeen: Date, timeZone: string): string {
  return `NO LIVE PICTURE - LAST SEEN ${zonedTime(lastSeen, 'second', timeZone)}`;
}
