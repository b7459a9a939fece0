const NAL_IDR_W_RADL = 19;
const NAL_IDR_N_LP = 20;
const NAL_VPS = 32;
const NAL_SPS = 33;
const NAL_PPS = 34;

/** Enhanced RTMP: the flag of an extended video tag, the frame type (key or not), and the packet types. */
const EXTENDED = 0x80;
const KEY = 0x10;
const INTER = 0x20;
const SEQUENCE_START = 0;
const CODED_FRAMES_X = 3;
const FOUR_CC = Buffer.from('hvc1');

/** The body of the FLV video tag that opens an H.265 stream (HEVCDecoderConfigurationRecord); null without parameter sets. */
export function flvHevcSequenceHeader(units: readonly Buffer[]): Buffer | null {
  const [vps, sps, pps] = [NAL_VPS, NAL_SPS, NAL_PPS].map((type) => units.find((unit) => nalType(unit) === type));
  if (!vps || !sps || !pps) return null;
  // Profile, tier and level follow the two bytes of the unit's header and one byte about layers.
  const profile = withoutEscapes(sps).subarray(3, 15);
  const record = Buffer.concat([
    Buffer.from([1]),
    profile,
    // No spatial segmentation, parallelism unknown, 4:2:0, eight bits, frame rate not given, one layer, lengths of four bytes.
    Buffer.from([0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f, 3]),
    ...[vps, sps, pps].map((unit) => arrayOf(unit)),
  ]);
  return Buffer.concat([Buffer.from([EXTENDED | KEY | SEQUENCE_START]), FOUR_CC, record]);
}

/** The body of the FLV video tag of one frame; parameter sets are left out, they are in the sequence header. */
export function flvHevcFrame(units: readonly Buffer[]): Buffer {
  const pictures = units.filter((unit) => nalType(unit) < NAL_VPS);
  const isKey = pictures.some((unit) => nalType(unit) === NAL_IDR_W_RADL || nalType(unit) === NAL_IDR_N_LP);
  const parts: Buffer[] = [Buffer.from([EXTENDED | (isKey ? KEY : INTER) | CODED_FRAMES_X]), FOUR_CC];
  for (const unit of pictures) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(unit.length);
    parts.push(length, unit);
  }
  return Buffer.concat(parts);
}

function arrayOf(unit: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = 0x80 | nalType(unit);
  head.writeUInt16BE(1, 1);
  head.writeUInt16BE(unit.length, 3);
  return Buffer.concat([head, unit]);
}

/** Removes the 3 of every 0 0 3, which encoders insert so that no start code appears inside a unit. */
function withoutEscapes(unit: Buffer): Buffer {
  const bytes: number[] = [];
  for (const byte of unit) {
    if (byte === 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(-1);
    else bytes.push(byte);
  }
  return Buffer.from(bytes.filter((byte) => byte >= 0));
}

function nalType(unit: Buffer): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}
