import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/** The code of a dial's error where the address is in no network that may be dialled. */
export const FORBIDDEN_CODE = 'SOURCE_FORBIDDEN';

/** Which addresses may be dialled that a person gave. */
export interface SourceNetworks {
  /** True: the IP address may be dialled. False for a text that is none. */
  isAllowed(ip: string): boolean;
}

/** Where the host of a URL leads: to an IP address in its usual form, or to a name, which has to be resolved first. */
export type SourceHost = { readonly kind: 'address' | 'name'; readonly host: string };

/**
 * Networks that nobody means as a camera, though requests from this machine may reach something there: this machine itself, the links
 * around it, the clouds' services for machines that run there (with them their keys), and addresses of no single machine.
 */
const NEVER: readonly Network[] = [
  '0.0.0.0/8', // this machine (RFC 1122)
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local; the metadata of most clouds
  '100.100.100.200/32', // metadata of Alibaba Cloud
  '168.63.129.16/32', // the wire server of Azure
  '192.0.0.0/24', // assignments of the IETF; 192.0.0.192: metadata of Oracle Cloud
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved; 255.255.255.255: broadcast
  '::/128', // unspecified
  '::1/128', // loopback
  'fe80::/10', // link-local
  'fec0::/10', // site-local, which has been withdrawn (RFC 3879)
  'ff00::/8', // multicast
  'fd00:ec2::/32', // metadata of AWS: fd00:ec2::254
  'fd20:ce::254/128', // metadata of Google Cloud
  'fd00:42::42/128', // metadata of Scaleway
  'fd00:c1::a9fe:a9fe/128', // metadata of Oracle Cloud
  '2001::/32', // Teredo, which hides an IPv4 address and reaches no camera
].map((text) => ipaddr.parseCIDR(text));

/** IPv6 networks whose addresses lead to the IPv4 address in them, with the byte at which it begins. */
const AROUND_IPV4: readonly (readonly [network: Network, at: number])[] = (
  [
    ['::ffff:0:0/96', 12], // mapped (RFC 4291)
    ['::/96', 12], // compatible (RFC 4291)
    ['::ffff:0:0:0/96', 12], // translated (RFC 2765)
    ['64:ff9b::/96', 12], // NAT64 (RFC 6052)
    ['64:ff9b:1::/48', 12], // NAT64 of one site (RFC 8215)
    ['2002::/16', 2], // 6to4 (RFC 3056)
  ] as const
).map(([text, at]) => [ipaddr.parseCIDR(text), at]);

const MOST_NETWORKS = 200;

/** The entries of a comma list that are neither an IP address nor a network in CIDR form; an entry too many counts as well. */
export function wrongNetworks(text: string): readonly string[] {
  const entries = entriesOf(text);
  return [
    ...entries.slice(0, MOST_NETWORKS).filter((entry) => networkOf(entry) === null),
    ...entries.slice(MOST_NETWORKS),
  ];
}

/**
 * Private networks and public hosts may be dialled; loopback, link-local, metadata, multicast and unspecified addresses only where `text`
 * names their network (`127.0.0.0/8, fd00:ec2::254`). An entry that is no network allows nothing.
 */
export function sourceNetworks(text: string): SourceNetworks {
  const allowed = entriesOf(text).flatMap((entry) => networkOf(entry) ?? []);
  return {
    isAllowed(ip) {
      const address = addressOf(ip);
      if (address === null) return false;
      const inner = ipv4In(address);
      if (isIn(address, allowed) || (inner !== null && isIn(inner, allowed))) return true;
      return !isIn(address, NEVER) && (inner === null || !isIn(inner, NEVER));
    },
  };
}

/** Characters at which programs divide a host from other parts of a URL, blanks and control characters. */
const NOT_IN_HOST = /[\s/\\?#@<>^|%]|[^\x21-\uffff]/;

/**
 * Reads the host of a URL as the system's resolver would at the latest: `2130706433`, `0x7f.1` and `0177.0.0.1` are the address 127.0.0.1
 * to it. The name has no dot at its end, and is in lower case and Punycode. null: the text is no host.
 */
export function sourceHost(text: string): SourceHost | null {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (bare.includes(':')) {
    const address = addressOf(bare);
    return address && { kind: 'address', host: address.toString() };
  }
  if (bare === '' || NOT_IN_HOST.test(bare)) return null;
  // The host of an http: URL is read by the rules for web addresses: numbers become IPv4 addresses, other scripts become Punycode.
  const url = `http://${bare}/`;
  if (!URL.canParse(url)) return null;
  const host = new URL(url).hostname.replace(/\.$/, '');
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return { kind: 'address', host };
  return host === '' ? null : { kind: 'name', host };
}

/** True for names that mean this machine on every system, whatever a resolver says (RFC 6761). */
export function isLocalhost(name: string): boolean {
  return /^(?:.*\.)?localhost(?:\.localdomain)?$/i.test(name.replace(/\.$/, ''));
}

function entriesOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function networkOf(entry: string): readonly [Network] | null {
  const [ip = '', bits, ...rest] = entry.split('/');
  const address = addressOf(ip);
  if (address === null || rest.length > 0) return null;
  const most = address.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [[address, most]];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? [[address, Number(bits)]] : null;
}

/** null: the text is no IP address in its usual form. */
function addressOf(ip: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return ipaddr.IPv4.parse(ip);
  return ip.includes(':') && ipaddr.IPv6.isValid(ip) ? ipaddr.IPv6.parse(ip) : null;
}

/** The IPv4 address to which an IPv6 address leads; null: to none. */
function ipv4In(address: Address): ipaddr.IPv4 | null {
  if (address.kind() === 'ipv4') return null;
  const at = AROUND_IPV4.find(([network]) => matches(address, network))?.[1];
  return at === undefined ? null : new ipaddr.IPv4(address.toByteArray().slice(at, at + 4));
}

function isIn(address: Address, networks: readonly Network[]): boolean {
  return networks.some((network) => matches(address, network));
}

function matches(address: Address, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && (address as ipaddr.IPv4).match(network, bits);
}
