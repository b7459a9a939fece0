import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectEncrypted } from 'node:tls';
import type { PlayAddress } from '../rtmp/playTarget.js';

/** A key frame of a camera of 2 Mbit/s comes in one read. */
const READ_BYTES = 256 * 1_024;
/** Shared by all connections: what was read is taken before the next read, and memory of its own for each read costs more than the read. */
const memory = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Opens a connection to a server that is pulled; RTMPS checks its certificate. `receive` is called with what arrives; the bytes are its own
 * to change until it returns, and other ones afterwards.
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
