import type * as Constants from 'node-av/constants';
import type * as Lib from 'node-av/lib';

/** node-av as the encoder process loaded it: nothing here imports it, so its absence is found out in one place. */
export type Av = typeof Lib & typeof Constants;

/** 110 to 150 kbit/s for the moving picture. A constant quantizer, so that a still picture is exactly still. */
const X264_OPTIONS = {
  preset: 'ultrafast',
  tune: 'zerolatency',
  profile: 'baseline',
  qp: '18',
  'forced-idr': '1',
  'x264-params': 'scenecut=0',
} as const;

export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** From one key frame to the next. */
  readonly framesPerGroup: number;
}

/** A filter graph that makes pictures out of nothing. */
export class PictureSource implements Disposable {
  readonly #graph: Lib.FilterGraph;
  readonly #sink: Lib.FilterContext;
  readonly #frame: Lib.Frame;

  constructor(av: Av, description: string) {
    this.#graph = new av.FilterGraph();
    this.#graph.alloc();
    this.#graph.nbThreads = 1;
    av.FFmpegError.throwIfError(this.#graph.parsePtr(`${description},buffersink`), 'draw a test picture');
    av.FFmpegError.throwIfError(this.#graph.configSync(), 'draw a test picture');
    const sink = this.#graph.filters?.find((filter) => filter.filter?.name === 'buffersink');
    if (!sink) throw new Error('The filter graph of a test picture has no end.');
    this.#sink = sink;
    this.#frame = new av.Frame();
    this.#frame.alloc();
  }

  next(): Lib.Frame {
    this.#frame.unref();
    if (this.#sink.buffersinkGetFrameSync(this.#frame) < 0) throw new Error('A test picture ended too early.');
    return this.#frame;
  }

  [Symbol.dispose](): void {
    this.#frame.free();
    this.#graph.free();
  }
}

export class H264Encoder implements Disposable {
  readonly #av: Av;
  readonly #context: Lib.CodecContext;
  readonly #packet: Lib.Packet;

  constructor(av: Av, job: PictureFormat) {
    this.#av = av;
    const codec = av.Codec.findEncoderByName(av.FF_ENCODER_LIBX264);
    if (!codec) throw new Error('This build of FFmpeg has no H.264 encoder.');
    this.#context = new av.CodecContext();
    this.#context.allocContext3(codec);
    this.#context.width = job.width;
    this.#context.height = job.height;
    this.#context.pixelFormat = av.AV_PIX_FMT_YUV420P;
    this.#context.timeBase = new av.Rational(1, job.framesPerSecond);
    this.#context.framerate = new av.Rational(job.framesPerSecond, 1);
    this.#context.gopSize = job.framesPerGroup;
    this.#context.threadCount = 1;
    for (const [name, value] of Object.entries(X264_OPTIONS)) this.#context.setOption(name, value);
    av.FFmpegError.throwIfError(this.#context.open2Sync(codec), 'open the H.264 encoder');
    this.#packet = new av.Packet();
    this.#packet.alloc();
  }

  /** One picture in, one packet out: without look-ahead and B frames nothing is held back. */
  encode(frame: Lib.Frame, number: number, isKey: boolean): Buffer {
    frame.pts = BigInt(number);
    frame.pictType = isKey ? this.#av.AV_PICTURE_TYPE_I : this.#av.AV_PICTURE_TYPE_NONE;
    this.#av.FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'encode a test picture');
    this.#av.FFmpegError.throwIfError(this.#context.receivePacketSync(this.#packet), 'encode a test picture');
    const data = Buffer.from(this.#packet.data ?? []);
    this.#packet.unref();
    return data;
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    this.#context.freeContext();
  }
}
