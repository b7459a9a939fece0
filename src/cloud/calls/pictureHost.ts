import dns from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { withoutTrailing } from '../../core/boundedText.js';
import { hasSuffix } from '../../core/camera/hosts.js';

/** The fault's code when a name resolves to an address that is not public. */
export const NOT_PUBLIC = 'ENOTPUBLIC';

const notPublic = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6');
}

/**
 * True when a picture may be fetched from this URL. The clouds keep pictures in object stores on hosts that no list can name, so
 * any named https host is allowed, but no bare address and no name of the local network: a forged reply could make camlease read
 * from there.
 */
export function isPictureUrlAllowed(text: string, extraHosts: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (['https:', 'http:'].includes(url.protocol) && hasSuffix(url.hostname, extraHosts)) return true;
  const host = withoutTrailing(url.hostname.replace(/^\[|\]$/g, ''), '.');
  if (url.protocol !== 'https:' || isIP(host) !== 0 || !host.includes('.')) return false;
  return !hasSuffix(host, ['localhost', 'local', 'internal', 'lan', 'home.arpa']);
}

/** A name lookup that refuses public names that point into the local network; `extraHosts` may point there. */
export function publicLookup(extraHosts: readonly string[]): LookupFunction {
  return (hostname, options, done) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        done(error, '', 0);
        return;
      }
      const [first] = addresses;
      if (!first || (!hasSuffix(hostname, extraHosts) && addresses.some(({ address }) => isNotPublic(address)))) {
        done(Object.assign(new Error('not a public address'), { code: NOT_PUBLIC }), '', 0);
        return;
      }
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/** True for an IP address that is not public on the internet. */
export function isNotPublic(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return notPublic.check(mapped, 'ipv4');
  return notPublic.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
