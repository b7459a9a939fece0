import { ClientRequest } from 'node:http';
import { Agent } from 'node:https';
import { TLSSocket } from 'node:tls';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { Clock } from '../../core/clock.js';
import { NO_PROXY_AT_ALL, type ProxyFor } from '../../core/outboundProxy.js';
import { networkFault, SendFault } from './fault.js';

const LARGEST_REPLY_BYTES = 256 * 1024;
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpReply {
  readonly status: number;
  /** At most 256 KB. Never shown: a receiver may repeat the request in it, secrets included. */
  readonly text: string;
  /** From the header Retry-After. */
  readonly retryAfterMs: number | undefined;
}

export type Post = (request: HttpRequest, signal: AbortSignal) => Promise<HttpReply>;

/**
 * Makes the function by which all senders post over HTTP. It follows no redirect, uses the proxy that `proxyFor` names for the URL,
 * and accepts at most 256 KB of reply; only the caller's signal limits the time. It returns a receiver's reply whatever its status.
 * It throws `SendFault`, never an axios error, which holds tokens.
 */
export function createPost(
  http: AxiosInstance,
  clock: Clock,
  authorities: readonly string[] | undefined,
  proxyFor: ProxyFor = NO_PROXY_AT_ALL,
): Post {
  const httpsAgent = authorities && new Agent({ ca: [...authorities] });
  return async (request, signal) => {
    const proxy = proxyFor(request.url);
    try {
      const reply = await http.request<Buffer>({
        method: 'POST',
        url: request.url,
        headers: { Accept: 'application/json, text/plain, */*', 'User-Agent': 'camlease', ...request.headers },
        data: request.body,
        // Else axios would parse the body and write it anew; but a webhook's signature covers every byte of it.
        transformRequest: [(data: unknown) => data],
        transformResponse: [(data: unknown) => data],
        responseType: 'arraybuffer',
        validateStatus: () => true,
        adapter: 'http',
        timeout: 0,
        maxRedirects: 0,
        maxContentLength: LARGEST_REPLY_BYTES,
        proxy: proxy ?? false,
        ...(httpsAgent && { httpsAgent }),
        signal,
      });
      if (proxy && saidByProxy(request.url, reply)) throw proxyFault(`HTTP ${reply.status}`);
      return {
        status: reply.status,
        text: reply.data.toString('utf8'),
        retryAfterMs: retryAfterMs(reply.headers['retry-after'], clock),
      };
    } catch (thrown) {
      if (thrown instanceof SendFault) throw thrown;
      const fault = faultOf(thrown);
      throw proxy && axios.isAxiosError(thrown) && !axios.isCancel(thrown)
        ? proxyFault(thrown.code ?? 'no answer')
        : fault;
    }
  };
}

/**
 * True when the proxy answered in the receiver's place. For https, a proxy that refuses the tunnel answers without TLS; for plain
 * http, only the status 407 shows that the reply is the proxy's.
 */
function saidByProxy(url: string, { status, request }: AxiosResponse<Buffer>): boolean {
  const socket: unknown = request instanceof ClientRequest ? request.socket : null;
  return status === 407 || (url.startsWith('https:') && !(socket instanceof TLSSocket));
}

function proxyFault(why: string): SendFault {
  return new SendFault(`it could not be reached through the proxy of HTTPS_PROXY or HTTP_PROXY (${why}).`, {
    cure: 'Check the address and login of the proxy and whether it allows calls to this receiver, or add the receiver to NO_PROXY.',
    passing: true,
  });
}

function faultOf(thrown: unknown): SendFault {
  const { code = '', message = '' } = axios.isAxiosError(thrown) ? thrown : {};
  if (message.startsWith('maxContentLength'))
    return new SendFault('its answer is too large for a receiver of alerts.', {
      cure: 'Check the address: it probably belongs to something else.',
    });
  return networkFault(code);
}

function retryAfterMs(header: unknown, clock: Clock): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d{1,9}(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.now().getTime();
  return ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : undefined;
}

/** The fault that a reply's status means, whatever its text says; null: the receiver took the alert. */
export function statusFault(reply: HttpReply): SendFault | null {
  const { status, retryAfterMs } = reply;
  if (status >= 200 && status < 300) return null;
  const said = (why: string, cure: string): SendFault => new SendFault(`${why} (HTTP ${status}).`, { cure });
  if (status === 429)
    return new SendFault('it accepts no more alerts for now, because it received too many (HTTP 429).', {
      cure: 'Nothing to do: camlease tries again later. If it stays, send fewer alerts or raise the limit of the receiver.',
      passing: true,
      retryAfterMs,
    });
  if (status >= 500 || status === 408 || status === 425)
    return new SendFault(`it reports an internal error (HTTP ${status}).`, {
      cure: 'See the log of the receiver.',
      passing: true,
      retryAfterMs,
    });
  if (status === 410)
    return new SendFault('it no longer accepts alerts (HTTP 410).', {
      cure: 'Correct the address in camlease.yml and restart camlease, or remove the sender.',
      gone: true,
    });
  if (status >= 300 && status < 400)
    return said(
      'it answers with a redirect, which camlease does not follow',
      'Write the final address into camlease.yml.',
    );
  if (status === 401 || status === 403)
    return said('it refuses the login', 'Check user, password, token or key in camlease.yml.');
  if (status === 404)
    return said('there is nothing at this address', 'Check the path or key of the address in camlease.yml.');
  if (status === 405)
    return said('it does not accept POST at this address', 'Check the path of the address in camlease.yml.');
  if (status === 413)
    return said('the alert is too large for it', 'Raise the limit for the size of a body in the receiver.');
  return said('it refuses the alert', 'See the log of the receiver.');
}
