import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { Clock } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';
import { NO_PROXY_AT_ALL, type ProxyFor } from '../../core/outboundProxy.js';
import { abortReason } from '../../core/abortReason.js';
import { childController } from './childController.js';
import { departureTransport } from './departure.js';
import { ownError } from '../replies/errorTable.js';
import { NOT_PUBLIC, publicLookup } from './pictureHost.js';

const TIMEOUT_MS = 15_000;
/** A page of 500 cameras has about 300 KB. */
const LARGEST_REPLY_BYTES = 8 * 1024 * 1024;
const LARGEST_PICTURE_BYTES = 10 * 1024 * 1024;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

export interface CloudPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Default 15 s. */
  readonly timeoutMs?: number;
  /** Called when the request has left this process. */
  readonly departed?: () => void;
  readonly signal?: AbortSignal;
}

export interface CloudReply {
  readonly status: number;
  /** The parsed body; undefined when the body is not JSON. */
  readonly json: unknown;
  /** The cloud's clock, from its Date header. */
  readonly date: Date | null;
  /** From the Retry-After header. */
  readonly retryAfterMs: number | null;
}

interface Fetch {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly largestBytes: number;
  readonly timeoutMs?: number;
  readonly departed?: () => void;
  readonly signal?: AbortSignal;
}

/**
 * The only way out to the clouds. Every call is bounded in time and size, follows no redirect, and goes through the proxy of the
 * environment if there is one. Throws `CameraError` or the reason of an abort, never an axios error, which carries headers and
 * body and so keys and tokens.
 */
export class CloudHttp {
  readonly #http: AxiosInstance;
  readonly #clock: Clock;
  readonly #proxyFor: ProxyFor;
  readonly #agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  readonly #pictureAgents: { readonly http: http.Agent; readonly https: https.Agent };

  /** `extraHosts` may resolve to private addresses when a picture is fetched from them. */
  constructor(
    client: AxiosInstance,
    clock: Clock,
    extraHosts: readonly string[],
    proxyFor: ProxyFor = NO_PROXY_AT_ALL,
  ) {
    this.#http = client;
    this.#proxyFor = proxyFor;
    this.#clock = clock;
    const lookup = publicLookup(extraHosts);
    this.#pictureAgents = { http: new http.Agent({ lookup }), https: new https.Agent({ lookup }) };
  }

  async post(request: CloudPost): Promise<CloudReply> {
    const reply = await this.#fetch({ ...request, method: 'POST', largestBytes: LARGEST_REPLY_BYTES }, this.#agents);
    return {
      status: reply.status,
      json: parseJson(reply.data),
      date: dateOf(reply.headers['date']),
      retryAfterMs: this.#retryAfterMs(reply.headers['retry-after']),
    };
  }

  /** Fetches a file from a URL that a cloud gave; the caller has checked the URL. */
  async download(url: string, signal?: AbortSignal): Promise<Buffer> {
    const reply = await this.#fetch(
      { method: 'GET', url, headers: {}, largestBytes: LARGEST_PICTURE_BYTES, ...(signal && { signal }) },
      this.#pictureAgents,
    );
    if (reply.status !== 200) throw statusError(reply.status, this.#retryAfterMs(reply.headers['retry-after']), false);
    return reply.data;
  }

  close(): void {
    for (const agents of [this.#agents, this.#pictureAgents]) {
      agents.http.destroy();
      agents.https.destroy();
    }
  }

  async #fetch(
    request: Fetch,
    agents: { readonly http: http.Agent; readonly https: https.Agent },
  ): Promise<AxiosResponse<Buffer>> {
    const { controller, unlink } = childController(request.signal);
    const proxy = this.#proxyFor(request.url);
    // A proxy resolves names by itself, and may itself have a private address.
    const { http: httpAgent, https: httpsAgent } = proxy ? this.#agents : agents;
    const { timeoutMs = TIMEOUT_MS } = request;
    const message = `The vendor cloud did not answer within ${timeoutMs / 1000} seconds.`;
    const cancelTimeout = this.#clock.after(timeoutMs, () => controller.abort(ownError('CLOUD_TIMEOUT', { message })));
    try {
      const reply = await this.#http.request<Buffer>({
        method: request.method,
        url: request.url,
        headers: { Accept: '*/*', ...request.headers },
        ...(request.body !== undefined && { data: request.body }),
        // The body is text already; axios would parse it and guess its type.
        transformRequest: [(data: unknown) => data],
        transformResponse: [(data: unknown) => data],
        responseType: 'arraybuffer',
        validateStatus: () => true,
        adapter: 'http',
        timeout: 0,
        maxRedirects: 0,
        maxContentLength: request.largestBytes,
        proxy: proxy ?? false,
        ...{ httpAgent, httpsAgent },
        transport: departureTransport(request.departed ?? (() => undefined)),
        signal: controller.signal,
      });
      if (proxy && saidByProxy(request.url, reply)) throw proxyError(`it answers HTTP ${reply.status}`);
      return reply;
    } catch (thrown) {
      if (controller.signal.aborted) throw abortReason(controller.signal.reason);
      throw thrown instanceof CameraError ? thrown : networkError(thrown, proxy !== null);
    } finally {
      cancelTimeout();
      unlink();
    }
  }

  #retryAfterMs(header: unknown): number | null {
    if (typeof header !== 'string') return null;
    const seconds = /^\d{1,6}$/.test(header) ? Number(header) : null;
    const ms = seconds === null ? Date.parse(header) - this.#clock.now().getTime() : seconds * 1000;
    return ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : null;
  }
}

/** What an HTTP status means on its own, when the body holds no code. */
export function statusError(status: number, retryAfterMs: number | null, hasLogin: boolean): CameraError {
  const waitMs = retryAfterMs === null ? {} : { waitMs: retryAfterMs };
  if (status === 429) return ownError('CLOUD_TOO_MANY_REQUESTS', waitMs);
  if (status === 401 && hasLogin) return ownError('CLOUD_LOGIN_EXPIRED');
  if (status >= 500) {
    return ownError('CLOUD_SERVER_ERROR', {
      message: `The cloud reported an internal error (HTTP ${status}).`,
      ...waitMs,
    });
  }
  if (status === 404 || status === 405) {
    return ownError('CLOUD_CALL_UNKNOWN', { message: `The vendor cloud does not know this call (HTTP ${status}).` });
  }
  if (status < 200 || status >= 300) {
    return ownError('CLOUD_HTTP_REFUSED', {
      message: `The cloud refused the request (HTTP ${status}) without saying why.`,
    });
  }
  return ownError('CLOUD_REPLY_UNREADABLE', { message: 'The reply of the cloud is not JSON.' });
}

/** A network fault's code (`ECONNREFUSED`) is safe to show; its message may hold an address, and its config the keys. */
function networkError(thrown: unknown, isProxied: boolean): CameraError {
  const { code = '', message = '' } = axios.isAxiosError(thrown) ? thrown : {};
  if (message.startsWith('maxContentLength')) return ownError('CLOUD_REPLY_TOO_LARGE');
  if (code === NOT_PUBLIC) return ownError('CLOUD_HOST_REFUSED', { message: 'The host is in a local network.' });
  if (isProxied) return proxyError(/^[A-Z0-9_]{1,40}$/.test(code) ? code : 'it broke the connection');
  const why = /^[A-Z0-9_]{1,40}$/.test(code) ? ` (${code})` : '';
  return ownError('CLOUD_UNREACHABLE', { message: `The vendor cloud could not be reached${why}.` });
}

/**
 * True when the proxy answered in the cloud's place. A proxy that refuses the tunnel to an https host replies in clear, and the
 * request was not sent. For plain http only status 407 tells.
 */
function saidByProxy(url: string, { status, request }: AxiosResponse<Buffer>): boolean {
  const socket: unknown = request instanceof http.ClientRequest ? request.socket : null;
  return status === 407 || (url.startsWith('https:') && !(socket instanceof TLSSocket));
}

function proxyError(why: string): CameraError {
  return ownError('CLOUD_UNREACHABLE', {
    message: `The vendor cloud could not be reached through the proxy of HTTPS_PROXY or HTTP_PROXY (${why}). Check the address and login of the proxy and whether it allows calls to the cloud, or add the cloud to NO_PROXY.`,
  });
}

function parseJson(body: Buffer): unknown {
  try {
    // Some gateways put a byte order mark before the JSON.
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function dateOf(header: unknown): Date | null {
  const ms = typeof header === 'string' ? Date.parse(header) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms);
}
