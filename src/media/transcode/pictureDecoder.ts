import type { CodecContext, Frame, Packet } from 'node-av/lib';
import type { Av } from '../av.js';
import { openDecoder } from '../pictures/picture.js';

/** What can be decoded: JPEG pictures one after the other, H.264 and H.265. */
export type DecodedCodec = 'mjpeg' | 'h264' | 'h265';

export interface DecodedPicture {
  /** Freed by the decoder after it was handed on. */
  readonly picture: Frame;
  /** Of the access unit of which it was made. */
  readonly timeMs: number;
}

/** Decodes a stream's pictures one after the other, on one thread. */
export class PictureDecoder {
  readonly #av: Av;
  readonly #context: CodecContext;
  readonly #packet: Packet;
  readonly #picture: Frame;

  private constructor(av: Av, context: CodecContext) {
    this.#av = av;
    this.#context = context;
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
    this.#picture = new av.lib.Frame();
    this.#picture.alloc();
  }

  /** `config`: the stream's decoder configuration record; null: parameter sets come with the pictures. */
  static async open(av: Av, codec: DecodedCodec, config: Buffer | null = null): Promise<PictureDecoder> {
    const { AV_CODEC_ID_MJPEG, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = av.constants;
    const codecId = { mjpeg: AV_CODEC_ID_MJPEG, h264: AV_CODEC_ID_H264, h265: AV_CODEC_ID_HEVC }[codec];
    return new PictureDecoder(av, await openDecoder(av, codecId, config));
  }

  /**
   * Decodes one access unit, or one JPEG, and hands on each picture that is complete, in the order in which pictures are shown. `presentMs`: when this
   * one is shown. Returns false where FFmpeg makes nothing of it; the next one may be good. One call at a time.
   */
  async decode(data: Buffer, presentMs: number, hand: (decoded: DecodedPicture) => Promise<void>): Promise<boolean> {
    this.#packet.data = data;
    // The decoder gives it back with the picture that it makes of these bytes.
    this.#packet.pts = BigInt(Math.round(presentMs));
    const code = await this.#context.sendPacket(this.#packet);
    this.#packet.unref();
    if (code < 0) return false;
    while ((await this.#context.receiveFrame(this.#picture)) >= 0) {
      const { pts } = this.#picture;
      const timeMs = pts === this.#av.constants.AV_NOPTS_VALUE ? presentMs : Number(pts);
      try {
        await hand({ picture: this.#picture, timeMs });
      } finally {
        this.#picture.unref();
      }
    }
    return true;
  }

  close(): void {
    this.#packet.free();
    this.#picture.free();
    this.#context.freeContext();
  }
}
