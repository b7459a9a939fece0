import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { SourceNetworks } from '../core/camera/sourceNetworks.js';

/** A dial leads to an address that may not be dialled. */
export class NotAllowed extends Error {}

/** Every address of a name; see `dns.lookup`. */
export function lookupAll(
  host: string,
  answer: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
): void {
  resolve(host, { all: true }, (error, addresses) => answer(error, error ? [] : addresses));
}

/** A lookup whose answer holds only addresses that may be dialled; an error where none is left. */
export function checkedLookup(networks: SourceNetworks, lookup: typeof lookupAll = lookupAll): LookupFunction {
  return (host, { all }, answer) => {
    lookup(host, (error, addresses) => {
      const allowed = addresses.filter(({ address }) => networks.isAllowed(address));
      const [first] = allowed;
      if (error) answer(error, '', 0);
      else if (first === undefined) answer(new NotAllowed(), '', 0);
      else if (all === true) answer(null, [...allowed]);
      else answer(null, first.address, first.family);
    });
  };
}
