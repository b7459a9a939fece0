import type { Av } from '../av.js';
import { encodeJpeg } from './jpeg.js';
import { decodeAnnexB } from './picture.js';

/** A JPEG of at most 60 KB of one key frame (Annex B, parameter sets in front). Rejects bytes that no decoder makes a picture of. */
export async function keyFrameJpeg(av: Av, keyFrame: Buffer, codec: 'H264' | 'H265'): Promise<Buffer> {
  const frame = await decodeAnnexB(av, keyFrame, codec);
  try {
    return await encodeJpeg(av, frame);
  } finally {
    frame.free();
  }
}
