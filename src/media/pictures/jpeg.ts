import type { Frame } from 'node-av/lib';
import type { Av } from '../av.js';
import { streamErrors } from '../streamErrors.js';
import { decodeJpeg, scalePicture } from './picture.js';

/** The largest size of a picture in the store. */
export const LARGEST_PICTURE_BYTES = 60_000;
const WIDTHS = [640, 480, 320, 160];
/** FFmpeg's scale of quality: 2 is best, 31 worst. */
const QUALITIES = [5, 9, 16, 28];

/** Encodes a decoded picture as JPEG of at most 60 KB, smaller and coarser until it fits. */
export async function encodeJpeg(av: Av, frame: Frame): Promise<Buffer> {
  for (const width of WIDTHS.filter((candidate) => candidate <= frame.width).concat(
    frame.width < 160 ? [frame.width] : [],
  )) {
    const height = even((frame.height * width) / frame.width);
    const scaled = await scalePicture(av, frame, even(width), height, av.constants.AV_PIX_FMT_YUVJ420P);
    try {
      for (const quality of QUALITIES) {
        const jpeg = await encodeOneJpeg(av, scaled, quality);
        if (jpeg.length <= LARGEST_PICTURE_BYTES) return jpeg;
      }
    } finally {
      scaled.free();
    }
  }
  throw streamErrors.pictureUnreadable();
}

/** Makes a JPEG small enough for the store; a small one is returned unchanged. Rejects bytes that are not a readable JPEG. */
export async function shrinkJpeg(av: Av, jpeg: Buffer): Promise<Buffer> {
  const frame = await decodeJpeg(av, jpeg);
  try {
    return jpeg.length <= LARGEST_PICTURE_BYTES ? jpeg : await encodeJpeg(av, frame);
  } finally {
    frame.free();
  }
}

/** Encodes a picture (full-range 4:2:0) as it is. `quality`: FFmpeg's, 2 is best and 31 worst. */
export async function encodeOneJpeg({ lib, constants }: Av, frame: Frame, quality: number): Promise<Buffer> {
  const codec = lib.Codec.findEncoder(constants.AV_CODEC_ID_MJPEG);
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  try {
    context.allocContext3(codec);
    context.width = frame.width;
    context.height = frame.height;
    context.pixelFormat = constants.AV_PIX_FMT_YUVJ420P;
    context.colorRange = constants.AVCOL_RANGE_JPEG;
    context.timeBase = new lib.Rational(1, 25);
    context.threadCount = 1;
    context.setFlags(constants.AV_CODEC_FLAG_QSCALE);
    context.globalQuality = constants.FF_QP2LAMBDA * quality;
    lib.FFmpegError.throwIfError(await context.open2(codec, null), 'opening the JPEG encoder');
    frame.quality = context.globalQuality;
    packet.alloc();
    lib.FFmpegError.throwIfError(await context.sendFrame(frame), 'encoding a JPEG');
    lib.FFmpegError.throwIfError(await context.receivePacket(packet), 'encoding a JPEG');
    return Buffer.from(packet.data ?? []);
  } finally {
    packet.free();
    context.freeContext();
  }
}

function even(size: number): number {
  return Math.max(2, Math.round(size / 2) * 2);
}
