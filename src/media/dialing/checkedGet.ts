import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectEncrypted } from 'node:tls';
import { isLocalhost, sourceHost } from '../../core/camera/sourceNetworks.js';
import type { Clock, Random } from '../../core/clock.js';
import type { ChallengedLogin } from '../../core/login/challengedLogin.js';
import { SourceFault } from './sourceFault.js';

export interface HttpDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** All addresses of a host name; rejects where it has none. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Whether this IP address may be connected to. */
  readonly isAllowed: (ip: string) => boolean;
}

/** The login of an address, and the only host that gets it. */
export interface HttpLogin {
  /** Over all requests to the host: it answers the host's latest challenge, so that only the first request is sent twice. */
  readonly answers: ChallengedLogin;
  /** A piece or a redirect on another host, or without this one's encryption, does not get the login. */
  readonly at: URL;
}

export interface GetOptions {
  readonly login: HttpLogin | null;
  /** Redirects that are followed, each of them checked like the first address. */
  readonly mostRedirects: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** From the dial to the head of the answer. */
const ANSWER_MS = 10_000;
const MOST_HEAD_BYTES = 16_384;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface Got {
  readonly response: IncomingMessage;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
}

/**
 * GETs an http or https address. Its host is resolved and checked here, and the checked IP address is the one that is connected to, so that a name that
 * changes in between leads nowhere else. Throws `SourceFault`.
 */
export async function checkedGet(deps: HttpDeps, address: URL, options: GetOptions): Promise<Got> {
  let url = address;
  for (let redirects = 0; ; redirects++) {
    const response = await getAsUser(deps, url, options);
    const { statusCode = 0, headers } = response;
    if (!REDIRECTS.has(statusCode)) {
      if (statusCode === 200 || statusCode === 206) return { response, url };
      response.destroy();
      throw faultOf(statusCode);
    }
    response.destroy();
    if (redirects >= options.mostRedirects || headers.location === undefined)
      throw new SourceFault('forbidden', 'REDIRECT');
    url = httpUrl(headers.location, url);
  }
}

/** An http or https address, absolute or relative to `base`. Throws `SourceFault` for any other: a `file:` in a playlist, for example. */
export function httpUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new SourceFault('not-a-stream', 'ADDRESS');
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new SourceFault('forbidden', 'SCHEME');
  return url;
}

/** The login is sent when the host asks for it and not before, by Digest where the host speaks it, and never twice after a refusal. */
async function getAsUser(deps: HttpDeps, url: URL, options: GetOptions): Promise<IncomingMessage> {
  const login = options.login !== null && isFor(options.login.at, url) ? options.login.answers : null;
  let sent = 0;
  for (;;) {
    const authorization = login?.header('GET', pathOf(url)) ?? null;
    const response = await getOnce(deps, url, options, authorization);
    if (authorization !== null) sent += 1;
    if (response.statusCode !== 401) {
      login?.accepted(authorization !== null);
      return response;
    }
    const offers = response.headersDistinct['www-authenticate'] ?? [];
    if (login?.challenged(offers, sent) !== 'answer') return response;
    response.destroy();
  }
}

function isFor(at: URL, url: URL): boolean {
  return at.host === url.host && (at.protocol === url.protocol || url.protocol === 'https:');
}

function pathOf({ pathname, search }: URL): string {
  return `${pathname}${search}`;
}

async function getOnce(
  deps: HttpDeps,
  url: URL,
  { headers, signal }: GetOptions,
  authorization: string | null,
): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const ip = await allowedIp(deps, host);
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  return new Promise((resolve, reject) => {
    const give = isSecure ? secureRequest : plainRequest;
    const asked: ClientRequest = give({
      // Without `agent`: with any, false too, Node leaves `createConnection` out and resolves the name once more by itself.
      ...{ host, port, method: 'GET', path: pathOf(url), signal },
      maxHeaderSize: MOST_HEAD_BYTES,
      headers: {
        host: url.host,
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'camlease',
        ...headers,
        ...(authorization !== null && { authorization }),
      },
      createConnection: (): Socket =>
        isSecure
          ? connectEncrypted({ host: ip, port, ...(isIP(host) === 0 && { servername: host }) })
          : connect({ host: ip, port }),
    });
    const cancel = deps.clock.after(ANSWER_MS, () => asked.destroy(new SourceFault('silence', 'HTTP')));
    asked.once('response', (response) => {
      cancel();
      resolve(response);
    });
    asked.on('error', (error) => {
      cancel();
      reject(connectionFault(error));
    });
    asked.end();
  });
}

async function allowedIp({ resolve, isAllowed }: HttpDeps, host: string): Promise<string> {
  const read = sourceHost(host);
  if (read === null || (isLocalhost(read.host) && !isAllowed('127.0.0.1') && !isAllowed('::1')))
    throw new SourceFault('forbidden', 'ADDRESS');
  const ips = read.kind === 'name' ? await resolve(read.host).catch(() => []) : [read.host];
  if (ips.length === 0) throw new SourceFault('connection', 'ENOTFOUND');
  const ip = ips.find((one) => isAllowed(one));
  if (ip === undefined) throw new SourceFault('forbidden', 'ADDRESS');
  return ip;
}

/** Codes of Node and OpenSSL for a certificate that is not trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

export function connectionFault(error: Error): SourceFault {
  if (error instanceof SourceFault) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'ERROR';
  if (CERTIFICATE.test(code)) return new SourceFault('certificate', code);
  return code.startsWith('HPE_') ? new SourceFault('not-a-stream', code) : new SourceFault('connection', code);
}

function faultOf(status: number): SourceFault {
  const code = `HTTP_${status}`;
  if (status === 401) return new SourceFault('login', code);
  if (status === 404 || status === 410) return new SourceFault('not-found', code);
  if (status === 429 || status === 453 || status === 503) return new SourceFault('too-many', code);
  return new SourceFault('refused', code);
}
