import { createSocket } from 'node:dgram';
import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { sleep, type Clock } from '../../core/clock.js';

/** A device that answered a probe. */
export interface Probed {
  /** The IP address from which it answered. */
  readonly from: string;
  /** The addresses of its service, as it names them; some may be dead, or of another network. */
  readonly addresses: readonly string[];
}

/** WS-Discovery's group and port (WS-Discovery 1.0, section 2.4). */
const GROUP = '239.255.255.250';
const PORT = 3702;
const ANSWERS_MS = 2_000;
const LARGEST_ANSWER = 64 * 1024;
const MOST_DEVICES = 500;

/**
 * Asks every device on each network of this machine, twice, since a datagram may be lost. `target` is for tests: one address
 * instead of the group.
 */
export async function probe(clock: Clock, target = { address: GROUP, port: PORT }): Promise<readonly Probed[]> {
  const found = new Map<string, Set<string>>();
  const own = Object.values(networkInterfaces())
    .flat()
    .filter((one) => one !== undefined)
    .filter(({ family, internal }) => family === 'IPv4' && internal === (target.address === '127.0.0.1'));
  const sockets = own.map(({ address }) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    // A network without a route, or one that is just going away: the others are asked.
    socket.on('error', () => undefined);
    socket.on('message', (message, { address: from }) => {
      if (message.length > LARGEST_ANSWER || (found.size >= MOST_DEVICES && !found.has(from))) return;
      const addresses = found.get(from) ?? new Set();
      for (const one of addressesIn(message.toString('utf8'))) addresses.add(one);
      if (addresses.size > 0) found.set(from, addresses);
    });
    socket.bind(0, address);
    return socket;
  });
  for (let round = 0; round < 2; round++) {
    for (const socket of sockets) {
      const message = Buffer.from(question());
      socket.send(message, target.port, target.address, () => undefined);
    }
    await sleep(clock, ANSWERS_MS / 2);
  }
  await sleep(clock, ANSWERS_MS / 2);
  for (const socket of sockets) socket.close();
  return [...found].map(([from, addresses]) => ({ from, addresses: [...addresses].slice(0, 8) }));
}

/**
 * The addresses in an answer, whatever white space stands between them (also line ends and no-break spaces, which some devices
 * send) and whatever prefix the element has.
 */
export function addressesIn(answer: string): readonly string[] {
  const [, text = ''] = /<(?:[\w-]+:)?XAddrs(?:\s[^>]*)?>([^<]*)<\/(?:[\w-]+:)?XAddrs\s*>/i.exec(answer) ?? [];
  const parts = text.replaceAll('&amp;', '&').split(/[\s\u00a0\u200b,]+/);
  return parts.filter((part) => part !== '' && URL.canParse(part) && /^https?:$/.test(new URL(part).protocol));
}

function question(): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>' +
    `<a:MessageID>urn:uuid:${randomUUID()}</a:MessageID>` +
    '<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>' +
    '<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>' +
    '<s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes/></d:Probe></s:Body></s:Envelope>'
  );
}
