import type { SlateSpec } from '../../core/streams/slateSpec.js';
import type { Av } from '../av.js';
import { silenceFor } from '../formats/silence.js';
import { streamErrors } from '../streamErrors.js';
import { slateFile } from './mp4File.js';
import { decodeJpeg } from './picture.js';
import { encodeClip } from './slateClip.js';
import { slatePicture } from './slatePicture.js';

/** Makes the MP4 that MediaMTX shows while a camera has no picture. Throws `CameraError` SLATE_SIZE, SLATE_SOUND, PICTURE_UNREADABLE. */
export async function makeSlate(av: Av, spec: SlateSpec): Promise<Buffer> {
  const silence = spec.audio && (await silenceFor(av, spec.audio));
  if (spec.audio && !silence) throw streamErrors.slateSound(spec.audio.codec);
  const last = spec.jpeg && (await decodeJpeg(av, spec.jpeg));
  try {
    const picture = await slatePicture(av, last, spec);
    try {
      return slateFile(await encodeClip(av, picture, spec.framesPerSecond), silence);
    } finally {
      picture.free();
    }
  } finally {
    last?.free();
  }
}
