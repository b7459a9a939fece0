import type { HttpTarget } from '../../delivery/httpSender.js';
import type { Notification } from '../../sender.js';

/** The parts of a push address, decoded. */
export interface PushUrl {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** Host and port as written. */
  readonly host: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** The address cannot be used; the message is a sentence that does not repeat the address. */
export class PushUrlMistake extends Error {
  override readonly name = 'PushUrlMistake';
}

/** One service that takes messages by HTTP. */
export interface PushService {
  readonly schemes: readonly string[];
  /** What stands in the place of the host in its addresses. A key is masked in the log like the secrets in the rest of the address. */
  readonly hostIs: 'a server' | 'a key';
  /** The form of the service's addresses, for people. */
  readonly form: string;
  /** Throws `PushUrlMistake`. */
  target(url: PushUrl): HttpTarget;
  /** The address as the service itself shows it for copying, in camlease's form; undefined: it is not of this service. */
  fromNative?(url: URL): string | undefined;
}

/** The base URL: `https` if the scheme ends with s (`ntfys`), else `http`; checks host and port. */
export function baseUrl(url: PushUrl): string {
  const base = `${url.scheme.endsWith('s') ? 'https' : 'http'}://${url.host}`;
  if (url.host === '' || !URL.canParse(base)) throw new PushUrlMistake('the host of the address is not valid');
  return base;
}

/** The parts, encoded for the path of a URL. */
export function pathOf(parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

export function basicLogin({ user, password }: Pick<PushUrl, 'user' | 'password'>): Readonly<Record<string, string>> {
  if (user === '' && password === '') return {};
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}` };
}

/** Maps a notification to one of Apprise's four types. */
export function appriseType({ kind, severity }: Notification): 'info' | 'success' | 'warning' | 'failure' {
  if (kind === 'recovery') return 'success';
  return severity === 'critical' ? 'failure' : severity;
}

/** A reply's body as an object; empty when it is none. */
export function replyFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
