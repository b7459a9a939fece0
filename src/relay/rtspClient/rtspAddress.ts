import { byteText, type LoginUser } from '../../core/login/challengedLogin.js';

/** The parts of an RTSP URL that a client needs. */
export interface RtspAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  /** What stands in requests: the address without its login, path and query byte for byte (one character for each byte). */
  readonly url: string;
  /** null: the address has no login. */
  readonly login: LoginUser | null;
}

const PORTS: Readonly<Record<string, number>> = { rtsp: 554, rtsps: 322 };
const PARTS = /^(rtsps?):\/\/([^/?#]*)(.*)$/is;
const HOST_AND_PORT = /^(\[[0-9a-f:.%]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i;
/** A line break in an address would be a second header of the request. */

const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/;

/**
 * Reads an `rtsp:` or `rtsps:` URL, whose user and password are percent-encoded; they are decoded exactly once, here. null: the text is no
 * such URL. Nothing else of the URL is decoded or normalised, because cameras compare path and query as text.
 */
export function rtspAddress(text: string): RtspAddress | null {
  if (CONTROL_CHARACTERS.test(text)) return null;
  const [, scheme = '', authority = '', rest = ''] = PARTS.exec(text) ?? [];
  const usual = PORTS[scheme.toLowerCase()];
  if (usual === undefined) return null;
  const at = authority.lastIndexOf('@');
  const [, named, port] = HOST_AND_PORT.exec(authority.slice(at + 1)) ?? [];
  if (named === undefined) return null;
  const number = port === undefined ? usual : Number(port);
  if (number < 1 || number > 65_535) return null;
  const path = rest.split('#', 1)[0] ?? '';
  const shown = port === undefined ? named : `${named}:${number}`;
  return {
    host: named.replace(/^\[|\]$/g, ''),
    port: number,
    isEncrypted: scheme.toLowerCase() === 'rtsps',
    url: byteText(`${scheme.toLowerCase()}://${shown}${path === '' ? '/' : path}`).replaceAll(' ', '%20'),
    login: at === -1 ? null : loginOf(authority.slice(0, at)),
  };
}

/** The port of our own address, and the camera's path: for addresses that a camera names with a host of its own network. */
export function withOurHost(address: RtspAddress, named: string): string {
  const [, , , path = ''] = PARTS.exec(named) ?? [];
  const [, scheme = '', authority = ''] = PARTS.exec(address.url) ?? [];
  return `${scheme}://${authority}${path}`;
}

function loginOf(text: string): LoginUser {
  const colon = text.indexOf(':');
  if (colon === -1) return { user: decoded(text), password: '' };
  return { user: decoded(text.slice(0, colon)), password: decoded(text.slice(colon + 1)) };
}

/** A text with a percent sign that begins no encoding was never encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
