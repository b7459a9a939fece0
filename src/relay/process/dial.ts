import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectEncrypted } from 'node:tls';
import type { PlayAddress } from '../rtmp/playTarget.js';

/** Opens a connection to a server that is pulled; RTMPS checks its certificate. */
export function dial({ host, port, isEncrypted }: PlayAddress): Duplex {
  if (!isEncrypted) return connect({ host, port, noDelay: true });
  return connectEncrypted({ host, port, ...(isIP(host) === 0 && { servername: host }) });
}
