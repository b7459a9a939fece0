import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { SoundFormat } from '../../core/streams/secondSound.js';
import { loadAv, type Av } from '../av.js';
import { aacConfig } from '../formats/sound.js';
import { SoundTranscoder, type CodedSound } from './soundTranscoder.js';

const PCMU: SoundFormat = { codec: 'pcmu', sampleRate: 8_000, channels: 1 };
const AAC: SoundFormat = { codec: 'aac', sampleRate: 16_000, channels: 1 };
const OPUS: SoundFormat = { codec: 'opus', sampleRate: 48_000, channels: 1 };
const ASC = aacConfig(AAC)?.asc ?? null;
const PIECE_MS = 20;
const TONE_HZ = 440;

describe.skipIf(!nodeAvFor('transcodes of sound'))('a transcode of sound', () => {
  let av: Av;

  beforeAll(async () => {
    av = await loadAv();
  });

  function open(from: SoundFormat, config: Buffer | null, to: SoundFormat): SoundTranscoder {
    const transcoder = SoundTranscoder.open(av, from, config, to);
    onTestFinished(() => transcoder.close());
    return transcoder;
  }

  function through(transcoder: SoundTranscoder, pieces: readonly CodedSound[]): CodedSound[] {
    return pieces.flatMap(({ timeMs, data }) => transcoder.push(timeMs, data));
  }

  /** Decodes to samples from -1 to 1, with the format of the decoder. */
  function heard(coded: readonly CodedSound[], { codec, sampleRate }: SoundFormat): { tone: number; loud: number } {
    const { lib, constants } = av;
    const found = lib.Codec.findDecoder(codec === 'aac' ? constants.AV_CODEC_ID_AAC : constants.AV_CODEC_ID_OPUS);
    const decoder = new lib.CodecContext();
    decoder.allocContext3(found);
    decoder.sampleRate = sampleRate;
    decoder.channelLayout = lib.avChannelLayoutDefault(1);
    if (codec === 'aac' && ASC) decoder.extraData = ASC;
    lib.FFmpegError.throwIfError(decoder.open2Sync(found, null), 'opening');
    const [packet, frame] = [new lib.Packet(), new lib.Frame()];
    packet.alloc();
    frame.alloc();
    const samples: number[] = [];
    for (const { data } of coded) {
      packet.data = data;
      expect(decoder.sendPacketSync(packet)).toBeGreaterThanOrEqual(0);
      packet.unref();
      while (decoder.receiveFrameSync(frame) >= 0) {
        const plane = frame.data?.[0] ?? Buffer.alloc(0);
        for (let at = 0; at < frame.nbSamples; at++) samples.push(plane.readFloatLE(at * 4));
        frame.unref();
      }
    }
    packet.free();
    frame.free();
    decoder.freeContext();
    // Without the lead-in of both coders.
    const steady = samples.slice(Math.round(sampleRate / 4));
    const loud = Math.sqrt(steady.reduce((sum, one) => sum + one * one, 0) / steady.length);
    let crossings = 0;
    for (let at = 1; at < steady.length; at++) if ((steady[at - 1] ?? 0) < 0 && (steady[at] ?? 0) >= 0) crossings += 1;
    return { tone: (crossings * sampleRate) / steady.length, loud };
  }

  it('makes G.711 into AAC, and that into Opus, with the same tone as loud and the same times', () => {
    const aac = through(open(PCMU, null, AAC), tone(2_000));
    expect(heard(aac, AAC).tone).toBeCloseTo(TONE_HZ, -1);
    expect(heard(aac, AAC).loud).toBeCloseTo(0.5 / Math.SQRT2, 1);
    const opus = through(open(AAC, ASC, OPUS), aac);
    expect(heard(opus, OPUS).tone).toBeCloseTo(TONE_HZ, -1);
    expect(heard(opus, OPUS).loud).toBeCloseTo(0.5 / Math.SQRT2, 1);
    for (const [coded, frameMs] of [
      [aac, 64],
      [opus, 20],
    ] as const) {
      const steps = coded.slice(1).map(({ timeMs }, at) => timeMs - (coded[at]?.timeMs ?? 0));
      expect(new Set(steps.map((step) => Math.round(step)))).toEqual(new Set([frameMs]));
    }
    // The first piece begins at 1,000 ms; each encoder begins a little before it.
    expect(Math.abs((aac[0]?.timeMs ?? 0) - 1_000)).toBeLessThan(70);
    expect(Math.abs((opus.at(-1)?.timeMs ?? 0) - 3_000)).toBeLessThan(200);
  });

  it('goes on at the new time after a gap, and counts on over small differences', () => {
    const pieces = tone(1_000);
    const uneven = pieces.map(({ timeMs, data }, at) => ({ timeMs: timeMs + (at % 2) * 15, data }));
    const late = pieces.map(({ timeMs, data }) => ({ timeMs: timeMs + 10_000, data }));
    const coded = through(open(PCMU, null, OPUS), [...uneven, ...late]);
    const steps = coded.slice(1).map(({ timeMs }, at) => Math.round(timeMs - (coded[at]?.timeMs ?? 0)));
    expect(steps.filter((step) => step !== 20)).toHaveLength(1);
    expect(Math.abs((coded.at(-1)?.timeMs ?? 0) - 11_980)).toBeLessThan(50);
  });

  it('leaves out a piece that is no AAC, and goes on', () => {
    const aac = through(open(PCMU, null, AAC), tone(1_000));
    const transcoder = open(AAC, ASC, OPUS);
    expect(transcoder.push(0, Buffer.from('no sound at all'))).toEqual([]);
    expect(through(transcoder, aac).length).toBeGreaterThan(30);
  });
});

/** Half of full loudness. */
function tone(lengthMs: number): CodedSound[] {
  const perPiece = (PCMU.sampleRate * PIECE_MS) / 1_000;
  return Array.from({ length: lengthMs / PIECE_MS }, (_, piece) => {
    const data = Buffer.from(
      Array.from({ length: perPiece }, (_sample, at) => {
        const seconds = (piece * perPiece + at) / PCMU.sampleRate;
        return mulaw(Math.sin(2 * Math.PI * TONE_HZ * seconds) * 0.5);
      }),
    );
    return { timeMs: 1_000 + piece * PIECE_MS, data };
  });
}

/** ITU-T G.711, section 3.2. */
function mulaw(value: number): number {
  const sample = Math.min(32_635, Math.round(Math.abs(value) * 32_767)) + 132;
  const exponent = 31 - Math.clz32(sample) - 7;
  const mantissa = (sample >> (exponent + 3)) & 0x0f;
  return ~((value < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}
