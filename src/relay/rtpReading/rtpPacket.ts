/** One RTP packet (RFC 3550, section 5.1). */
export interface RtpPacket {
  readonly payloadType: number;
  readonly isMarked: boolean;
  /** 16 bits, wraps. */
  readonly sequence: number;
  /** 32 bits, wraps. */
  readonly timestamp: number;
  /** The number of its source (SSRC). */
  readonly source: number;
  /** Without header, extension and padding. */
  readonly payload: Buffer;
}

const HEADER_BYTES = 12;

/** null: the bytes are no RTP packet. */
export function rtpPacket(bytes: Buffer): RtpPacket | null {
  const [first, second] = [bytes[0] ?? 0, bytes[1] ?? 0];
  if (bytes.length < HEADER_BYTES || first >> 6 !== 2) return null;
  let start = HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (start + 4 > bytes.length) return null;
    start += 4 + 4 * bytes.readUInt16BE(start + 2);
  }
  const padding = (first & 0x20) === 0 ? 0 : (bytes[bytes.length - 1] ?? 0);
  const end = bytes.length - padding;
  if (start > end) return null;
  return {
    payloadType: second & 0x7f,
    isMarked: (second & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    source: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
  };
}
