import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectEncrypted } from 'node:tls';
import type { PlayAddress } from '../rtmp/playTarget.js';

/** Enough for a key frame of a camera of 2 Mbit/s in one read. */
const READ_BYTES = 256 * 1_024;
/** Shared by all connections: bytes are taken before the next read. Fresh memory for each read would cost more than the read itself. */
const memory = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Opens a connection to an RTMP server; for RTMPS the server's certificate is checked. `receive` is called with the bytes that arrive; it may
 * change them, and must not keep them: their memory is used again after it returns.
 */
export function dial({ host, port, isEncrypted }: PlayAddress, receive: (bytes: Buffer) => void): Duplex {
  if (isEncrypted) {
    const socket = connectEncrypted({ host, port, ...(isIP(host) === 0 && { servername: host }) });
    return socket.on('data', receive);
  }
  const take = (count: number): boolean => {
    receive(memory.subarray(0, count));
    return true;
  };
  return connect({ host, port, noDelay: true, onread: { buffer: memory, callback: take } });
}
