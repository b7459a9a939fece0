import { Bits } from './bits.js';
import type { PictureCodec } from './nalUnits.js';

/** More than any decoder holds back: the SPS was misread. */
const MOST = 16;

/** How many pictures a decoder holds back to put them in order, by the SPS; null: it does not say, or is not readable. */
export function heldBack(codec: PictureCodec, sps: Buffer): number | null {
  const reader = new Bits(withoutEmulation(sps));
  const count = codec === 'h264' ? avcHeldBack(reader) : hevcHeldBack(reader);
  return count === null || count > MOST || reader.left < 0 ? null : count;
}

/** The bytes 0 0 3 stand for 0 0 (H.264, 7.3.1; H.265, 7.3.1.1). */
function withoutEmulation(unit: Buffer): Buffer {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    const isEmulation = zeros >= 2 && byte === 3;
    if (!isEmulation) bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(bytes);
}

const BASELINE = 66;
/** Profiles with a chroma format, bit depths and scaling lists (H.264, 7.3.2.1.1). */
const HIGH_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** `max_num_reorder_frames` of H.264 (E.1.1), or 0 where the profile or the order type allows no other. */
function avcHeldBack(reader: Bits): number | null {
  reader.skip(8);
  const profile = reader.number(8);
  if (profile === BASELINE) return 0;
  reader.skip(16);
  reader.golomb();
  if (HIGH_PROFILES.has(profile)) skipHighFields(reader);
  reader.golomb();
  const orderType = reader.golomb();
  if (orderType === 2) return 0;
  if (orderType === 0) reader.golomb();
  else {
    reader.skip(1);
    reader.golomb();
    reader.golomb();
    for (let left = reader.golomb(); left > 0 && reader.left > 0; left--) reader.golomb();
  }
  reader.golomb();
  reader.skip(1);
  reader.golomb();
  reader.golomb();
  if (!reader.flag()) reader.skip(1);
  reader.skip(1);
  if (reader.flag()) for (let side = 0; side < 4; side++) reader.golomb();
  return reader.flag() ? reorderInVui(reader) : null;
}

function skipHighFields(reader: Bits): void {
  const chroma = reader.golomb();
  if (chroma === 3) reader.skip(1);
  reader.golomb();
  reader.golomb();
  reader.skip(1);
  if (!reader.flag()) return;
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list++)
    if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
}

function skipScalingList(reader: Bits, size: number): void {
  let last = 8;
  let next = 8;
  for (let at = 0; at < size && reader.left > 0; at++) {
    if (next !== 0) next = (last + reader.signedGolomb() + 256) % 256;
    if (next !== 0) last = next;
  }
}

const EXTENDED_RATIO = 255;

/** The usability information of H.264 (E.1.1), of which this field is one of the last. */
function reorderInVui(reader: Bits): number | null {
  if (reader.flag() && reader.number(8) === EXTENDED_RATIO) reader.skip(32);
  if (reader.flag()) reader.skip(1);
  if (reader.flag()) {
    reader.skip(4);
    if (reader.flag()) reader.skip(24);
  }
  if (reader.flag()) {
    reader.golomb();
    reader.golomb();
  }
  if (reader.flag()) reader.skip(65);
  const hasNalRates = reader.flag();
  if (hasNalRates) skipRates(reader);
  const hasRates = reader.flag();
  if (hasRates) skipRates(reader);
  if (hasNalRates || hasRates) reader.skip(1);
  reader.skip(1);
  if (!reader.flag()) return null;
  reader.skip(1);
  for (let field = 0; field < 4; field++) reader.golomb();
  return reader.golomb();
}

/** The parameters of the hypothetical decoder (E.1.2). */
function skipRates(reader: Bits): void {
  const count = reader.golomb() + 1;
  reader.skip(8);
  for (let at = 0; at < count && reader.left > 0; at++) {
    reader.golomb();
    reader.golomb();
    reader.skip(1);
  }
  reader.skip(20);
}

/** Profile of a layer, without its level (H.265, 7.3.3). */
const PROFILE_BITS = 88;
const LEVEL_BITS = 8;

/** `sps_max_num_reorder_pics` of the highest layer of H.265 (7.3.2.2.1). */
function hevcHeldBack(reader: Bits): number | null {
  reader.skip(16 + 4);
  const layers = reader.number(3);
  reader.skip(1 + PROFILE_BITS + LEVEL_BITS);
  const present = Array.from({ length: layers }, () => [reader.flag(), reader.flag()] as const);
  if (layers > 0) reader.skip(2 * (8 - layers));
  for (const [hasProfile, hasLevel] of present)
    reader.skip((hasProfile ? PROFILE_BITS : 0) + (hasLevel ? LEVEL_BITS : 0));
  reader.golomb();
  if (reader.golomb() === 3) reader.skip(1);
  reader.golomb();
  reader.golomb();
  if (reader.flag()) for (let side = 0; side < 4; side++) reader.golomb();
  reader.golomb();
  reader.golomb();
  reader.golomb();
  const said = reader.flag() ? layers + 1 : 1;
  let count = 0;
  for (let layer = 0; layer < said; layer++) {
    reader.golomb();
    count = reader.golomb();
    reader.golomb();
  }
  return count;
}
