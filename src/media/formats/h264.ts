import { spsSize } from './sps.js';
import type { VideoConfig } from './units.js';

export const NAL_IDR = 5;
export const NAL_SPS = 7;
export const NAL_PPS = 8;

export function nalType(nal: Buffer): number {
  return (nal[0] ?? 0) & 0x1f;
}

/** The NAL units of a sample, in which each unit has its length of 4 bytes in front; an incomplete last unit is left out. */
export function nalUnits(sample: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  while (at + 4 <= sample.length) {
    const length = sample.readUInt32BE(at);
    if (length === 0 || at + 4 + length > sample.length) break;
    found.push(sample.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

/** Joins NAL units into a sample, each with its length of 4 bytes in front. */
export function lengthPrefixed(nals: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  for (const nal of nals) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(nal.length);
    parts.push(length, nal);
  }
  return Buffer.concat(parts);
}

/** The NAL units between Annex B start codes, the form in which RTSP and MPEG-TS deliver them. */
export function annexBNals(data: Buffer): Buffer[] {
  const starts: { at: number; next: number }[] = [];
  for (
    let at = data.indexOf('\x00\x00\x01', 0, 'latin1');
    at >= 0;
    at = data.indexOf('\x00\x00\x01', at + 3, 'latin1')
  ) {
    starts.push({ at, next: at + 3 });
  }
  return starts
    .map(({ next }, index) => {
      let end = starts[index + 1]?.at ?? data.length;
      while (end > next && data[end - 1] === 0) end--; // zeros of a four-byte start code, or trailing zeros
      return data.subarray(next, end);
    })
    .filter((nal) => nal.length > 0);
}

/** Builds the decoder's configuration from one SPS and one PPS. */
export function avcCOf(sps: Buffer, pps: Buffer): Buffer {
  const head = Buffer.from([1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(sps.length, 6);
  const middle = Buffer.from([1, 0, 0]);
  middle.writeUInt16BE(pps.length, 1);
  return Buffer.concat([head, sps, middle, pps]);
}

export interface ParameterSets {
  readonly sps: readonly Buffer[];
  readonly pps: readonly Buffer[];
}

/** SPS and PPS inside an AVCDecoderConfigurationRecord; null: the bytes are not such a record. */
export function parameterSets(avcC: Buffer): ParameterSets | null {
  if (avcC.length < 7 || avcC[0] !== 1) return null;
  let at = 5;
  const read = (mask: number): Buffer[] => {
    const count = (avcC[at++] ?? 0) & mask;
    const found: Buffer[] = [];
    for (let index = 0; index < count && at + 2 <= avcC.length; index++) {
      const length = avcC.readUInt16BE(at);
      found.push(avcC.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    return found;
  };
  const sps = read(0x1f);
  const pps = read(0xff);
  return sps.length > 0 && pps.length > 0 ? { sps, pps } : null;
}

/** Reads FFmpeg's extradata of a stream, as avcC or Annex B (`annexB`); null: it is not, or not yet, a usable H.264 configuration. */
export function videoConfigOf(extradata: Buffer): { config: VideoConfig; annexB: boolean } | null {
  const annexB = extradata[0] !== 1;
  let avcC = extradata;
  if (annexB) {
    const nals = annexBNals(extradata);
    const sps = nals.find((nal) => nalType(nal) === NAL_SPS);
    const pps = nals.find((nal) => nalType(nal) === NAL_PPS);
    if (!sps || !pps) return null;
    avcC = avcCOf(sps, pps);
  } else if (((extradata[4] ?? 0) & 3) !== 3) {
    return null; // lengths of 1 or 2 bytes: the standard allows them, and no live stream uses them
  }
  const sps = parameterSets(avcC)?.sps[0];
  const size = sps ? spsSize(sps) : null;
  return size ? { config: { avcC, ...size }, annexB } : null;
}
