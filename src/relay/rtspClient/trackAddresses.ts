import { withOurHost, type RtspAddress } from './rtspAddress.js';

export interface SessionAddresses {
  /** For PLAY, TEARDOWN and keep-alives. */
  readonly session: string;
  /** For SETUP, in the order of the given controls. */
  readonly tracks: readonly string[];
}

export interface DescribedAddresses {
  /** The header Content-Base, else Content-Location, of the answer to DESCRIBE; null: neither. */
  readonly base: string | null;
  /** `a=control` of the session; null: none. */
  readonly session: string | null;
  /** `a=control` of each track; null: none. */
  readonly tracks: readonly (string | null)[];
}

const WHOLE = /^rtsps?:\/\//i;

/**
 * The addresses of a session and its tracks (RFC 2326, C.1.1), as cameras mean them. They are joined as text, since a base may end in a query
 * (`…?channel=1&subtype=0/`). The host and port are always those that we dialled: behind NAT a camera names those of its own network.
 */
export function sessionAddresses(
  address: RtspAddress,
  { base, session, tracks }: DescribedAddresses,
): SessionAddresses {
  const from = baseOf(address, base);
  const whole = joined(address, from, session);
  // A session's own relative control names the whole of it (`track0` at a few cameras); its tracks are relative to the base all the same.
  const tracksFrom = session !== null && WHOLE.test(session) ? whole : from;
  return { session: whole, tracks: tracks.map((control) => joined(address, tracksFrom, control)) };
}

function baseOf(address: RtspAddress, base: string | null): string {
  if (base === null) return address.url;
  if (WHOLE.test(base)) return withOurHost(address, base);
  return base.startsWith('/') ? withOurHost(address, `rtsp://host${base}`) : address.url;
}

function joined(address: RtspAddress, base: string, control: string | null): string {
  if (control === null || control === '*') return base;
  const clean = control.replaceAll(' ', '%20');
  if (WHOLE.test(clean)) return withOurHost(address, clean);
  if (clean.startsWith('?')) return base + clean;
  if (clean.startsWith('/')) {
    const path = base.replace(/^rtsps?:\/\/[^/?#]*/i, '').split('?', 1)[0] ?? '';
    // Some cameras name a track by its whole path, others mean a path below the base.
    return path.length > 1 && clean.startsWith(path)
      ? withOurHost(address, `rtsp://host${clean}`)
      : base.replace(/\/$/, '') + clean;
  }
  return base.endsWith('/') ? base + clean : `${base}/${clean}`;
}
