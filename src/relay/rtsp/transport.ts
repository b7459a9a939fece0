/** A pair of interleaved channels: packets on the first one, reports on the next. */
export interface Channels {
  readonly first: number;
}

/**
 * Reads a `Transport` header (RFC 2326, section 12.39) and takes the first offer that is interleaved into the connection. null: there is
 * none, as with UDP. `fallback`: the first channel where the reader names none, or one that is taken.
 */
export function interleavedOffer(header: string, taken: ReadonlySet<number>, fallback: number): Channels | null {
  for (const offer of header.split(',')) {
    const parts = offer.split(';').map((part) => part.trim().toLowerCase());
    if (parts[0] !== 'rtp/avp/tcp' || parts.includes('multicast') || parts.includes('mode=record')) continue;
    const named = parts.map((part) => /^interleaved=(\d{1,3})(?:-\d{1,3})?$/.exec(part)?.[1]).find(Boolean);
    const wanted = named === undefined ? fallback : Number(named);
    const isFree = wanted <= 254 && !taken.has(wanted) && !taken.has(wanted + 1);
    return { first: isFree ? wanted : fallback };
  }
  return null;
}

/** The stream's name and the track that an RTSP URL asks for; its query is passed over. null: it is no such URL. */
export function askedFor(url: string): { readonly id: string; readonly track: 'picture' | 'sound' | null } | null {
  const [, path] = /^rtsps?:\/\/[^/?#]*\/([^?#]*)/i.exec(url) ?? [];
  if (path === undefined) return null;
  const [, name = '', number] = /^(.*?)\/*(?:\/trackid=([01]))?\/*$/i.exec(path) ?? [];
  const track = number === undefined ? null : number === '0' ? 'picture' : 'sound';
  try {
    return { id: decodeURIComponent(name), track };
  } catch {
    return null;
  }
}
