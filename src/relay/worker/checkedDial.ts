import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { Socket, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { FORBIDDEN_CODE, isLocalhost, sourceHost, type SourceNetworks } from '../../core/camera/sourceNetworks.js';
import { dialBy, type DialAddress } from './dial.js';

/** Finds all addresses of a name; rejects with a code such as `ENOTFOUND`. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

export interface CheckedDialDeps {
  readonly networks: SourceNetworks;
  readonly resolve: Resolve;
}

/** Resolves names as the system does, with its file of hosts. */
export const systemResolve: Resolve = (name) => lookup(name, { all: true });

/**
 * As `dial`, for addresses that a person gave. A name is resolved once for each dial, each address that it has is checked, and the connection
 * is made to a checked one: an answer of the name service that changes after the check changes nothing. Where none may be dialled the
 * connection fails with `FORBIDDEN_CODE`, and nothing is sent.
 */
export function checkedDial({ networks, resolve }: CheckedDialDeps) {
  const lookUp: LookupFunction = (name, { all }, callback) => {
    resolve(name).then(
      (found) => {
        const allowed = found.filter(({ address }) => networks.isAllowed(address));
        const [first] = allowed;
        if (first === undefined) callback(found.length === 0 ? notFound(name) : forbidden(), []);
        else if (all === true) callback(null, [...allowed]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
  return ({ host, ...rest }: DialAddress, receive: (bytes: Buffer) => void): Duplex => {
    const read = sourceHost(host);
    if (read === null || !mayBeAllowed(read)) return new Socket().destroy(forbidden());
    return dialBy({ ...rest, host: read.host }, receive, lookUp);
  };

  function mayBeAllowed({ kind, host }: NonNullable<ReturnType<typeof sourceHost>>): boolean {
    if (kind === 'address') return networks.isAllowed(host);
    return !isLocalhost(host) || networks.isAllowed('127.0.0.1') || networks.isAllowed('::1');
  }
}

function forbidden(): Error {
  return Object.assign(new Error('The address is in a network that may not be dialled.'), { code: FORBIDDEN_CODE });
}

function notFound(name: string): Error {
  return Object.assign(new Error(`${name} has no address.`), { code: 'ENOTFOUND' });
}
