import type { AVCodecID, AVPixelFormat } from 'node-av/constants';
import type { CodecContext, Frame } from 'node-av/lib';
import type { Av } from '../av.js';
import type { VideoUnit } from '../formats/units.js';
import { streamErrors } from '../streamErrors.js';

/** Opens a decoder on one thread, so that a proof never takes more than one core. */
export async function openDecoder(
  { lib, constants }: Av,
  codecId: AVCodecID,
  extradata: Buffer | null,
): Promise<CodecContext> {
  const codec = lib.Codec.findDecoder(codecId);
  const context = new lib.CodecContext();
  context.allocContext3(codec);
  if (extradata) context.extraData = extradata;
  context.threadCount = 1;
  if (codecId === constants.AV_CODEC_ID_H264) context.setFlags(constants.AV_CODEC_FLAG_LOW_DELAY);
  lib.FFmpegError.throwIfError(await context.open2(codec, null), 'opening a decoder');
  return context;
}

/** Decodes a JPEG; the caller frees the frame. Rejects bytes that are not a readable JPEG. */
export async function decodeJpeg(av: Av, jpeg: Buffer): Promise<Frame> {
  return decodeOne(av, await openDecoder(av, av.constants.AV_CODEC_ID_MJPEG, null), jpeg);
}

/** Decodes one key frame; the caller frees the picture. */
export async function decodeKeyFrame(av: Av, unit: VideoUnit): Promise<Frame> {
  return decodeOne(av, await openDecoder(av, av.constants.AV_CODEC_ID_H264, unit.config.avcC), unit.data);
}

/** Decodes one key frame of an Annex B stream with its parameter sets; the caller frees the picture. */
export async function decodeAnnexB(av: Av, keyFrame: Buffer, codec: 'H264' | 'H265'): Promise<Frame> {
  const { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = av.constants;
  return decodeOne(av, await openDecoder(av, codec === 'H264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC, null), keyFrame);
}

async function decodeOne({ lib }: Av, decoder: CodecContext, data: Buffer): Promise<Frame> {
  const packet = new lib.Packet();
  const frame = new lib.Frame();
  try {
    packet.alloc();
    frame.alloc();
    packet.data = data;
    if ((await decoder.sendPacket(packet)) < 0) throw streamErrors.pictureUnreadable();
    await decoder.sendPacket(null); // the end of the input, so that the decoder holds no picture back
    if ((await decoder.receiveFrame(frame)) < 0) throw streamErrors.pictureUnreadable();
    return frame;
  } catch (error) {
    frame.free();
    throw error;
  } finally {
    packet.free();
    decoder.freeContext();
  }
}

/** Allocates a picture whose content is undefined; the caller frees it. */
export function emptyPicture({ lib }: Av, width: number, height: number, format: AVPixelFormat): Frame {
  const frame = new lib.Frame();
  try {
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = format;
    frame.pts = 0n;
    lib.FFmpegError.throwIfError(frame.getBuffer(0), 'making room for a picture');
    return frame;
  } catch (error) {
    frame.free();
    throw error;
  }
}

/** Scales a picture to another size and format, stretched to fill it; the caller frees the result. */
export async function scalePicture(
  av: Av,
  frame: Frame,
  width: number,
  height: number,
  format: AVPixelFormat,
): Promise<Frame> {
  const scaler = new av.lib.SoftwareScaleContext();
  const scaled = emptyPicture(av, width, height, format);
  try {
    const from = frame.format as AVPixelFormat; // a sample format only in sound frames
    scaler.getContext(frame.width, frame.height, from, width, height, format, av.constants.SWS_BILINEAR);
    av.lib.FFmpegError.throwIfError(await scaler.scaleFrame(scaled, frame), 'scaling a picture');
    return scaled;
  } catch (error) {
    scaled.free();
    throw error;
  } finally {
    scaler.freeContext();
  }
}
