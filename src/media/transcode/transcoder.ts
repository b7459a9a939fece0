import type { Frame, SoftwareScaleContext } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import type { Av } from '../av.js';
import { emptyPicture } from '../pictures/picture.js';
import { Encoder, type Encoded, type TranscodeCodec } from './encoder.js';
import { PictureRate } from './pictureRate.js';
import { encodedSize, type Size } from './encodedSize.js';

export interface TranscodeSettings {
  readonly codec: TranscodeCodec;
  /** Larger pictures are made smaller, in the same shape. */
  readonly mostPixels: number;
  /** Pictures above it are left out, evenly. For `mpeg1` one of 24, 25, 30, 50, 60. */
  readonly mostFramesPerSecond: number;
  readonly mostBitsPerSecond: number;
  /** The time (ms) from one key frame to the next. */
  readonly keyFrameMs: number;
}

/** H.264 as it is made of a camera that sends another codec. */
export const H264_TRANSCODE: TranscodeSettings = {
  codec: 'h264',
  mostPixels: 1_920 * 1_088,
  mostFramesPerSecond: 25,
  mostBitsPerSecond: 4_000_000,
  keyFrameMs: 2_000,
};

export interface TranscodedPicture extends Encoded, Size {}

interface Opened {
  readonly encoder: Encoder;
  readonly from: { readonly size: Size; readonly format: Frame['format']; readonly colorRange: Frame['colorRange'] };
  readonly to: Size;
  /** Null: pictures are encoded as they come. */
  readonly scaling: { readonly scaler: SoftwareScaleContext; readonly picture: Frame } | null;
}

/** Encodes decoded pictures of any size and form; a source that changes its size goes on with a key frame of the new one. */
export class Transcoder {
  readonly #av: Av;
  readonly #settings: TranscodeSettings;
  readonly #rate: PictureRate;
  #opened: Opened | null = null;
  #lastKeyMs: number | null = null;

  constructor(av: Av, settings: TranscodeSettings) {
    this.#av = av;
    this.#settings = settings;
    this.#rate = new PictureRate(settings.mostFramesPerSecond);
  }

  /** False: too many pictures come, and the one of this time is left out, so it is not scaled. Asked once for each picture, before `encode`. */
  takes(timeMs: number): boolean {
    return this.#rate.takes(timeMs);
  }

  /**
   * Encodes one picture, which stays the caller's to free. One call at a time. Resolves to null where the encoder holds it back (MPEG-1: one picture),
   * rejects where FFmpeg cannot scale or encode it.
   */
  async encode(picture: Frame, timeMs: number): Promise<TranscodedPicture | null> {
    const { encoder, scaling, to } = await this.#open(picture);
    const scaled = scaling === null ? picture : await this.#scaled(scaling, picture);
    const sinceKeyMs = this.#lastKeyMs === null ? Infinity : Math.abs(timeMs - this.#lastKeyMs);
    const asKey = sinceKeyMs >= this.#settings.keyFrameMs;
    if (asKey) this.#lastKeyMs = timeMs;
    const coded = await encoder.encode(scaled, timeMs, asKey);
    return coded && { ...coded, ...to };
  }

  /** Makes the next picture a key frame. */
  askForKey(): void {
    this.#lastKeyMs = null;
  }

  close(): void {
    const opened = this.#opened;
    this.#opened = null;
    opened?.encoder.close();
    opened?.scaling?.scaler.freeContext();
    opened?.scaling?.picture.free();
  }

  async #open({ width, height, format, colorRange }: Frame): Promise<Opened> {
    const from = { size: { width, height }, format, colorRange };
    if (this.#opened !== null && isSame(this.#opened.from, from)) return this.#opened;
    this.close();
    this.askForKey();
    const { AV_PIX_FMT_YUV420P } = this.#av.constants;
    const { codec, mostPixels, mostFramesPerSecond: framesPerSecond, mostBitsPerSecond } = this.#settings;
    const to = encodedSize(from.size, mostPixels);
    const isAsItIs = format === AV_PIX_FMT_YUV420P && to.width === width && to.height === height;
    const encoder = await Encoder.open(this.#av, {
      ...{ codec, ...to, framesPerSecond, mostBitsPerSecond },
      colorRange: isAsItIs ? colorRange : null,
    });
    try {
      this.#opened = { encoder, from, to, scaling: isAsItIs ? null : this.#scaler(from, to) };
      return this.#opened;
    } catch (thrown) {
      encoder.close();
      throw thrown;
    }
  }

  #scaler({ size, format }: Opened['from'], to: Size): NonNullable<Opened['scaling']> {
    const { AV_PIX_FMT_YUV420P, SWS_BILINEAR } = this.#av.constants;
    const scaler = new this.#av.lib.SoftwareScaleContext();
    try {
      const source = format as AVPixelFormat; // a sample format only in sound frames
      scaler.getContext(size.width, size.height, source, to.width, to.height, AV_PIX_FMT_YUV420P, SWS_BILINEAR);
      return { scaler, picture: emptyPicture(this.#av, to.width, to.height, AV_PIX_FMT_YUV420P) };
    } catch (thrown) {
      scaler.freeContext();
      throw thrown;
    }
  }

  async #scaled({ scaler, picture }: NonNullable<Opened['scaling']>, from: Frame): Promise<Frame> {
    const { FFmpegError } = this.#av.lib;
    // The encoder may still refer to the picture before.
    FFmpegError.throwIfError(picture.makeWritable(), 'making room for a picture');
    FFmpegError.throwIfError(await scaler.scaleFrame(picture, from), 'scaling a picture');
    return picture;
  }
}

function isSame(a: Opened['from'], b: Opened['from']): boolean {
  return (
    a.size.width === b.size.width &&
    a.size.height === b.size.height &&
    a.format === b.format &&
    a.colorRange === b.colorRange
  );
}
