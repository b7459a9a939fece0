/** A pair of interleaved channels: packets on the first one, reports on the next. */
export interface Channels {
  readonly first: number;
}

/**
 * Reads a `Transport` header (RFC 2326, section 12.39) and takes the first offer for interleaved TCP; null: the header offers none (UDP
 * alone). `fallback`: the first channel to use where the reader names none, or one that is taken.
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

/** The stream's name and the track in an RTSP URL, whose query is ignored; null: the text is not an RTSP URL. */
export function askedFor(url: string): { readonly id: string; readonly track: 'picture' | 'sound' | null } | null {
  const [, path] = /^rtsps?:\/\/[^/?#]*\/([^?#]*)/i.exec(url) ?? [];
  if (path === undefined) return null;
  const parts = withoutLastSlashes(path).split('/');
  const number = parts.length > 1 ? /^trackid=([01])$/i.exec(parts.at(-1) ?? '')?.[1] : undefined;
  const name = withoutLastSlashes(parts.slice(0, number === undefined ? undefined : -1).join('/'));
  const track = number === undefined ? null : number === '0' ? 'picture' : 'sound';
  try {
    return { id: decodeURIComponent(name), track };
  } catch {
    return null;
  }
}

/** A loop and not a regular expression, which would take minutes for an address of many slashes; unknown clients can send one. */
export function withoutLastSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
