import type { CodecContext, Frame, Packet, SoftwareResampleContext } from 'node-av/lib';
import type { FFAudioEncoder } from 'node-av/constants';
import type { SoundFormat } from '../../core/streams/secondSound.js';
import type { Av } from '../av.js';
import { SampleRow } from './sampleRow.js';

export interface CodedSound {
  /** On the clock of the sound that came. */
  readonly timeMs: number;
  readonly data: Buffer;
}

/** A step between the time of a piece of sound and the end of the piece before that is larger is a gap or a jump. */
const JUMP_MS = 120;
/** Bits in a second for each channel. */
const BIT_RATE = { opus: 40_000, aac: 40_000 } as const;

/**
 * Makes sound of one codec into another. Times follow what came: they are counted in samples, and set anew after a gap. It works in the calling
 * thread, since a piece of sound takes a fraction of a millisecond.
 */
export class SoundTranscoder {
  readonly #av: Av;
  readonly #decoder: CodecContext;
  readonly #encoder: CodecContext;
  readonly #packet: Packet;
  readonly #decoded: Frame;
  readonly #row: SampleRow;
  readonly #rate: number;
  #resampler: { readonly context: SoftwareResampleContext; readonly rate: number; readonly channels: number } | null =
    null;
  /** Samples that went to the encoder, and the time of sample 0. */
  #samples = 0;
  #zeroMs: number | null = null;

  private constructor(av: Av, decoder: CodecContext, encoder: CodecContext, to: SoundFormat) {
    this.#av = av;
    this.#decoder = decoder;
    this.#encoder = encoder;
    this.#rate = to.sampleRate;
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
    this.#decoded = new av.lib.Frame();
    this.#decoded.alloc();
    this.#row = new SampleRow(encoder.sampleFormat === av.constants.AV_SAMPLE_FMT_FLTP, to.channels);
  }

  /** `config`: the AudioSpecificConfig of AAC, null for others. Throws where FFmpeg has no such decoder or encoder. */
  static open(av: Av, from: SoundFormat, config: Buffer | null, to: SoundFormat): SoundTranscoder {
    const decoder = openDecoder(av, from, config);
    try {
      return new SoundTranscoder(av, decoder, openEncoder(av, to), to);
    } catch (thrown) {
      decoder.freeContext();
      throw thrown;
    }
  }

  /** Takes one piece of sound and returns what is complete. A piece that FFmpeg cannot read is left out. */
  push(timeMs: number, data: Buffer): CodedSound[] {
    this.#packet.data = data;
    const code = this.#decoder.sendPacketSync(this.#packet);
    this.#packet.unref();
    if (code < 0) return [];
    while (this.#decoder.receiveFrameSync(this.#decoded) >= 0) {
      try {
        this.#resample(timeMs);
      } finally {
        this.#decoded.unref();
      }
    }
    return this.#encode();
  }

  close(): void {
    this.#packet.free();
    this.#decoded.free();
    this.#resampler?.context.free();
    this.#decoder.freeContext();
    this.#encoder.freeContext();
  }

  #resample(timeMs: number): void {
    const { lib } = this.#av;
    const { sampleRate, channelLayout, nbSamples } = this.#decoded;
    const context = this.#resamplerFor(sampleRate, channelLayout.nbChannels);
    this.#place(timeMs);
    const made = new lib.Frame();
    made.alloc();
    try {
      made.format = this.#encoder.sampleFormat;
      made.sampleRate = this.#rate;
      made.channelLayout = this.#encoder.channelLayout;
      made.nbSamples = context.getOutSamples(nbSamples);
      lib.FFmpegError.throwIfError(made.getBuffer(0), 'making room for sound');
      lib.FFmpegError.throwIfError(context.convertFrame(made, this.#decoded), 'resampling sound');
      this.#row.add(made.data ?? [], made.nbSamples);
    } finally {
      made.free();
    }
  }

  /** The time of the first sample that waits follows what went before, unless this piece begins elsewhere. */
  #place(timeMs: number): void {
    const endMs = this.#zeroMs === null ? null : this.#zeroMs + this.#msOf(this.#samples + this.#row.length);
    if (endMs !== null && Math.abs(timeMs - endMs) <= JUMP_MS) return;
    this.#row.clear();
    this.#zeroMs = timeMs - this.#msOf(this.#samples);
  }

  #encode(): CodedSound[] {
    const { lib } = this.#av;
    const coded: CodedSound[] = [];
    const { frameSize } = this.#encoder;
    for (let planes = this.#row.take(frameSize); planes; planes = this.#row.take(frameSize)) {
      const frame = new lib.Frame();
      frame.alloc();
      try {
        frame.format = this.#encoder.sampleFormat;
        frame.sampleRate = this.#rate;
        frame.channelLayout = this.#encoder.channelLayout;
        frame.nbSamples = frameSize;
        frame.pts = BigInt(this.#samples);
        lib.FFmpegError.throwIfError(frame.getBuffer(0), 'making room for sound');
        for (const [at, plane] of planes.entries()) plane.copy(frame.data?.[at] ?? Buffer.alloc(0));
        lib.FFmpegError.throwIfError(this.#encoder.sendFrameSync(frame), 'encoding sound');
        this.#samples += frameSize;
      } finally {
        frame.free();
      }
      coded.push(...this.#received());
    }
    return coded;
  }

  #received(): CodedSound[] {
    const coded: CodedSound[] = [];
    while (this.#encoder.receivePacketSync(this.#packet) >= 0) {
      // Encoders begin with some samples of silence, so the first times lie before the first sample.
      const timeMs = (this.#zeroMs ?? 0) + this.#msOf(Number(this.#packet.pts));
      coded.push({ timeMs, data: Buffer.from(this.#packet.data ?? []) });
      this.#packet.unref();
    }
    return coded;
  }

  #msOf(samples: number): number {
    return (samples * 1_000) / this.#rate;
  }

  /** What the decoder gives may differ from what the stream said: HE-AAC has twice the rate, and parametric stereo two channels. */
  #resamplerFor(rate: number, channels: number): SoftwareResampleContext {
    if (this.#resampler?.rate === rate && this.#resampler.channels === channels) return this.#resampler.context;
    this.#resampler?.context.free();
    const { lib } = this.#av;
    const { channelLayout, sampleFormat } = this.#encoder;
    const context = new lib.SoftwareResampleContext();
    const from = lib.avChannelLayoutDefault(channels);
    const code = context.allocSetOpts2(channelLayout, sampleFormat, this.#rate, from, this.#decoder.sampleFormat, rate);
    lib.FFmpegError.throwIfError(code, 'making a resampler');
    lib.FFmpegError.throwIfError(context.init(), 'making a resampler');
    this.#resampler = { context, rate, channels };
    return context;
  }
}

function openDecoder(
  { lib, constants }: Av,
  { codec, sampleRate, channels }: SoundFormat,
  config: Buffer | null,
): CodecContext {
  const { AV_CODEC_ID_AAC, AV_CODEC_ID_OPUS, AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW } = constants;
  const id = {
    aac: AV_CODEC_ID_AAC,
    opus: AV_CODEC_ID_OPUS,
    pcma: AV_CODEC_ID_PCM_ALAW,
    pcmu: AV_CODEC_ID_PCM_MULAW,
  }[codec];
  const found = lib.Codec.findDecoder(id);
  const context = new lib.CodecContext();
  try {
    context.allocContext3(found);
    context.sampleRate = sampleRate;
    context.channelLayout = lib.avChannelLayoutDefault(channels);
    context.threadCount = 1;
    if (config !== null) context.extraData = config;
    lib.FFmpegError.throwIfError(context.open2Sync(found, null), 'opening a sound decoder');
    return context;
  } catch (thrown) {
    context.freeContext();
    throw thrown;
  }
}

function openEncoder({ lib, constants }: Av, { codec, sampleRate, channels }: SoundFormat): CodecContext {
  if (codec !== 'aac' && codec !== 'opus') throw new TypeError('Sound is made into AAC or Opus.');
  const name: FFAudioEncoder = codec === 'aac' ? constants.FF_ENCODER_AAC : constants.FF_ENCODER_LIBOPUS;
  const found = lib.Codec.findEncoderByName(name);
  const context = new lib.CodecContext();
  try {
    context.allocContext3(found);
    context.sampleRate = sampleRate;
    context.sampleFormat = codec === 'aac' ? constants.AV_SAMPLE_FMT_FLTP : constants.AV_SAMPLE_FMT_FLT;
    context.channelLayout = lib.avChannelLayoutDefault(channels);
    context.timeBase = new lib.Rational(1, sampleRate);
    context.bitRate = BigInt(BIT_RATE[codec] * channels);
    context.threadCount = 1;
    lib.FFmpegError.throwIfError(context.open2Sync(found, null), 'opening a sound encoder');
    return context;
  } catch (thrown) {
    context.freeContext();
    throw thrown;
  }
}
