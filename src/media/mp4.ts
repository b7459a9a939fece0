import { TICKS_PER_SECOND, type AudioConfig, type VideoConfig } from './units.js';

/** Fragmented MP4 (ISO 14496-12) for HLS: an init part, and parts that each hold some seconds of coded units as they came. */

export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];
const KEY_FRAME_FLAGS = 0x02000000;
const DELTA_FRAME_FLAGS = 0x01010000;

type Part = Buffer | number[];

function box(type: string, ...parts: Part[]): Buffer {
  const bodies = parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + bodies.reduce((sum, body) => sum + body.length, 0));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...bodies]);
}

function fullBox(type: string, version: number, flags: number, ...parts: Part[]): Buffer {
  return box(type, u32((version << 24) | flags), ...parts);
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value & 0xffff, index * 2));
  return bytes;
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** The init part: what a player must know before the first picture. */
export function initPart(video: VideoConfig, audio: AudioConfig | null): Buffer {
  const tracks = [VIDEO_TRACK, ...(audio ? [AUDIO_TRACK] : [])];
  const movie = fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, 1000, 0, 0x10000),
    u16(0x100, 0),
    u32(0, 0, ...MATRIX, 0, 0, 0, 0, 0, 0, 3),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('iso5'), u32(512), Buffer.from('iso5iso6mp41avc1')),
    box(
      'moov',
      movie,
      videoTrack(video),
      ...(audio ? [audioTrack(audio)] : []),
      box('mvex', ...tracks.map((track) => fullBox('trex', 0, 0, u32(track, 1, 0, 0, 0)))),
    ),
  ]);
}

function videoTrack({ avcC, width, height }: VideoConfig): Buffer {
  const entry = box(
    'avc1',
    u16(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(0x18, 0xffff),
    box('avcC', avcC),
  );
  return track(VIDEO_TRACK, TICKS_PER_SECOND, 'vide', fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)), entry, width, height);
}

function audioTrack(config: AudioConfig): Buffer {
  const entry = box(
    'mp4a',
    u16(0, 0, 0, 1, 0, 0, 0, 0, config.channels, 16, 0, 0, config.sampleRate, 0),
    fullBox('esds', 0, 0, elementaryStream(config.asc)),
  );
  return track(AUDIO_TRACK, config.sampleRate, 'soun', fullBox('smhd', 0, 0, u16(0, 0)), entry, 0, 0);
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

function track(
  id: number,
  timescale: number,
  handler: string,
  mediaHeader: Buffer,
  sampleEntry: Buffer,
  width: number,
  height: number,
): Buffer {
  const sound = handler === 'soun';
  const header = fullBox(
    'tkhd',
    0,
    3,
    u32(0, 0, id, 0, 0, 0, 0),
    u16(0, sound ? 1 : 0, sound ? 0x100 : 0, 0),
    u32(...MATRIX, width << 16, height << 16),
  );
  const samples = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry),
    ...['stts', 'stsc', 'stco'].map((type) => fullBox(type, 0, 0, u32(0))),
    fullBox('stsz', 0, 0, u32(0, 0)),
  );
  const data = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  return box(
    'trak',
    header,
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(0x55c4, 0)),
      fullBox('hdlr', 0, 0, u32(0), Buffer.from(handler), u32(0, 0, 0), [0]),
      box('minf', mediaHeader, data, samples),
    ),
  );
}

export interface Sample {
  readonly data: Buffer;
  /** In the track's timescale. */
  readonly duration: number;
  /** Presentation minus decoding time, in the track's timescale. */
  readonly shownAfter: number;
  readonly keyFrame: boolean;
}

export interface Run {
  readonly track: number;
  /** Decoding time of the first sample, in the track's timescale. */
  readonly startsAt: number;
  readonly samples: readonly Sample[];
}

/** One part of the stream: the samples of each track, copied. `sequence` goes up from part to part. */
export function mediaPart(sequence: number, runs: readonly Run[]): Buffer {
  // The offsets depend on the length of what holds them, which does not depend on their values.
  const length = moof(sequence, runs, 0).length;
  const data = runs.flatMap((run) => run.samples.map((sample) => sample.data));
  return Buffer.concat([moof(sequence, runs, length + 8), box('mdat', ...data)]);
}

function moof(sequence: number, runs: readonly Run[], dataAt: number): Buffer {
  let offset = dataAt;
  const trafs = runs.map((run) => {
    const rows = run.samples.map(({ data, duration, shownAfter, keyFrame }) =>
      u32(duration, data.length, keyFrame ? KEY_FRAME_FLAGS : DELTA_FRAME_FLAGS, shownAfter),
    );
    const traf = box(
      'traf',
      fullBox('tfhd', 0, 0x20000, u32(run.track)),
      fullBox('tfdt', 1, 0, u64(run.startsAt)),
      fullBox('trun', 1, 0xf01, u32(run.samples.length, offset), ...rows),
    );
    offset += run.samples.reduce((sum, sample) => sum + sample.data.length, 0);
    return traf;
  });
  return box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...trafs);
}
