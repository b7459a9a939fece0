import type { FFAudioEncoder } from 'node-av/constants';
import type { CodecContext, Frame, Packet } from 'node-av/lib';
import type { AudioTrack } from '../../core/camera/tracks.js';
import type { Av } from '../av.js';
import { aacConfig } from './sound.js';

/** One coded frame of silence, to be repeated. */
export interface SilentFrame {
  readonly codec: 'AAC' | 'Opus';
  /** AAC: its AudioSpecificConfig (ISO 14496-3). */
  readonly asc: Buffer;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samplesPerFrame: number;
  readonly frame: Buffer;
}

/** Encoders begin with some lead-in frames; the last of so many frames is plain silence. */
const LEAD_IN = 6;
const OPUS_RATE = 48_000;
const OPUS_FRAME_SAMPLES = 960;
const AAC_FRAME_SAMPLES = 1024;

/** Silence in the format of a sound track, for an MP4; null: it cannot be made for this codec (G.711, high-efficiency AAC). */
export async function silenceFor(av: Av, { codec, sampleRate, channels }: AudioTrack): Promise<SilentFrame | null> {
  const { FF_ENCODER_AAC, FF_ENCODER_LIBOPUS, AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_FLT } = av.constants;
  if (codec === 'AAC') {
    const config = aacConfig({ sampleRate, channels });
    if (!config) return null;
    const spec = { name: FF_ENCODER_AAC, format: AV_SAMPLE_FMT_FLTP, sampleRate, channels, samples: AAC_FRAME_SAMPLES };
    return { codec, ...config, samplesPerFrame: AAC_FRAME_SAMPLES, frame: await encodeSilence(av, spec) };
  }
  if (codec !== 'Opus' || channels > 2) return null;
  const spec = { name: FF_ENCODER_LIBOPUS, format: AV_SAMPLE_FMT_FLT, sampleRate: OPUS_RATE, channels };
  const frame = await encodeSilence(av, { ...spec, samples: OPUS_FRAME_SAMPLES });
  const asc = Buffer.alloc(0);
  return { codec, asc, sampleRate: OPUS_RATE, channels, samplesPerFrame: OPUS_FRAME_SAMPLES, frame };
}

interface EncoderSpec {
  readonly name: FFAudioEncoder;
  readonly format: CodecContext['sampleFormat'];
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
}

async function encodeSilence(av: Av, spec: EncoderSpec): Promise<Buffer> {
  const { lib } = av;
  const encoder = await openEncoder(av, spec);
  const frame = new lib.Frame();
  const packet = new lib.Packet();
  try {
    fillSilence(av, frame, encoder, spec);
    packet.alloc();
    let last: Buffer = Buffer.alloc(0);
    for (let number = 0; number < LEAD_IN; number++) {
      frame.pts = BigInt(number * spec.samples);
      lib.FFmpegError.throwIfError(await encoder.sendFrame(frame), 'encoding silence');
      last = (await received(encoder, packet)) ?? last;
    }
    return last;
  } finally {
    packet.free();
    frame.free();
    encoder.freeContext();
  }
}

async function openEncoder(av: Av, { name, format, sampleRate, channels }: EncoderSpec): Promise<CodecContext> {
  const { lib } = av;
  const codec = lib.Codec.findEncoderByName(name);
  const encoder = new lib.CodecContext();
  encoder.allocContext3(codec);
  encoder.sampleRate = sampleRate;
  encoder.sampleFormat = format;
  encoder.channelLayout = lib.avChannelLayoutDefault(channels);
  encoder.timeBase = new lib.Rational(1, sampleRate);
  encoder.bitRate = 32_000n;
  lib.FFmpegError.throwIfError(await encoder.open2(codec, null), 'opening the sound encoder');
  return encoder;
}

function fillSilence(
  { lib }: Av,
  frame: Frame,
  encoder: CodecContext,
  { format, sampleRate, samples }: EncoderSpec,
): void {
  frame.alloc();
  frame.format = format;
  frame.sampleRate = sampleRate;
  frame.channelLayout = encoder.channelLayout;
  frame.nbSamples = samples;
  lib.FFmpegError.throwIfError(frame.getBuffer(0), 'making room for sound');
  for (const plane of frame.data ?? []) plane.fill(0);
}

async function received(encoder: CodecContext, packet: Packet): Promise<Buffer | null> {
  let data: Buffer | null = null;
  while ((await encoder.receivePacket(packet)) >= 0) {
    data = Buffer.from(packet.data ?? []);
    packet.unref();
  }
  return data;
}
