import type { PictureCodec } from '../rtmp/nalUnits.js';

/** Fits into an Ethernet frame with all headers; MediaMTX passes such packets on to WebRTC as they are. */
const MOST_PAYLOAD_BYTES = 1_400;
const FU_A = 28;
const HEVC_FU = 49;

export interface Payload {
  readonly data: Buffer;
  /** The access unit ends here. */
  readonly isLast: boolean;
}

/** One access unit of pictures as RTP payloads: whole NAL units, and fragments of long ones (RFC 6184 section 5, RFC 7798 section 4.4). */
export function picturePayloads(codec: PictureCodec, units: readonly Buffer[]): Payload[] {
  const parts = units.flatMap((unit) => {
    if (unit.length <= MOST_PAYLOAD_BYTES) return [unit];
    return codec === 'h264' ? avcFragments(unit) : hevcFragments(unit);
  });
  return parts.map((data, at) => ({ data, isLast: at === parts.length - 1 }));
}

function avcFragments(unit: Buffer): Buffer[] {
  const first = unit.readUInt8();
  return fragments(unit.subarray(1), 2, (mark) => [(first & 0xe0) | FU_A, mark | (first & 0x1f)]);
}

function hevcFragments(unit: Buffer): Buffer[] {
  const [first, second] = [unit.readUInt8(), unit.readUInt8(1)];
  const type = (first >> 1) & 0x3f;
  return fragments(unit.subarray(2), 3, (mark) => [(first & 0x81) | (HEVC_FU << 1), second, mark | type]);
}

/** `mark`: 0x80 on the first fragment, 0x40 on the last one. */
function fragments(body: Buffer, headerBytes: number, header: (mark: number) => readonly number[]): Buffer[] {
  const most = MOST_PAYLOAD_BYTES - headerBytes;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += most) {
    const mark = at === 0 ? 0x80 : at + most >= body.length ? 0x40 : 0;
    parts.push(Buffer.concat([Buffer.from(header(mark)), body.subarray(at, at + most)]));
  }
  return parts;
}

/** The size in front of an AAC frame has 13 bits. */
const LONGEST_AAC_FRAME = 0x1fff;

/**
 * One AAC frame in the form `AAC-hbr` (RFC 3640, section 3.3.6): a header of 13 bits of size and 3 of index. Not cut: the packet
 * travels inside TCP. null: it is longer than the form can say, so it is no frame of a camera.
 */
export function aacPayload(frame: Buffer): Buffer | null {
  if (frame.length > LONGEST_AAC_FRAME) return null;
  const header = Buffer.alloc(4);
  header.writeUInt16BE(16, 0);
  header.writeUInt16BE(frame.length << 3, 2);
  return Buffer.concat([header, frame]);
}

/** G.711 in pieces, each with its distance from the first sample (one byte is one sample of one channel). */
export function plainPayloads(data: Buffer): { readonly data: Buffer; readonly ticks: number }[] {
  const parts: { data: Buffer; ticks: number }[] = [];
  for (let at = 0; at < data.length; at += MOST_PAYLOAD_BYTES)
    parts.push({ data: data.subarray(at, at + MOST_PAYLOAD_BYTES), ticks: at });
  return parts;
}
