import { Bits } from './bits.js';
import type { PictureCodec } from './nalUnits.js';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size stands near the beginning; H.264 may have a few hundred bytes of scaling lists before it. */
const MOST_SPS_BYTES = 1_024;
/** Larger than any camera's picture; what an SPS says beyond it is nonsense. */
const MOST_PIXELS_A_SIDE = 16_384;
/** Profiles whose SPS names the sampling of colours (H.264, 7.3.2.1.1). */
const WITH_CHROMA: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** The size of the visible picture in pixels, by the SPS among the units. null: there is none that can be read. */
export function pictureSize(codec: PictureCodec, units: readonly Buffer[]): PictureSize | null {
  const type = (unit: Buffer): number => (codec === 'h264' ? (unit[0] ?? 0) & 0x1f : ((unit[0] ?? 0) >> 1) & 0x3f);
  const sps = units.find((unit) => type(unit) === (codec === 'h264' ? 7 : 33));
  if (sps === undefined) return null;
  const bits = new Bits(withoutEscapes(sps.subarray(codec === 'h264' ? 1 : 2, MOST_SPS_BYTES)));
  const { width, height } = codec === 'h264' ? sizeOfH264(bits) : sizeOfH265(bits);
  const isSize = (side: number): boolean => side > 0 && side <= MOST_PIXELS_A_SIDE;
  return bits.left >= 0 && isSize(width) && isSize(height) ? { width, height } : null;
}

/** H.264, 7.3.2.1.1. */
function sizeOfH264(bits: Bits): PictureSize {
  const profile = bits.number(8);
  bits.skip(16);
  bits.golomb();
  let chroma = 1;
  if (WITH_CHROMA.has(profile)) {
    chroma = bits.golomb();
    if (chroma === 3) bits.skip(1);
    bits.golomb();
    bits.golomb();
    bits.skip(1);
    if (bits.flag())
      for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) if (bits.flag()) skipScaling(bits, list < 6 ? 16 : 64);
  }
  bits.golomb();
  const order = bits.golomb();
  if (order === 0) bits.golomb();
  else if (order === 1) {
    bits.skip(1);
    bits.golomb();
    bits.golomb();
    for (let left = Math.min(bits.golomb(), 255); left > 0; left--) bits.golomb();
  }
  bits.golomb();
  bits.skip(1);
  const columns = bits.golomb() + 1;
  const rows = bits.golomb() + 1;
  const isByFrames = bits.flag();
  if (!isByFrames) bits.skip(1);
  bits.skip(1);
  const [left, right, top, bottom] = croppedOf(bits);
  const fields = isByFrames ? 1 : 2;
  const { across, down } = samplesOf(chroma);
  return {
    width: columns * 16 - (left + right) * across,
    height: rows * 16 * fields - (top + bottom) * down * fields,
  };
}

/** H.264, 7.3.2.1.1.1. */
function skipScaling(bits: Bits, size: number): void {
  let last = 8;
  let next = 8;
  for (let at = 0; at < size; at++) {
    if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** H.265, 7.3.2.2.1. */
function sizeOfH265(bits: Bits): PictureSize {
  bits.skip(4);
  const layers = bits.number(3);
  bits.skip(1);
  skipProfiles(bits, layers);
  bits.golomb();
  const chroma = bits.golomb();
  const isSeparate = chroma === 3 && bits.flag();
  const width = bits.golomb();
  const height = bits.golomb();
  const [left, right, top, bottom] = croppedOf(bits);
  const { across, down } = samplesOf(isSeparate ? 0 : chroma);
  return { width: width - (left + right) * across, height: height - (top + bottom) * down };
}

/** `profile_tier_level` (H.265, 7.3.3). */
function skipProfiles(bits: Bits, layers: number): void {
  bits.skip(96);
  const parts = Array.from({ length: layers }, () => ({ hasProfile: bits.flag(), hasLevel: bits.flag() }));
  if (layers > 0) bits.skip(2 * (8 - layers));
  for (const { hasProfile, hasLevel } of parts) bits.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
}

/** What is cut off at the left, right, top and bottom. */
function croppedOf(bits: Bits): readonly [number, number, number, number] {
  if (!bits.flag()) return [0, 0, 0, 0];
  return [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()];
}

/** In how many pixels one step of a cut is counted, by `chroma_format_idc`. */
function samplesOf(chroma: number): { readonly across: number; readonly down: number } {
  return { across: chroma === 1 || chroma === 2 ? 2 : 1, down: chroma === 1 ? 2 : 1 };
}

/** Without the bytes that keep start codes out of a unit (H.264 and H.265, 7.4.1). */
function withoutEscapes(unit: Buffer): Buffer {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}
