import { opusLengthMs, SILENT_OPUS } from '../units/opus.js';
import { aacFrameSamples, type SoundSetup } from '../units/sound.js';

/** One piece of silence in the format of a track. */
export interface SilentPiece {
  readonly data: Buffer;
  readonly lengthMs: number;
}

const PLAIN_MS = 20;
/** The byte of G.711 for level zero (ITU-T G.711; A-law inverts the even bits). */
const PLAIN_ZERO = { pcma: 0xd5, pcmu: 0xff } as const;

/** null: silence of this format cannot be made (AAC that is not of low complexity, or not of one or two channels). */
export function silenceOf(setup: SoundSetup): SilentPiece | null {
  const { codec, sampleRate, channels, config } = setup;
  if (codec === 'opus') return { data: SILENT_OPUS, lengthMs: opusLengthMs(SILENT_OPUS) };
  if (codec !== 'aac') {
    const bytes = Math.round((sampleRate * channels * PLAIN_MS) / 1_000);
    return { data: Buffer.alloc(bytes, PLAIN_ZERO[codec]), lengthMs: PLAIN_MS };
  }
  const frame = config === null ? undefined : SILENT_AAC.get(channelsOf(config));
  return frame ? { data: frame, lengthMs: soundLengthMs(setup, frame) } : null;
}

/** How long a piece of sound is, in ms. */
export function soundLengthMs({ codec, sampleRate, channels, config }: SoundSetup, data: Buffer): number {
  if (codec === 'opus') return opusLengthMs(data);
  if (codec !== 'aac') return (data.length * 1_000) / (sampleRate * channels);
  return ((config === null ? 1_024 : aacFrameSamples(config)) * 1_000) / sampleRate;
}

const LOW_COMPLEXITY = 2;
const ESCAPED_RATE = 15;

/** The number of channels, from an AudioSpecificConfig of AAC-LC (ISO 14496-3, 1.6.2.1); 0: not AAC-LC. */
function channelsOf(config: Buffer): number {
  if (config.length < 2 || config.readUInt8() >> 3 !== LOW_COMPLEXITY) return 0;
  return isRateEscaped(config) ? ((config[4] ?? 0) >> 3) & 0x0f : (config.readUInt8(1) >> 3) & 0x0f;
}

function isRateEscaped(config: Buffer): boolean {
  return config.length >= 2 && ((config.readUInt16BE() >> 7) & 0x0f) === ESCAPED_RATE;
}

/**
 * Frames without any spectral data, written field by field from the syntax of `raw_data_block` (ISO 14496-3, table 4.3 and following):
 * `max_sfb` 0 leaves nothing to be coded, and `ID_END` closes the block.
 */
const CHANNEL_INFO = '0' + '00' + '0' + '000000' + '0'; // reserved, window sequence and shape, max_sfb, no predictor
const GAIN = '00000000';
const NO_TOOLS = '0' + '0' + '0'; // pulses, noise shaping, gain control
const END = '111';
const SILENT_AAC: ReadonlyMap<number, Buffer> = new Map([
  [1, bits('000' + '0000' + GAIN + CHANNEL_INFO + NO_TOOLS + END)],
  [2, bits('001' + '0000' + '1' + CHANNEL_INFO + '00' + (GAIN + NO_TOOLS).repeat(2) + END)],
]);

function bits(text: string): Buffer {
  const bytes = text.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}
