import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { FORBIDDEN_CODE } from '../../core/camera/sourceNetworks.js';

/** Why the connection of a pull broke. */
export type BrokenConnection =
  /** `code`: the system's, Node's or OpenSSL's, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  | { readonly why: 'forbidden' | 'certificate' | 'connection'; readonly code: string; readonly description: string }
  | { readonly why: 'protocol'; readonly description: string };

/** What an error of a connection to a source means. */
export function brokenBy({ code = 'ERROR' }: NodeJS.ErrnoException, socket: Duplex): BrokenConnection {
  if (code === FORBIDDEN_CODE)
    return { why: 'forbidden', code, description: 'The address is in a network that may not be dialled.' };
  const fault: unknown = socket instanceof TLSSocket ? socket.authorizationError : null;
  if (fault)
    return { why: 'certificate', code, description: 'The relay does not trust the certificate of the server.' };
  // The server does not speak TLS on this port, or only a version that is too old.
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return { why: 'protocol', description: `The handshake of TLS failed (${code}).` };
  return { why: 'connection', code, description: 'The connection broke.' };
}
