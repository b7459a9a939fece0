import type { Payload } from '../rtp/payloads.js';
import { packetBytes, type RtpTrack } from '../rtp/rtpTrack.js';

const HEADER_BYTES = 4;

/**
 * The packets of one access unit, interleaved into an RTSP connection (RFC 2326, section 10.12), in one piece of memory: one write for all
 * packets costs a third of one write for each. `channel`: 0 to 255. `memoryFor`: returns memory of the given length in bytes.
 */
export function interleavedPackets(
  track: RtpTrack,
  channel: number,
  payloads: readonly Payload[],
  timeMs: number,
  memoryFor: (length: number) => Buffer,
): Buffer {
  let total = 0;
  for (const payload of payloads) total += HEADER_BYTES + packetBytes(payload);
  const bytes = memoryFor(total);
  let at = 0;
  for (const payload of payloads) {
    header(channel, packetBytes(payload), bytes, at);
    at = track.write(payload, timeMs, bytes, at + HEADER_BYTES);
  }
  return bytes;
}

/** One complete packet, such as a sender report, interleaved into an RTSP connection. */
export function interleaved(channel: number, packet: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + packet.length);
  header(channel, packet.length, bytes, 0);
  packet.copy(bytes, HEADER_BYTES);
  return bytes;
}

function header(channel: number, packetLength: number, to: Buffer, at: number): void {
  to[at] = 0x24;
  to[at + 1] = channel;
  to.writeUInt16BE(packetLength, at + 2);
}
