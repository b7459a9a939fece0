import type { Pair } from './transport.js';

export interface UdpPackets {
  readonly isReport: boolean;
  readonly packet: Buffer;
  /** The sender's IP address. */
  readonly from: string;
}

/** Two UDP ports of ours, of which the first is even, as RTP wants (RFC 3550, section 11). */
export interface UdpPorts {
  readonly ports: Pair;
  /** Sends to the same kind of port at the camera. Failures are ignored: packets may get lost. */
  send(isReport: boolean, packet: Buffer, port: number, address: string): void;
  close(): void;
}

/** Opens the ports for an address of IPv4 or IPv6. Rejects when none are free. */
export type OpenUdp = (family: 4 | 6, receive: (packets: UdpPackets) => void) => Promise<UdpPorts>;

/** The same address in one form: an IPv4 address may be written as one of IPv6. */
export function plainAddress(address: string): string {
  return address
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();
}
