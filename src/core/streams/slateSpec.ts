import type { AudioTrack } from '../camera/tracks.js';

/** What a slate is made of: the clip that MediaMTX shows while a camera has no picture. */
export interface SlateSpec {
  /** The camera's last picture as JPEG; null: none is known, and the slate is black. */
  readonly jpeg: Buffer | null;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** null: no sound. */
  readonly audio: AudioTrack | null;
  /** The text drawn into the picture: letters from A to Z, digits, `- : . /` and spaces; a new line begins at ` - `. */
  readonly label: string;
}
