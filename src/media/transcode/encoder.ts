import type { CodecContext, Frame, Packet } from 'node-av/lib';
import type { Av } from '../av.js';
import type { Size } from './encodedSize.js';

/** What is encoded: `h264` in constrained baseline, which each browser decodes; `mpeg1` for players such as JSMpeg. */
export const TRANSCODE_CODECS = ['h264', 'mpeg1'] as const;
export type TranscodeCodec = (typeof TRANSCODE_CODECS)[number];

export interface EncoderSettings extends Size {
  readonly codec: TranscodeCodec;
  /** For `mpeg1` one of the rates of its standard: 24, 25, 30, 50, 60. */
  readonly framesPerSecond: number;
  readonly mostBitsPerSecond: number;
  /** Whether pictures use all values from 0 to 255; null: as usual in video, 16 to 235. */
  readonly colorRange: Frame['colorRange'] | null;
}

export interface Encoded {
  readonly isKey: boolean;
  /** As it was given with the picture. */
  readonly timeMs: number;
  /** Of H.264 an access unit with start codes, its parameter sets in front of a key frame; of MPEG-1 a picture, its sequence header likewise. */
  readonly data: Buffer;
}

const TICKS_PER_SECOND = { h264: 1_000, mpeg1: null } as const;
/** Key frames are asked for by the caller; the encoder's own come only where that fails. */
const MOST_GROUP_SECONDS = 10;
/** How far the number of bits may be above its bound within a moment: a key frame is many times as large as the others. */
const BUFFER_SECONDS = 1;
const LONGEST_STEP_MS = 10_000;
const X264 = { preset: 'superfast', tune: 'zerolatency', profile: 'baseline', crf: '25', 'forced-idr': '1' };

/** One encoder for pictures of one size (4:2:0). H.264 comes at once; FFmpeg's encoder of MPEG-1 video holds one picture back. */
export class Encoder {
  readonly #av: Av;
  readonly #context: CodecContext;
  readonly #packet: Packet;
  readonly #ticksPerMs: number;
  #lastMs: number | null = null;
  /** Where the encoder's clock is, exactly; the ticks that it is told are whole. */
  #at = 0;
  #lastTick = -1;
  /** Times of the pictures that have not come out, in order: without B frames they come out as they went in. */
  readonly #held: number[] = [];

  private constructor(av: Av, context: CodecContext, ticksPerSecond: number) {
    this.#av = av;
    this.#context = context;
    this.#ticksPerMs = ticksPerSecond / 1_000;
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
  }

  /** Rejects where FFmpeg has no such encoder, or the encoder does not take the settings. */
  static async open(av: Av, settings: EncoderSettings): Promise<Encoder> {
    const { lib, constants } = av;
    const { codec, width, height, framesPerSecond, mostBitsPerSecond, colorRange } = settings;
    const found =
      codec === 'h264'
        ? lib.Codec.findEncoderByName(constants.FF_ENCODER_LIBX264)
        : lib.Codec.findEncoder(constants.AV_CODEC_ID_MPEG1VIDEO);
    const ticksPerSecond = TICKS_PER_SECOND[codec] ?? framesPerSecond;
    const context = new lib.CodecContext();
    try {
      context.allocContext3(found);
      context.width = width;
      context.height = height;
      context.pixelFormat = constants.AV_PIX_FMT_YUV420P;
      context.colorRange = colorRange ?? constants.AVCOL_RANGE_MPEG;
      context.timeBase = new lib.Rational(1, ticksPerSecond);
      context.framerate = new lib.Rational(framesPerSecond, 1);
      context.gopSize = framesPerSecond * MOST_GROUP_SECONDS;
      context.maxBFrames = 0;
      context.threadCount = 1;
      context.rcMaxRate = BigInt(mostBitsPerSecond);
      context.rcBufferSize = mostBitsPerSecond * BUFFER_SECONDS;
      if (codec === 'h264') for (const [name, value] of Object.entries(X264)) context.setOption(name, value);
      else context.bitRate = BigInt(mostBitsPerSecond);
      lib.FFmpegError.throwIfError(await context.open2(found, null), 'opening an encoder');
      return new Encoder(av, context, ticksPerSecond);
    } catch (thrown) {
      context.freeContext();
      throw thrown;
    }
  }

  /** Encodes one picture of the encoder's size; one call at a time. `timeMs`: on any clock, jumps are bridged. Null: the encoder holds it back. */
  async encode(picture: Frame, timeMs: number, asKey: boolean): Promise<Encoded | null> {
    const { lib, constants } = this.#av;
    picture.pts = BigInt(this.#tickOf(timeMs));
    // A decoded picture says what it was in its own stream.
    picture.pictType = asKey ? constants.AV_PICTURE_TYPE_I : constants.AV_PICTURE_TYPE_NONE;
    lib.FFmpegError.throwIfError(await this.#context.sendFrame(picture), 'encoding a picture');
    this.#held.push(timeMs);
    const code = await this.#context.receivePacket(this.#packet);
    if (code === constants.AVERROR_EAGAIN) return null;
    lib.FFmpegError.throwIfError(code, 'encoding a picture');
    const isKey = this.#packet.isKeyframe;
    const data = Buffer.from(this.#packet.data ?? []);
    this.#packet.unref();
    return { isKey, timeMs: this.#held.shift() ?? timeMs, data };
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  /** Encoders want ticks that go up, whatever the source's clock does. */
  #tickOf(timeMs: number): number {
    const stepMs = this.#lastMs === null ? 0 : Math.min(LONGEST_STEP_MS, Math.max(0, timeMs - this.#lastMs));
    this.#lastMs = timeMs;
    this.#at += stepMs * this.#ticksPerMs;
    this.#lastTick = Math.max(this.#lastTick + 1, Math.round(this.#at));
    return this.#lastTick;
  }
}
