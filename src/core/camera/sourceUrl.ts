import type { SourceLogin, UrlSource } from './camera.js';
import { withoutBlanksAround } from './streamUrl.js';

/** The schemes of addresses that a camera can be pulled from. */
export const SOURCE_SCHEMES: readonly string[] = ['rtsp', 'rtsps', 'rtmp', 'rtmps', 'http', 'https', 'srt'];

export const LONGEST_SOURCE_URL = 2_048;
/** Of user and password, in characters. */
export const LONGEST_LOGIN = 200;

/** An address that a person typed, read. */
export interface SourceAddress {
  readonly kind: 'address';
  /** Without its login; path and query byte for byte. */
  readonly url: string;
  /** As it stands in `url`, without brackets around an IPv6 address. */
  readonly host: string;
  /**
   * The readings of the login inside, the likeliest first: as it is typed, and percent-decoded where that differs. Empty: there
   * is none inside.
   */
  readonly logins: readonly SourceLogin[];
}

/** Why the text is no address of a camera. No sentence repeats a part of the text, since any part may be a password. */
export interface SourceUrlFault {
  readonly kind: 'fault';
  readonly message: string;
  readonly cure: string;
}

/** Text that a program which pulls the stream may read in another way than camlease: ends of lines, blanks, backslashes. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/u;
const NOT_IN_PATH = /[^\x21-\x7e]/;
const SCHEME = /^([a-z][a-z0-9+.-]{0,31}):\/\//i;
/** A host and its port at the beginning of a text. */
const HOST_AND_PORT = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?)(?::(\d{1,5}))?(?=[/?#]|$)/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
/** Programs read such a host as an IPv4 address in decimal, octal or hexadecimal digits, each in its own way. */
const LIKE_A_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
const CURE_OF_LOGIN = 'Give user and password in fields of their own instead of inside the address.';

interface Place {
  /** Where host and port begin in the text behind the scheme; 0: there is no login in front of them. */
  readonly at: number;
  readonly host: string;
  readonly port: string | undefined;
}

/** Reads what a person typed as a camera's address. Never throws. */
export function readSourceUrl(typed: string): SourceAddress | SourceUrlFault {
  if (typed.length > 2 * LONGEST_SOURCE_URL) return tooLong();
  const text = withoutBlanksAround(typed);
  if (text === '') return fault('The address is empty.', `Give an address such as rtsp://192.168.1.64/stream.`);
  if (text.length > LONGEST_SOURCE_URL) return tooLong();
  if (CONTROL.test(text) || typed.includes('\0')) {
    return fault(
      'The address holds a backslash, a control character or an invisible one.',
      `Take it out. If it belongs to a password: ${CURE_OF_LOGIN}`,
    );
  }
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !SOURCE_SCHEMES.includes(scheme)) {
    const what = scheme === undefined ? 'does not begin with a scheme' : 'has a scheme that is none of a camera';
    return fault(`The address ${what}.`, `Begin it with one of ${SOURCE_SCHEMES.join(', ')}, and "://" after it.`);
  }
  const rest = text.slice(scheme.length + 3);
  const place = placeOfHost(rest);
  if (place === null) {
    return fault(
      'The address has no readable host, or a port that is no number.',
      `Write it as ${scheme}://host:port/path; an IPv6 address stands in brackets. If there is a login inside: ${CURE_OF_LOGIN}`,
    );
  }
  return hostFault(place) ?? addressOf(scheme, rest, place);
}

function addressOf(scheme: string, rest: string, place: Place): SourceAddress | SourceUrlFault {
  const { at, host } = place;
  const behind = rest.slice(at);
  if (NOT_IN_PATH.test(behind)) {
    return fault(
      'The path of the address holds a blank, or a letter that is not ASCII.',
      'Write these characters percent-encoded: %20 for a blank.',
    );
  }
  const login = at === 0 ? null : loginOf(rest.slice(0, at - 1));
  if (login !== null && isTooLong(login)) {
    return fault(
      'The login inside the address is too long.',
      `User and password may have ${LONGEST_LOGIN} characters each.`,
    );
  }
  const plainHost = host.replace(/^\[|\]$/g, '');
  return {
    kind: 'address',
    url: `${scheme}://${behind}`,
    host: plainHost,
    logins: login === null ? [] : readings(login),
  };
}

/**
 * Where host and port begin. People write passwords with `@`, `/`, `?` and `#` into addresses, and paths may hold an `@`, so
 * it is not always clear: what a URL parser reads counts if it is clearly a host, else the last `@` before a clear host does.
 */
function placeOfHost(rest: string): Place | null {
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const plainAt = authority.lastIndexOf('@') + 1;
  const plain = placeAt(rest, plainAt);
  if (plain && (plainAt === 0 || isClear(plain.host))) return plain;
  for (let at = rest.lastIndexOf('@'); at >= authority.length; at = rest.lastIndexOf('@', at - 1)) {
    const later = placeAt(rest, at + 1);
    if (later && isClear(later.host)) return later;
  }
  if (plain) return plain;
  // A password may hold what ends an authority, in front of a host without a dot.
  const last = rest.lastIndexOf('@');
  return last === -1 ? null : placeAt(rest, last + 1);
}

function placeAt(rest: string, at: number): Place | null {
  const found = HOST_AND_PORT.exec(rest.slice(at));
  return found?.[1] === undefined ? null : { at, host: found[1], port: found[2] };
}

/** An IP address, or a name with a dot. */
function isClear(host: string): boolean {
  return host.startsWith('[') || host.includes('.') || host.toLowerCase() === 'localhost';
}

function hostFault({ host, port }: Place): SourceUrlFault | null {
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return fault('The port of the address is out of range.', 'Ports go from 1 to 65535.');
  if (host.startsWith('[')) {
    if (URL.canParse(`http://${host}/`)) return null;
    return fault('The brackets of the address hold no IPv6 address.', 'Write it like rtsp://[fd00::64]/stream.');
  }
  if (host.includes('..'))
    return fault('The host of the address has two dots in a row.', 'Correct the name of the host.');
  if (!LIKE_A_NUMBER.test(host) || IPV4.test(host)) return null;
  return fault(
    'The host of the address is a number that programs read in different ways.',
    'Write an IPv4 address as four numbers from 0 to 255 without zeros in front, such as 192.168.1.64.',
  );
}

/** null: there is neither a user nor a password. */
function loginOf(text: string): SourceLogin | null {
  const colon = text.indexOf(':');
  const user = colon === -1 ? text : text.slice(0, colon);
  const password = colon === -1 ? '' : text.slice(colon + 1);
  return user === '' && password === '' ? null : { user, password };
}

function readings(typed: SourceLogin): readonly SourceLogin[] {
  const decoded = decodedLogin(typed);
  return decoded === null || (decoded.user === typed.user && decoded.password === typed.password)
    ? [typed]
    : [typed, decoded];
}

/** null: the login is not percent-encoded, or holds characters that no login has. */
function decodedLogin({ user, password }: SourceLogin): SourceLogin | null {
  try {
    const decoded = { user: decodeURIComponent(user), password: decodeURIComponent(password) };
    return isPlainText(decoded.user) && isPlainText(decoded.password) ? decoded : null;
  } catch {
    return null;
  }
}

/** True for a user or password that a program can send to a camera: no control characters, no half of a character. */
export function isPlainText(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text);
}

function isTooLong({ user, password }: SourceLogin): boolean {
  return user.length > LONGEST_LOGIN || password.length > LONGEST_LOGIN;
}

/** The address with its login in it, percent-encoded, as programs that pull a stream take it. Secret. */
export function urlWithLogin({ url, login }: Pick<UrlSource, 'url' | 'login'>): string {
  const start = url.indexOf('://');
  if (login === null || start === -1) return url;
  const written = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}`;
  return `${url.slice(0, start + 3)}${written}@${url.slice(start + 3)}`;
}

/** The same, for a source whose login may stand inside the address, as documents from before have it. */
export function withLoginApart({ url, login }: Pick<UrlSource, 'url' | 'login'>): Pick<UrlSource, 'url' | 'login'> {
  if (login !== null) return { url, login };
  const read = readSourceUrl(url);
  if (read.kind === 'fault') return { url, login };
  // The login of such a document went out as it was written: percent-encoded.
  return { url: read.url, login: read.logins.at(-1) ?? null };
}

function tooLong(): SourceUrlFault {
  return fault('The address is too long.', `An address may have ${LONGEST_SOURCE_URL} characters.`);
}

function fault(message: string, cure: string): SourceUrlFault {
  return { kind: 'fault', message, cure };
}
