import type { AudioTrack } from '../../core/camera/tracks.js';
import type { AudioConfig } from './units.js';

const AAC_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
/** Audio object types (ISO 14496-3, table 1.17). */
const AAC_LC = 2;
const SPECTRAL_BAND_REPLICATION = [5, 29];

/** Reads an AudioSpecificConfig (ISO 14496-3, 1.6.2.1); null: this sound cannot be copied into MP4 unchanged. */
export function audioConfigOf(asc: Buffer): AudioConfig | null {
  if (asc.length < 2) return null;
  const bits = asc.readUInt16BE(0);
  const sampleRate = AAC_RATES[(bits >> 7) & 0xf];
  const channels = (bits >> 3) & 0xf;
  return sampleRate === undefined || channels === 0 ? null : { asc, sampleRate, channels };
}

/** The configuration of plain AAC (LC); null: AAC has no index for this sample rate or number of channels. */
export function aacConfig({ sampleRate, channels }: Omit<AudioTrack, 'codec'>): AudioConfig | null {
  const rate = AAC_RATES.indexOf(sampleRate);
  if (rate < 0 || channels < 1 || channels > 6) return null;
  const asc = Buffer.alloc(2);
  asc.writeUInt16BE((AAC_LC << 11) | (rate << 7) | (channels << 3));
  return { asc, sampleRate, channels };
}

/** The track for an AAC configuration. Only AAC-LC gets the name 'AAC', since no other kind may replace it in a stream. */
export function aacTrack({ asc, sampleRate, channels }: AudioConfig): AudioTrack {
  const objectType = (asc[0] ?? 0) >> 3;
  const isHighEfficiency = SPECTRAL_BAND_REPLICATION.includes(objectType);
  const codec = objectType === AAC_LC ? 'AAC' : isHighEfficiency ? 'HE-AAC' : `AAC type ${objectType}`;
  return { codec, sampleRate, channels };
}

/** `AudioTrack`'s name of a sound codec, from FFmpeg's name. */
export function audioCodecName(ffmpegName: string): string {
  const names: Readonly<Record<string, string>> = { pcm_alaw: 'PCMA', pcm_mulaw: 'PCMU', opus: 'Opus' };
  return names[ffmpegName] ?? ffmpegName.toUpperCase();
}

const ADTS_BYTES = 7;

/** An AAC frame with the header that it has in MPEG-TS (ADTS, ISO 14496-3, 1.A.2.2). High-efficiency AAC counts as the AAC-LC inside it. */
export function adtsFrame({ sampleRate, channels }: AudioConfig, data: Buffer): Buffer {
  const rate = AAC_RATES.indexOf(sampleRate);
  const length = ADTS_BYTES + data.length;
  const head = Buffer.from([
    ...[0xff, 0xf1, ((AAC_LC - 1) << 6) | (rate << 2) | (channels >> 2)],
    ...[((channels & 3) << 6) | (length >> 11), (length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc],
  ]);
  return Buffer.concat([head, data]);
}
