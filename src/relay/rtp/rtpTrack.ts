import type { Payload } from './payloads.js';

/** First numbers of one RTP stream, chosen at random so that a receiver cannot mistake two streams for one (RFC 3550, section 5.1). */
export interface RtpNumbers {
  /** 0 to 65,535. */
  readonly sequence: number;
  /** 32 bits. */
  readonly timestamp: number;
  /** 32 bits. */
  readonly source: number;
}

export interface RtpTrackOptions {
  /** 0 to 127. */
  readonly payloadType: number;
  /** Ticks of the time stamp in a second. */
  readonly clockRate: number;
  readonly numbers: RtpNumbers;
}

const HEADER_BYTES = 12;

/** Length in bytes of the packet of a payload. */
export function packetBytes({ head, body }: Payload): number {
  return HEADER_BYTES + head.length + body.length;
}

/** From NTP's epoch (1900) to Unix's (1970). */
const NTP_OFFSET_SECONDS = 2_208_988_800;

/** Makes the RTP packets and the sender reports of one track. Times are milliseconds on a clock that all tracks of a stream share. */
export class RtpTrack {
  readonly clockRate: number;
  readonly #payloadType: number;
  readonly #firstTimestamp: number;
  readonly #source: number;
  #sequence: number;
  #packets = 0;
  #bytes = 0;

  constructor({ payloadType, clockRate, numbers }: RtpTrackOptions) {
    this.clockRate = clockRate;
    this.#payloadType = payloadType;
    this.#sequence = numbers.sequence & 0xffff;
    this.#firstTimestamp = numbers.timestamp >>> 0;
    this.#source = numbers.source >>> 0;
  }

  /** The RTP time stamp: 32 bits, wraps. */
  timestampAt(timeMs: number): number {
    return (this.#firstTimestamp + Math.round((timeMs * this.clockRate) / 1_000)) >>> 0;
  }

  /** Writes the next packet into `to` from `at` on; returns where the packet ends, `packetBytes` further on. */
  write({ head, body, ticks, isLast }: Payload, timeMs: number, to: Buffer, at: number): number {
    to[at] = 0x80;
    to[at + 1] = this.#payloadType | (isLast ? 0x80 : 0);
    to.writeUInt16BE(this.#sequence, at + 2);
    to.writeUInt32BE((this.timestampAt(timeMs) + ticks) >>> 0, at + 4);
    to.writeUInt32BE(this.#source, at + 8);
    let end = at + HEADER_BYTES;
    for (const byte of head) to[end++] = byte;
    end += body.copy(to, end);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#bytes += head.length + body.length;
    return end;
  }

  /** Ties the track's time to the wall clock, so that a receiver keeps sound and picture together (RFC 3550, section 6.4.1). */
  senderReport(timeMs: number, wallClockMs: number): Buffer {
    const report = Buffer.alloc(28);
    report.writeUInt8(0x80, 0);
    report.writeUInt8(200, 1);
    report.writeUInt16BE(6, 2);
    report.writeUInt32BE(this.#source, 4);
    report.writeUInt32BE((Math.floor(wallClockMs / 1_000) + NTP_OFFSET_SECONDS) >>> 0, 8);
    report.writeUInt32BE(Math.floor(((wallClockMs % 1_000) / 1_000) * 2 ** 32) >>> 0, 12);
    report.writeUInt32BE(this.timestampAt(timeMs), 16);
    report.writeUInt32BE(this.#packets % 2 ** 32, 20);
    report.writeUInt32BE(this.#bytes % 2 ** 32, 24);
    return report;
  }
}
