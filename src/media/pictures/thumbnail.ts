import type { Frame } from 'node-av/lib';
import type { Av } from '../av.js';
import { streamErrors } from '../streamErrors.js';
import { encodeOneJpeg } from './jpeg.js';
import { decodeJpeg, emptyPicture, scalePicture } from './picture.js';

/** FFmpeg's scale, of which 2 is best and 31 worst; about 85 on the scale of 1 to 100 that other programs use. */
const QUALITY = 4;
/** Of a full-range picture. */
const BLACK = 0;
const GREY = 128;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A JPEG of exactly this size (even sides): the picture in its own shape, in the middle of black. Rejects bytes that are not a readable JPEG. */
export async function thumbnailOf(av: Av, jpeg: Buffer, { width, height }: Size): Promise<Buffer> {
  const frame = await decodeJpeg(av, jpeg);
  try {
    const factor = Math.min(width / frame.width, height / frame.height);
    const inner = { width: within(frame.width * factor, width), height: within(frame.height * factor, height) };
    const format = av.constants.AV_PIX_FMT_YUVJ420P;
    const scaled = await scalePicture(av, frame, inner.width, inner.height, format);
    const whole = emptyPicture(av, width, height, format);
    try {
      for (const plane of [0, 1, 2]) copyToMiddle(scaled, inner, whole, { width, height }, plane);
      return await encodeOneJpeg(av, whole, QUALITY);
    } finally {
      scaled.free();
      whole.free();
    }
  } finally {
    frame.free();
  }
}

/** Copies one plane (4:2:0) of the small picture into that of the large one, and fills what is around it. */
function copyToMiddle(from: Frame, inner: Size, to: Frame, outer: Size, plane: number): void {
  const half = plane === 0 ? 1 : 2;
  const [source, target] = [from.data?.[plane], to.data?.[plane]];
  const [sourceStride, targetStride] = [from.linesize[plane], to.linesize[plane]];
  if (!source || !target || sourceStride === undefined || targetStride === undefined)
    throw streamErrors.pictureUnreadable();
  target.fill(plane === 0 ? BLACK : GREY);
  const left = Math.floor((outer.width - inner.width) / 4) * (2 / half);
  const top = Math.floor((outer.height - inner.height) / 4) * (2 / half);
  for (let y = 0; y < inner.height / half; y++) {
    const row = y * sourceStride;
    source.copy(target, (top + y) * targetStride + left, row, row + inner.width / half);
  }
}

function within(side: number, most: number): number {
  return Math.min(most, Math.max(2, Math.round(side / 2) * 2));
}
