import type { CodecContext, Frame, Packet } from 'node-av/lib';
import type { Av } from '../av.js';
import { annexBNals, avcCOf, lengthPrefixed, nalType, NAL_IDR, NAL_PPS, NAL_SPS } from '../formats/h264.js';
import { spsSize } from '../formats/sps.js';
import type { VideoConfig } from '../formats/units.js';
import { streamErrors } from '../streamErrors.js';

/** One key frame interval of a still picture, to be repeated. */
export interface SlateClip {
  readonly config: VideoConfig;
  readonly framesPerSecond: number;
  /** One sample for each frame, its NAL units with lengths of 4 bytes in front; only the first frame is a key frame. */
  readonly frames: readonly Buffer[];
}

/** Short, since a viewer who comes while the slate is shown waits for its next key frame. */
const INTERVAL_SECONDS = 1;
/** Frames must not be long: when the camera is back, MediaMTX still shows the slate's current frame to its end. */
const FRAMES_PER_SECOND = { least: 5, most: 30 };
/** The largest size of one interval; a picture that does not fit is encoded again with lower quality. */
const LARGEST_BYTES = 280_000;
const RATE_FACTORS = [26, 32, 38, 44];
const NAL_SLICE = 1;

/** Encodes a picture (4:2:0) as H.264, constrained baseline, without B frames. */
export async function encodeClip(av: Av, picture: Frame, framesPerSecond: number): Promise<SlateClip> {
  const { least, most } = FRAMES_PER_SECOND;
  const rate = Math.min(most, Math.max(least, Math.round(framesPerSecond)));
  let clip: SlateClip | null = null;
  for (const rateFactor of RATE_FACTORS) {
    clip = await encodeOnce(av, picture, rate, rateFactor);
    if (clip.frames.reduce((sum, { length }) => sum + length, 0) <= LARGEST_BYTES) break;
  }
  if (!clip) throw streamErrors.pictureUnreadable();
  return clip;
}

async function encodeOnce(av: Av, picture: Frame, rate: number, rateFactor: number): Promise<SlateClip> {
  const encoder = await openEncoder(av, picture, rate, rateFactor);
  const packet = new av.lib.Packet();
  try {
    packet.alloc();
    const coded: Buffer[][] = [];
    for (let number = 0; number < rate * INTERVAL_SECONDS; number++) {
      picture.pts = BigInt(number);
      coded.push(annexBNals(await encodeOne(av, encoder, picture, packet)));
    }
    const all = coded.flat();
    const sps = all.find((nal) => nalType(nal) === NAL_SPS);
    const pps = all.find((nal) => nalType(nal) === NAL_PPS);
    const size = sps ? spsSize(sps) : null;
    if (!sps || !pps || !size) throw streamErrors.pictureUnreadable();
    const isPicture = (nal: Buffer): boolean => [NAL_IDR, NAL_SLICE].includes(nalType(nal));
    const frames = coded.map((nals) => lengthPrefixed(nals.filter(isPicture)));
    return { config: { avcC: avcCOf(sps, pps), ...size }, framesPerSecond: rate, frames };
  } finally {
    packet.free();
    encoder.freeContext();
  }
}

/** Encodes one picture into one packet: without look-ahead and B frames the encoder holds nothing back. */
async function encodeOne({ lib }: Av, encoder: CodecContext, picture: Frame, packet: Packet): Promise<Buffer> {
  lib.FFmpegError.throwIfError(await encoder.sendFrame(picture), 'encoding a slate');
  lib.FFmpegError.throwIfError(await encoder.receivePacket(packet), 'encoding a slate');
  const data = Buffer.from(packet.data ?? []);
  packet.unref();
  return data;
}

async function openEncoder(
  { lib, constants }: Av,
  { width, height }: Frame,
  rate: number,
  rateFactor: number,
): Promise<CodecContext> {
  const codec = lib.Codec.findEncoderByName(constants.FF_ENCODER_LIBX264);
  const encoder = new lib.CodecContext();
  encoder.allocContext3(codec);
  encoder.width = width;
  encoder.height = height;
  encoder.pixelFormat = constants.AV_PIX_FMT_YUV420P;
  encoder.timeBase = new lib.Rational(1, rate);
  encoder.framerate = new lib.Rational(rate, 1);
  encoder.gopSize = rate * INTERVAL_SECONDS;
  encoder.threadCount = 1;
  const options = { preset: 'veryfast', tune: 'zerolatency', profile: 'baseline', crf: String(rateFactor) };
  for (const [name, value] of Object.entries(options)) encoder.setOption(name, value);
  lib.FFmpegError.throwIfError(await encoder.open2(codec, null), 'opening the H.264 encoder');
  return encoder;
}
