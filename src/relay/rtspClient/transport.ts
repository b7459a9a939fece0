/** How the packets of a session come: inside the connection, or by UDP. */
export type Carrier = 'tcp' | 'udp';

/** A pair of channels in the connection, or of UDP ports: packets on the first one, reports on the second one. */
export interface Pair {
  readonly packets: number;
  readonly reports: number;
}

/** What a server answered to SETUP (RFC 2326, section 12.39). Fields that are absent or odd are null: they are as we asked, then. */
export interface AnsweredTransport {
  readonly carrier: Carrier | null;
  readonly channels: Pair | null;
  readonly serverPorts: Pair | null;
}

/** The `Transport` header of a SETUP. */
export function transportFor(carrier: Carrier, { packets, reports }: Pair): string {
  return carrier === 'tcp'
    ? `RTP/AVP/TCP;unicast;interleaved=${packets}-${reports}`
    : `RTP/AVP;unicast;client_port=${packets}-${reports}`;
}

export function readTransport(header: string | undefined): AnsweredTransport {
  // A server that names several transports means the first one.
  const parts = (header ?? '').split(',', 1)[0]?.split(';') ?? [];
  const [profile = '', ...fields] = parts.map((part) => part.trim().toLowerCase());
  return {
    carrier: carrierOf(profile, fields),
    channels: pairIn(fields, 'interleaved', 255),
    serverPorts: pairIn(fields, 'server_port', 65_535),
  };
}

function carrierOf(profile: string, fields: readonly string[]): Carrier | null {
  if (!profile.startsWith('rtp/')) return null;
  if (profile.endsWith('/tcp') || fields.some((field) => field.startsWith('interleaved'))) return 'tcp';
  // A server that leaves the `/TCP` away and names no ports of its own has not chosen UDP.
  return fields.some((field) => field.startsWith('server_port')) || profile.endsWith('/udp') ? 'udp' : null;
}

function pairIn(fields: readonly string[], name: string, most: number): Pair | null {
  const value = fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const [, first, second] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(value) ?? [];
  if (first === undefined) return null;
  const packets = Number(first);
  const reports = second === undefined ? packets + 1 : Number(second);
  return packets <= most && reports <= most ? { packets, reports } : null;
}

/** What an answer to PLAY says of a track's first packet; null: the answer does not tell. */
export interface FirstPacket {
  readonly sequence: number | null;
  readonly rtpTime: number | null;
}

/** Reads the `RTP-Info` header (RFC 2326, section 12.33) for tracks with these addresses. */
export function readRtpInfo(header: string | undefined, addresses: readonly string[]): (FirstPacket | null)[] {
  const entries = (header ?? '').split(/,\s*(?=url\s*=)/i).flatMap((text) => {
    const [, url] = /^\s*url\s*=\s*"?([^;"]*)/i.exec(text) ?? [];
    return url === undefined
      ? []
      : [{ url, sequence: field(text, 'seq', 0xffff), rtpTime: field(text, 'rtptime', 0xffffffff) }];
  });
  // An address here may have another host or leave its beginning away; where none fits, the order of the tracks does.
  return addresses.map((address, at) => {
    const named =
      entries.find(({ url }) => url === address) ?? entries.find(({ url }) => url !== '' && isEndOf(url, address));
    const found = named ?? (entries.length === addresses.length ? entries[at] : undefined);
    return found === undefined ? null : { sequence: found.sequence, rtpTime: found.rtpTime };
  });
}

function isEndOf(url: string, address: string): boolean {
  const path = url.replace(/^rtsps?:\/\/[^/?#]*/i, '');
  return path !== '' && address.endsWith(path);
}

function field(text: string, name: string, most: number): number | null {
  const value = new RegExp(`;\\s*${name}\\s*=\\s*"?(\\d{1,10})`, 'i').exec(text)?.[1];
  return value !== undefined && Number(value) <= most ? Number(value) : null;
}
