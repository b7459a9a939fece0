import type { PictureCodec } from '../units/nalUnits.js';

/** What a payload brings of NAL units: whole ones, or a part of one. */
export interface NalPart {
  /** The header of the NAL unit, where this part begins one; null: the part goes on. */
  readonly head: Buffer | null;
  /** What follows the header. */
  readonly body: Buffer;
  /** The NAL unit ends with this part. */
  readonly isEnd: boolean;
}

/** Splits a payload into NAL units and parts of them. null: the payload is not readable. */
export type NalReader = (payload: Buffer) => readonly NalPart[] | null;

const STAP_A = 24;
const STAP_B = 25;
const FU_A = 28;
const FU_B = 29;
const HEVC_AP = 48;
const HEVC_FU = 49;
/** Numbers from here on are for packets, not for NAL units (RFC 6184, table 1; RFC 7798, section 4.4). */
const AVC_PACKETS = 24;
const HEVC_PACKETS = 48;

/** H.264 (RFC 6184): single units, STAP-A and FU-A; also STAP-B and FU-B, read as if their units came in decoding order. */
export function avcParts(payload: Buffer): readonly NalPart[] | null {
  if (payload.length < 1) return null;
  const first = payload.readUInt8();
  const type = first & 0x1f;
  if (type > 0 && type < AVC_PACKETS) return [whole(payload, 1)];
  if (type === STAP_A) return aggregated(payload.subarray(1), 1, 0);
  if (type === STAP_B) return aggregated(payload.subarray(3), 1, 0);
  if ((type !== FU_A && type !== FU_B) || payload.length < 3) return null;
  const header = payload.readUInt8(1);
  const isStart = (header & 0x80) !== 0;
  const head = isStart ? Buffer.from([(first & 0xe0) | (header & 0x1f)]) : null;
  // FU-B alone begins with a decoding order number, and only as the first fragment.
  const at = type === FU_B ? 4 : 2;
  return [{ head, body: payload.subarray(at), isEnd: (header & 0x40) !== 0 }];
}

/** H.265 (RFC 7798). `hasOrder`: `sprop-max-don-diff` is above 0, so packets carry decoding order numbers (DONL, DOND). */
export function hevcParts(payload: Buffer, hasOrder: boolean): readonly NalPart[] | null {
  if (payload.length < 3) return null;
  const [first, second] = [payload.readUInt8(), payload.readUInt8(1)];
  const type = (first >> 1) & 0x3f;
  const order = hasOrder ? 2 : 0;
  if (type < HEVC_PACKETS) {
    if (!hasOrder) return [whole(payload, 2)];
    return [{ head: payload.subarray(0, 2), body: payload.subarray(2 + order), isEnd: true }];
  }
  if (type === HEVC_AP) return aggregated(payload.subarray(2 + order), 2, hasOrder ? 1 : 0);
  if (type !== HEVC_FU) return null;
  const header = payload.readUInt8(2);
  const isStart = (header & 0x80) !== 0;
  const head = isStart ? Buffer.from([(first & 0x81) | ((header & 0x3f) << 1), second]) : null;
  return [{ head, body: payload.subarray(3 + (isStart ? order : 0)), isEnd: (header & 0x40) !== 0 }];
}

export function nalReader(codec: PictureCodec, hasOrder: boolean): NalReader {
  return codec === 'h264' ? avcParts : (payload) => hevcParts(payload, hasOrder);
}

function whole(unit: Buffer, headBytes: number): NalPart {
  return { head: unit.subarray(0, headBytes), body: unit.subarray(headBytes), isEnd: true };
}

/** `between`: bytes in front of the length of each unit but the first. */
function aggregated(bytes: Buffer, headBytes: number, between: number): readonly NalPart[] | null {
  const parts: NalPart[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const length = bytes.readUInt16BE(at);
    const end = at + 2 + length;
    if (end > bytes.length) return null;
    // A length of 0 is padding of some senders.
    if (length >= headBytes) parts.push(whole(bytes.subarray(at + 2, end), headBytes));
    at = end + between;
  }
  return parts.length === 0 ? null : parts;
}
