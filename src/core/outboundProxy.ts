/** A proxy, as axios takes it. */
export interface Proxy {
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly auth?: { readonly username: string; readonly password: string };
}

/** The proxy for a request to this URL; null: the host is called directly. */
export type ProxyFor = (url: string) => Proxy | null;

export const NO_PROXY_AT_ALL: ProxyFor = () => null;

export interface ProxySettings {
  readonly HTTPS_PROXY?: string | undefined;
  readonly HTTP_PROXY?: string | undefined;
  readonly NO_PROXY?: string | undefined;
}

interface Exception {
  readonly host: string;
  /** With all its subdomains. */
  readonly withSubdomains: boolean;
  /** null: any port. */
  readonly port: number | null;
}

export interface Proxies {
  readonly proxyFor: ProxyFor;
  /** Names the proxies in a sentence for people, without logins; null: there is no proxy. */
  readonly sentence: string | null;
  /** The proxies' passwords, for redaction. */
  readonly secrets: readonly string[];
}

/**
 * The proxies of the environment, by the usual rules: `HTTPS_PROXY` is for https addresses, `HTTP_PROXY` for http ones;
 * `NO_PROXY` lists hosts that are called directly (`example.org` with its subdomains, `*.example.org`, `10.0.0.5`,
 * `host:8443`, `*`). This machine itself is always called directly. The caller has checked each proxy with `proxyMistake`.
 */
export function proxiesOf({ HTTPS_PROXY, HTTP_PROXY, NO_PROXY = '' }: ProxySettings): Proxies {
  const proxies = { 'https:': proxyOf(HTTPS_PROXY), 'http:': proxyOf(HTTP_PROXY) };
  const exceptions = NO_PROXY.split(/[\s,]+/).flatMap(exceptionOf);
  const proxyFor = (text: string): Proxy | null => {
    const { protocol, hostname, port } = new URL(text);
    if (protocol !== 'https:' && protocol !== 'http:') return null;
    const proxy = proxies[protocol];
    const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
    if (proxy === null || isLoopback(host)) return null;
    const at = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
    return exceptions.some((exception) => isExcepted(exception, host, at)) ? null : proxy;
  };
  const named = [...new Set(Object.values(proxies).flatMap((proxy) => (proxy ? [`${proxy.host}:${proxy.port}`] : [])))];
  const secrets = Object.values(proxies).flatMap((proxy) => (proxy?.auth?.password ? [proxy.auth.password] : []));
  if (named.length === 0) return { proxyFor: NO_PROXY_AT_ALL, sentence: null, secrets };
  const sentence =
    `Calls to the vendor clouds, pictures from them and alerts by HTTP go through the proxy ${named.join(' and ')} (HTTPS_PROXY, HTTP_PROXY); ` +
    `MediaMTX's API, mail servers and the database do not. Live streams are pulled from the clouds directly: ports 1935 and 443 must be open for them.`;
  return { proxyFor, sentence, secrets };
}

/** Why this text cannot be a proxy, to follow the setting's name in a sentence; null: it can. */
export function proxyMistake(text: string): string | null {
  const given = withScheme(text);
  if (!URL.canParse(given)) return 'must be the address of a proxy, such as http://proxy.example.org:3128';
  const { protocol, pathname } = new URL(given);
  if (protocol !== 'http:' && protocol !== 'https:')
    return 'must be an http or https proxy; camlease does not support others (SOCKS): unset it, or put an http proxy before it';
  return pathname === '/' ? null : 'must be the address of a proxy without a path';
}

function withScheme(text: string): string {
  return text.includes('://') ? text : `http://${text}`;
}

function proxyOf(text: string | undefined): Proxy | null {
  if (text === undefined || text === '') return null;
  const { protocol, hostname, port, username, password } = new URL(withScheme(text));
  const isTls = protocol === 'https:';
  const auth = username === '' ? {} : { auth: { username: decoded(username), password: decoded(password) } };
  const host = hostname.replace(/^\[|\]$/g, '');
  return { protocol: isTls ? 'https' : 'http', host, port: Number(port) || (isTls ? 443 : 80), ...auth };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function exceptionOf(text: string): Exception[] {
  const [, name = '', port] = /^(\[[0-9a-f:.]+\]|[^:]+|[0-9a-f:]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = name
    .replace(/^\[|\]$/g, '')
    .replace(/^\*?\./, '')
    .toLowerCase();
  if (host === '') return [];
  return [{ host, withSubdomains: !/^[\d.]+$|:/.test(host), port: port === undefined ? null : Number(port) }];
}

function isExcepted({ host: excepted, withSubdomains, port }: Exception, host: string, at: number): boolean {
  if (port !== null && port !== at) return false;
  return excepted === '*' || excepted === host || (withSubdomains && host.endsWith(`.${excepted}`));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.endsWith('.localhost') || /^127(?:\.\d{1,3}){3}$/.test(host);
}
