/** What a sender says of its clock: at this moment of its wall clock, the track's time stamp was this (RFC 3550, section 6.4.1). */
export interface SenderReport {
  readonly source: number;
  /** The sender's wall clock in ms since 1900; 0: it has none. */
  readonly wallMs: number;
  /** 32 bits. */
  readonly timestamp: number;
}

const SENDER_REPORT = 200;
const REPORT_BYTES = 20;

/** The first sender report in a compound packet of RTCP; null: it holds none. */
export function senderReport(bytes: Buffer): SenderReport | null {
  for (let at = 0; at + 4 <= bytes.length;) {
    if (bytes.readUInt8(at) >> 6 !== 2) return null;
    const isWhole = at + REPORT_BYTES <= bytes.length;
    if (bytes.readUInt8(at + 1) === SENDER_REPORT && isWhole) {
      const seconds = bytes.readUInt32BE(at + 8);
      const fraction = bytes.readUInt32BE(at + 12) / 2 ** 32;
      return {
        source: bytes.readUInt32BE(at + 4),
        wallMs: (seconds + fraction) * 1_000,
        timestamp: bytes.readUInt32BE(at + 16),
      };
    }
    at += 4 * (bytes.readUInt16BE(at + 2) + 1);
  }
  return null;
}
