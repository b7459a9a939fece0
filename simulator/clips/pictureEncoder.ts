import type * as Lib from 'node-av/lib';
import type { Av } from './frameSource.js';

/** Options for a stream with B-frames: the main profile, without the low-latency tuning, since the encoder must hold pictures back. */
function withBFrames(count: number): Readonly<Record<string, string>> {
  return {
    preset: 'ultrafast',
    profile: 'main',
    qp: '18',
    'forced-idr': '1',
    'x264-params': `scenecut=0:bframes=${count}:b-adapt=0:rc-lookahead=0:sync-lookahead=0`,
  };
}

/** 110 to 150 kbit/s for the moving picture. A constant quantizer, so that a still picture is exactly still. */
const OPTIONS = {
  h264: {
    preset: 'ultrafast',
    tune: 'zerolatency',
    profile: 'baseline',
    qp: '18',
    'forced-idr': '1',
    'x264-params': 'scenecut=0',
  },
  h265: {
    preset: 'ultrafast',
    tune: 'zerolatency',
    'forced-idr': '1',
    'x265-params': 'qp=26:scenecut=0:open-gop=0:repeat-headers=1:info=0:pools=none:frame-threads=1:log-level=none',
  },
} as const;

export interface PictureFormat {
  readonly codec: keyof typeof OPTIONS;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** From one key frame to the next. */
  readonly framesPerGroup: number;
  /** B-frames between two others (H.264 alone); absent: none. */
  readonly bFrames?: number;
}

export interface CodedPicture {
  /** Annex B. */
  readonly data: Buffer;
  /** Presentation minus decoding time, in frames. */
  readonly shownAfter: number;
}

/** Encodes pictures to Annex B. */
export class PictureEncoder implements Disposable {
  readonly #av: Av;
  readonly #context: Lib.CodecContext;
  readonly #packet: Lib.Packet;
  readonly #framesPerGroup: number;
  #given = 0;

  constructor(av: Av, job: PictureFormat) {
    this.#av = av;
    const name = job.codec === 'h264' ? av.FF_ENCODER_LIBX264 : av.FF_ENCODER_LIBX265;
    const codec = av.Codec.findEncoderByName(name);
    if (!codec) throw new Error(`This build of FFmpeg has no encoder ${name}`);
    this.#context = new av.CodecContext();
    this.#context.allocContext3(codec);
    this.#context.width = job.width;
    this.#context.height = job.height;
    this.#context.pixelFormat = av.AV_PIX_FMT_YUV420P;
    this.#context.timeBase = new av.Rational(1, job.framesPerSecond);
    this.#context.framerate = new av.Rational(job.framesPerSecond, 1);
    this.#context.gopSize = job.framesPerGroup;
    this.#context.threadCount = 1;
    const { bFrames = 0 } = job;
    const settings = bFrames > 0 && job.codec === 'h264' ? withBFrames(bFrames) : OPTIONS[job.codec];
    for (const [option, value] of Object.entries(settings)) this.#context.setOption(option, value);
    this.#framesPerGroup = job.framesPerGroup;
    av.FFmpegError.throwIfError(this.#context.open2Sync(codec), 'open the encoder of test pictures');
    this.#packet = new av.Packet();
    this.#packet.alloc();
  }

  /** Encodes one picture into one packet: without look-ahead and B frames the encoder holds nothing back. */
  encode(frame: Lib.Frame, number: number, isKey: boolean): Buffer {
    frame.pts = BigInt(number);
    frame.pictType = isKey ? this.#av.AV_PICTURE_TYPE_I : this.#av.AV_PICTURE_TYPE_NONE;
    this.#av.FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'encode a test picture');
    this.#av.FFmpegError.throwIfError(this.#context.receivePacketSync(this.#packet), 'encode a test picture');
    const data = Buffer.from(this.#packet.data ?? []);
    this.#packet.unref();
    return data;
  }

  /** The next picture in the order of decoding. Takes as many frames from `source` as needed, since B-frames depend on later frames. */
  next(source: () => Lib.Frame): CodedPicture {
    for (;;) {
      const frame = source();
      const isKey = this.#given % this.#framesPerGroup === 0;
      frame.pts = BigInt(this.#given++);
      frame.pictType = isKey ? this.#av.AV_PICTURE_TYPE_I : this.#av.AV_PICTURE_TYPE_NONE;
      this.#av.FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'encode a test picture');
      if (this.#context.receivePacketSync(this.#packet) < 0) continue;
      const data = Buffer.from(this.#packet.data ?? []);
      const shownAfter = Number(this.#packet.pts - this.#packet.dts);
      this.#packet.unref();
      return { data, shownAfter };
    }
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    this.#context.freeContext();
  }
}
