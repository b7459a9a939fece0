import { zonedTime } from '../core/zonedTime.js';
import type { Av } from './av.js';
import { decodeKeyFrame } from './picture.js';
import { silenceFor, type Silence } from './silence.js';
import { encodeClip, type SlateClip } from './slateClip.js';
import { slatePicture } from './slatePicture.js';
import { aacTrack } from './sound.js';
import type { AudioConfig, VideoUnit } from './units.js';

/** What stands in for a camera that is away. */
export interface StandInPicture {
  readonly clip: SlateClip;
  /** Silence with the camera's own configuration; null: the camera has no sound, or one that cannot be made. */
  readonly sound: { readonly silence: Silence; readonly config: AudioConfig } | null;
}

/** Nobody waits for the end of a frame here, so few are enough. */
const FRAMES_PER_SECOND = 10;

/** The last picture of a camera with a label that says since when it stands; same size, same sound. */
export async function standInPicture(
  av: Av,
  last: VideoUnit,
  sound: AudioConfig | null,
  label: string,
): Promise<StandInPicture> {
  const { width, height } = last.config;
  const decoded = await decodeKeyFrame(av, last);
  try {
    const picture = await slatePicture(av, decoded, { width, height, label });
    try {
      const clip = await encodeClip(av, picture, FRAMES_PER_SECOND);
      const silence = sound && (await silenceFor(av, aacTrack(sound)));
      return { clip, sound: sound && silence && { silence, config: sound } };
    } finally {
      picture.free();
    }
  } finally {
    decoded.free();
  }
}

/** `timeZone` as in the IANA's list; the process itself does not know where its operator lives. */
export function standInLabel(lastSeen: Date, timeZone: string): string {
  return `NO LIVE PICTURE - LAST SEEN ${zonedTime(lastSeen, 'second', timeZone)}`;
}
