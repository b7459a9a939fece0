/**
 * RTP and RTCP packets interleaved into RTSP over TCP: `$`, a channel and a length in front of each packet (RFC 7826, 14). They stay in front
 * of it here, so that a packet can be passed on without copying.
 */
export const FRAME_HEAD_BYTES = 4;
const RTP_HEAD_BYTES = 12;

export function channelOf(frame: Buffer): number {
  return frame[1] ?? 0;
}

/** False: the packet is too short, or not RTP of version 2. */
export function isRtp(frame: Buffer): boolean {
  return frame.length >= FRAME_HEAD_BYTES + RTP_HEAD_BYTES && (frame[FRAME_HEAD_BYTES] ?? 0) >> 6 === 2;
}

export function timestampOf(frame: Buffer): number {
  return frame.readUInt32BE(FRAME_HEAD_BYTES + 4);
}

/** The packet's payload without padding; empty: the packet is incomplete. */
export function payloadOf(frame: Buffer): Buffer {
  const flags = frame[FRAME_HEAD_BYTES] ?? 0;
  let start = FRAME_HEAD_BYTES + RTP_HEAD_BYTES + (flags & 0x0f) * 4;
  if (flags & 0x10 && start + 4 <= frame.length) start += 4 + frame.readUInt16BE(start + 2) * 4;
  const end = frame.length - (flags & 0x20 ? (frame[frame.length - 1] ?? 0) : 0);
  return frame.subarray(Math.min(start, frame.length), Math.max(start, end));
}

export interface Stamp {
  readonly channel: number;
  readonly payloadType: number;
  readonly sequence: number;
  /** Cut to 32 bits here. */
  readonly timestamp: number;
  readonly source: number;
}

/** Changes a packet, in place, into one of another session. */
export function restamp(frame: Buffer, { channel, payloadType, sequence, timestamp, source }: Stamp): void {
  frame[1] = channel;
  frame[FRAME_HEAD_BYTES + 1] = ((frame[FRAME_HEAD_BYTES + 1] ?? 0) & 0x80) | payloadType;
  frame.writeUInt16BE(sequence & 0xffff, FRAME_HEAD_BYTES + 2);
  frame.writeUInt32BE(uint32(timestamp), FRAME_HEAD_BYTES + 4);
  frame.writeUInt32BE(source, FRAME_HEAD_BYTES + 8);
}

/** A new packet, to be completed by `restamp`. */
export function packetOf(payload: Buffer): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + RTP_HEAD_BYTES + payload.length);
  frame[0] = 0x24;
  frame.writeUInt16BE(RTP_HEAD_BYTES + payload.length, 2);
  frame[FRAME_HEAD_BYTES] = 0x80;
  payload.copy(frame, FRAME_HEAD_BYTES + RTP_HEAD_BYTES);
  return frame;
}

function uint32(value: number): number {
  return ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
