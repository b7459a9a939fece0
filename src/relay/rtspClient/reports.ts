import type { Random } from '../../core/clock.js';

const RECEIVER_REPORT = 201;

/** A receiver report (RFC 3550, section 6.4.2) about no packets: it shows that we are there, which some cameras want to see. */
export function emptyReport(random: Random): Buffer {
  const report = Buffer.alloc(8);
  report.writeUInt8(0x80, 0);
  report.writeUInt8(RECEIVER_REPORT, 1);
  report.writeUInt16BE(1, 2);
  report.writeUInt32BE(Math.floor(random() * 2 ** 32), 4);
  return report;
}

/** A packet of RTP without content: sent from a UDP port, it lets the camera's packets through firewalls on the way. */
export function emptyPacket(): Buffer {
  const packet = Buffer.alloc(12);
  packet.writeUInt8(0x80, 0);
  return packet;
}
