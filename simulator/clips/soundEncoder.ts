import type * as Lib from 'node-av/lib';
import type { Av } from './frameSource.js';
import { SAMPLES_PER_FRAME, SAMPLES_PER_SECOND } from './testSound.js';

const BITS_PER_SECOND = 32_000;

/** Encodes sound to AAC-LC, mono: raw blocks without headers. */
export class SoundEncoder implements Disposable {
  readonly #av: Av;
  readonly #context: Lib.CodecContext;
  readonly #packet: Lib.Packet;
  #given = 0;

  constructor(av: Av) {
    this.#av = av;
    const codec = av.Codec.findEncoderByName(av.FF_ENCODER_AAC);
    if (!codec) throw new Error('This build of FFmpeg has no AAC encoder.');
    this.#context = new av.CodecContext();
    this.#context.allocContext3(codec);
    this.#context.sampleRate = SAMPLES_PER_SECOND;
    this.#context.sampleFormat = av.AV_SAMPLE_FMT_FLTP;
    this.#context.channelLayout = av.AV_CHANNEL_LAYOUT_MONO;
    this.#context.timeBase = new av.Rational(1, SAMPLES_PER_SECOND);
    this.#context.bitRate = BigInt(BITS_PER_SECOND);
    this.#context.threadCount = 1;
    av.FFmpegError.throwIfError(this.#context.open2Sync(codec), 'open the AAC encoder');
    this.#packet = new av.Packet();
    this.#packet.alloc();
  }

  /** The next block. Takes as many frames from `source` as needed: the first frames only fill the encoder. */
  next(source: () => Lib.Frame): Buffer {
    for (;;) {
      const frame = source();
      frame.pts = BigInt(this.#given++ * SAMPLES_PER_FRAME);
      this.#av.FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'encode a test sound');
      if (this.#context.receivePacketSync(this.#packet) < 0) continue;
      const isFilling = this.#packet.pts < 0n;
      const data = Buffer.from(this.#packet.data ?? []);
      this.#packet.unref();
      if (!isFilling) return data;
    }
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    this.#context.freeContext();
  }
}
