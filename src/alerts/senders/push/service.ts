import type { HttpTarget } from '../../delivery/httpSender.js';
import type { Notification } from '../../sender.js';

/** A push address, taken apart. Parts are decoded. */
export interface PushUrl {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** Host and port as written. */
  readonly host: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** The address cannot be used; `why` is a sentence that does not repeat it. */
export class PushUrlMistake extends Error {
  override readonly name = 'PushUrlMistake';
}

/** One service that takes messages by HTTP. */
export interface PushService {
  readonly schemes: readonly string[];
  /** The form of its address, for people. */
  readonly form: string;
  /** Throws `PushUrlMistake`. */
  target(url: PushUrl): HttpTarget;
  /** The same address as the service itself shows it to be copied, in our form; undefined: it is none of this service. */
  fromNative?(url: URL): string | undefined;
}

/** `http` or `https` by the last letter of the scheme (`ntfys`), host and port checked. */
export function baseUrl(url: PushUrl): string {
  const base = `${url.scheme.endsWith('s') ? 'https' : 'http'}://${url.host}`;
  if (url.host === '' || !URL.canParse(base)) throw new PushUrlMistake('the host of the address is not valid');
  return base;
}

/** Each part as it may stand in the path of an URL. */
export function pathOf(parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

export function basicLogin({ user, password }: Pick<PushUrl, 'user' | 'password'>): Readonly<Record<string, string>> {
  if (user === '' && password === '') return {};
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}` };
}

/** The four types of Apprise. */
export function appriseType({ kind, severity }: Notification): 'info' | 'success' | 'warning' | 'failure' {
  if (kind === 'recovery') return 'success';
  return severity === 'critical' ? 'failure' : severity;
}

/** A reply's body as an object, when it is one. */
export function replyFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
