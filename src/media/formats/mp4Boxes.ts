import type { AudioConfig, VideoConfig } from './units.js';

/** Boxes of ISO 14496-12 that plain and fragmented files share. */

export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];

export type Part = Buffer | number[];

export function box(type: string, ...parts: Part[]): Buffer {
  const bodies = parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + bodies.reduce((sum, body) => sum + body.length, 0));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...bodies]);
}

export function fullBox(type: string, version: number, flags: number, ...parts: Part[]): Buffer {
  return box(type, u32((version << 24) | flags), ...parts);
}

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value & 0xffff, index * 2));
  return bytes;
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function movieHeader(durationMs: number): Buffer {
  const times = u32(0, 0, 1000, durationMs, 0x10000);
  return fullBox('mvhd', 0, 0, times, u16(0x100, 0), u32(0, 0, ...MATRIX, 0, 0, 0, 0, 0, 0, 3));
}

export function videoEntry({ avcC, width, height }: VideoConfig): Buffer {
  return box(
    'avc1',
    u16(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(0x18, 0xffff),
    box('avcC', avcC),
  );
}

export function aacEntry(config: AudioConfig): Buffer {
  return soundEntry('mp4a', config, fullBox('esds', 0, 0, elementaryStream(config.asc)));
}

/** Opus in ISO media files: `dOps` holds the channels, the samples to skip at the start (none), and the rate before coding. */
export function opusEntry(sound: SoundFormat): Buffer {
  const specific = box('dOps', [0, sound.channels], u16(0), u32(sound.sampleRate), u16(0), [0]);
  return soundEntry('Opus', sound, specific);
}

interface SoundFormat {
  readonly sampleRate: number;
  readonly channels: number;
}

function soundEntry(type: string, { sampleRate, channels }: SoundFormat, specific: Buffer): Buffer {
  // The rate is 16.16 fixed point, at most 65535 Hz; a higher rate is in `specific`.
  const rate = Math.min(sampleRate, 0xffff);
  return box(type, u16(0, 0, 0, 1, 0, 0, 0, 0, channels, 16, 0, 0, rate, 0), specific);
}

/** MPEG-4 descriptors (ISO 14496-1): AAC with this configuration. */
function elementaryStream(asc: Buffer): Buffer {
  const descriptor = (tag: number, ...parts: Part[]): Buffer => {
    const body = Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part))));
    return Buffer.concat([Buffer.from([tag, body.length]), body]);
  };
  const decoder = descriptor(4, [0x40, 0x15, 0, 0, 0], u32(0, 0), descriptor(5, asc));
  return descriptor(3, [0, AUDIO_TRACK, 0], decoder, descriptor(6, [2]));
}

export interface TrackBoxes {
  readonly id: number;
  /** Ticks per second of the track's own times. */
  readonly timescale: number;
  /** The duration in ms, and in ticks of the track; 0 in an init part, which has no samples. */
  readonly durationMs: number;
  readonly duration: number;
  readonly entry: Buffer;
  /** null: a sound track. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** An edit list, or nothing. */
  readonly edits: Buffer;
  /** The sample tables that follow the sample description. */
  readonly tables: readonly Buffer[];
}

export function trackBox({ id, timescale, durationMs, duration, entry, size, edits, tables }: TrackBoxes): Buffer {
  const sound = size === null;
  const header = fullBox(
    'tkhd',
    0,
    3,
    u32(0, 0, id, 0, durationMs, 0, 0),
    u16(0, sound ? 1 : 0, sound ? 0x100 : 0, 0),
    u32(...MATRIX, (size?.width ?? 0) << 16, (size?.height ?? 0) << 16),
  );
  const mediaHeader = sound ? fullBox('smhd', 0, 0, u16(0, 0)) : fullBox('vmhd', 0, 1, u16(0, 0, 0, 0));
  const data = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  return box(
    'trak',
    header,
    edits,
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, timescale, duration), u16(0x55c4, 0)),
      fullBox('hdlr', 0, 0, u32(0), Buffer.from(sound ? 'soun' : 'vide'), u32(0, 0, 0), [0]),
      box('minf', mediaHeader, data, box('stbl', fullBox('stsd', 0, 0, u32(1), entry), ...tables)),
    ),
  );
}
