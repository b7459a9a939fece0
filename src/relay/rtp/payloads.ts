import type { PictureCodec } from '../units/nalUnits.js';

/** Fits into an Ethernet frame with all headers; MediaMTX passes such packets on to WebRTC as they are. */
const MOST_PAYLOAD_BYTES = 1_400;
const FU_A = 28;
const HEVC_FU = 49;

/** The payload of one packet: header bytes, and behind them a part of the access unit, which is not copied. */
export interface Payload {
  readonly head: readonly number[];
  readonly body: Buffer;
  /** How much later than the access unit this part begins, in ticks of the track's clock. */
  readonly ticks: number;
  /** RTP's marker: for pictures and AAC, the access unit ends here. */
  readonly isLast: boolean;
}

const NO_HEAD: readonly number[] = [];

/** One access unit of pictures as RTP payloads: whole NAL units, and fragments of long ones (RFC 6184 section 5, RFC 7798 section 4.4). */
export function picturePayloads(codec: PictureCodec, units: readonly Buffer[]): Payload[] {
  const payloads: Payload[] = [];
  for (const [at, unit] of units.entries()) {
    const isLast = at === units.length - 1;
    if (unit.length <= MOST_PAYLOAD_BYTES) payloads.push({ head: NO_HEAD, body: unit, ticks: 0, isLast });
    else if (codec === 'h264') payloads.push(...avcFragments(unit, isLast));
    else payloads.push(...hevcFragments(unit, isLast));
  }
  return payloads;
}

function avcFragments(unit: Buffer, endsPicture: boolean): Payload[] {
  const first = unit.readUInt8();
  return fragments(unit.subarray(1), endsPicture, (mark) => [(first & 0xe0) | FU_A, mark | (first & 0x1f)]);
}

function hevcFragments(unit: Buffer, endsPicture: boolean): Payload[] {
  const [first, second] = [unit.readUInt8(), unit.readUInt8(1)];
  const type = (first >> 1) & 0x3f;
  return fragments(unit.subarray(2), endsPicture, (mark) => [(first & 0x81) | (HEVC_FU << 1), second, mark | type]);
}

/** `mark`: 0x80 on the first fragment, 0x40 on the last one. */
function fragments(body: Buffer, endsPicture: boolean, header: (mark: number) => readonly number[]): Payload[] {
  const most = MOST_PAYLOAD_BYTES - header(0).length;
  const parts: Payload[] = [];
  for (let at = 0; at < body.length; at += most) {
    const isLast = at + most >= body.length;
    const mark = at === 0 ? 0x80 : isLast ? 0x40 : 0;
    parts.push({
      head: header(mark),
      body: body.subarray(at, at + most),
      ticks: 0,
      isLast: isLast && endsPicture,
    });
  }
  return parts;
}

/** The size in front of an AAC frame has 13 bits. */
const LONGEST_AAC_FRAME = 0x1fff;

/**
 * One AAC frame in the form `AAC-hbr` (RFC 3640, section 3.3.6): a header of 13 bits of size and 3 of index. The frame is not split, since
 * the packet travels inside TCP. null: the frame is longer than the form allows; no camera sends such a frame.
 */
export function aacPayload(frame: Buffer): Payload | null {
  if (frame.length > LONGEST_AAC_FRAME) return null;
  const size = frame.length << 3;
  return { head: [0, 16, size >> 8, size & 0xff], body: frame, ticks: 0, isLast: true };
}

/** One Opus packet (RFC 7587, section 4.2). It is not split, since the packet travels inside TCP. */
export function opusPayload(packet: Buffer): Payload {
  return { head: NO_HEAD, body: packet, ticks: 0, isLast: false };
}

/** G.711 in pieces of whole samples of all channels, each with its distance from the first sample (a sample of a channel is one byte). */
export function plainPayloads(data: Buffer, channels = 1): Payload[] {
  const parts: Payload[] = [];
  const most = MOST_PAYLOAD_BYTES - (MOST_PAYLOAD_BYTES % channels);
  for (let at = 0; at < data.length; at += most)
    parts.push({ head: NO_HEAD, body: data.subarray(at, at + most), ticks: at / channels, isLast: false });
  return parts;
}
