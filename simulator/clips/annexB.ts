const NAL_IDR = 5;
const NAL_SPS = 7;
const NAL_PPS = 8;

/** The NAL units of an H.264 or H.265 byte stream (start codes of three or four bytes), as views into it. */
export function splitAnnexB(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let begin = -1;
  for (let at = stream.indexOf(START_CODE); at !== -1; at = stream.indexOf(START_CODE, at + 3)) {
    if (begin !== -1) units.push(withoutTrailingZero(stream.subarray(begin, at)));
    begin = at + 3;
  }
  if (begin !== -1) units.push(stream.subarray(begin));
  return units;
}

const START_CODE = Buffer.from([0, 0, 1]);

/** The zero belongs to the four-byte start code that follows: a NAL unit never ends in one. */
function withoutTrailingZero(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

/** The body of the FLV video tag that opens an H.264 stream (AVCDecoderConfigurationRecord); null without SPS and PPS. */
export function flvSequenceHeader(units: readonly Buffer[]): Buffer | null {
  const sps = units.find((unit) => nalType(unit) === NAL_SPS);
  const pps = units.find((unit) => nalType(unit) === NAL_PPS);
  if (!sps || !pps || sps.length < 4) return null;
  const tag = [0x17, 0, 0, 0, 0];
  const record = [1, ...sps.subarray(1, 4), 0xff]; // lengths of four bytes
  return Buffer.concat([Buffer.from([...tag, ...record, 0xe1]), sized(sps), Buffer.from([1]), sized(pps)]);
}

function sized(unit: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(unit.length);
  return Buffer.concat([length, unit]);
}

/**
 * The body of the FLV video tag of one frame. `shownAfterMs`: presentation minus decoding time. Parameter sets are left out, since the
 * sequence header has them.
 */
export function flvFrame(units: readonly Buffer[], shownAfterMs = 0): Buffer {
  const pictures = units.filter((unit) => nalType(unit) !== NAL_SPS && nalType(unit) !== NAL_PPS);
  const isKey = pictures.some((unit) => nalType(unit) === NAL_IDR);
  const parts: Buffer[] = [Buffer.from([isKey ? 0x17 : 0x27, 1, 0, 0, 0])];
  parts[0]?.writeUIntBE(shownAfterMs, 2, 3);
  for (const unit of pictures) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(unit.length);
    parts.push(length, unit);
  }
  return Buffer.concat(parts);
}

function nalType(unit: Buffer): number {
  return (unit[0] ?? 0) & 0x1f;
}
