import { connect, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectEncrypted } from 'node:tls';

/** Enough for a key frame of a camera of 2 Mbit/s in one read. */
const READ_BYTES = 256 * 1_024;
/** Shared by all connections: bytes are taken before the next read. Fresh memory for each read would cost more than the read itself. */
const memory = Buffer.allocUnsafeSlow(READ_BYTES);

export interface DialAddress {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
}

/**
 * Opens a connection to a server; for an encrypted one the server's certificate is checked. `receive` is called with the bytes that arrive; it
 * may change them, and must not keep them: their memory is used again after it returns.
 */
export function dial(address: DialAddress, receive: (bytes: Buffer) => void): Duplex {
  return dialBy(address, receive);
}

/** `lookup` finds the addresses of a name, and the connection is made to one of them; absent: the system's resolver. */
export function dialBy(
  { host, port, isEncrypted }: DialAddress,
  receive: (bytes: Buffer) => void,
  lookup?: LookupFunction,
): Duplex {
  const to = { host, port, ...(lookup && { lookup }) };
  if (isEncrypted) {
    const socket = connectEncrypted({ ...to, ...(isIP(host) === 0 && { servername: host }) });
    return socket.on('data', receive);
  }
  const take = (count: number): boolean => {
    receive(memory.subarray(0, count));
    return true;
  };
  return connect({ ...to, noDelay: true, onread: { buffer: memory, callback: take } });
}
