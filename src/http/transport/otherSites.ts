import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../core/errors.js';
import { isLoopbackName, hostnameOf } from './guards.js';

export interface OwnAndAllowed {
  /** `PUBLIC_URL`, or null. */
  readonly publicUrl: string | null;
  /** `ALLOWED_ORIGINS`: `scheme://host[:port]` of pages that may use the API, in lower case. */
  readonly allowedOrigins: readonly string[];
  /** Whether pages of other sites may load what is at this path. */
  readonly isEmbeddable: (path: string) => boolean;
  /** True: listed pages may send their cookies along, which clients of older systems do; camlease reads none. Absent: they may not. */
  readonly withCredentials?: boolean;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const ALLOWED_HEADERS = 'Content-Type, Prefer, Last-Event-ID, X-Request-Id, If-None-Match';
const EXPOSED_HEADERS = 'Age, Location, Retry-After, X-Picture-Taken-At, X-Request-Id';
const PREFLIGHT_SECONDS = '600';

/**
 * Refuses requests by a page of another site, unless it navigates here, loads what other sites may embed, or is listed in
 * `ALLOWED_ORIGINS`, which also gets CORS headers. Programs send neither `Sec-Fetch-Site` nor `Origin`, and pass.
 */
export function otherSites({
  publicUrl,
  allowedOrigins,
  isEmbeddable,
  withCredentials = false,
}: OwnAndAllowed): RequestHandler {
  const publicHost = publicUrl === null ? null : new URL(publicUrl).host;
  const allowed = new Set(allowedOrigins);
  return (request, response, next) => {
    const { origin, host } = request.headers;
    const site = request.headers['sec-fetch-site'];
    if (origin === undefined && (site === undefined || site === 'same-origin' || site === 'none')) {
      next();
      return;
    }
    if (origin !== undefined && allowed.has(origin.toLowerCase())) {
      allow(response, origin);
      if (withCredentials) response.setHeader('Access-Control-Allow-Credentials', 'true');
      if (isPreflight(request)) response.status(204).end();
      else next();
      return;
    }
    const isOwn = site === 'same-origin' || site === 'none' || site === undefined;
    const isOwnPage = isOwn && (origin === undefined || isOwnOrigin(origin, host, publicHost));
    if (isOwnPage || (SAFE_METHODS.has(request.method) && (isEmbeddable(request.path) || mayRead(request)))) {
      next();
      return;
    }
    throw SAFE_METHODS.has(request.method) ? foreignReader() : foreignPage();
  };
}

/**
 * Whether a request for a WebSocket may be answered: one of a program, of camlease's own page, or of a page in `ALLOWED_ORIGINS`. CORS does not
 * hold for WebSockets, so any other page could read what is sent.
 */
export function mayConnect(
  headers: IncomingHttpHeaders,
  { publicUrl, allowedOrigins }: Pick<OwnAndAllowed, 'publicUrl' | 'allowedOrigins'>,
): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
  if (allowedOrigins.includes(origin.toLowerCase())) return true;
  return isOwnOrigin(origin, host, publicUrl === null ? null : new URL(publicUrl).host);
}

/** Whether a page of another origin may send this GET, to whatever address. */
function mayRead(request: Request): boolean {
  const { headers } = request;
  if (headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document') return true;
  // Another port of the same name is the same site; without CORS such a page cannot read the reply across origins anyway.
  if (headers['sec-fetch-site'] === 'same-site') return true;
  return isSameSite(headers.origin ?? headers.referer, headers.host);
}

/** True for one name on two ports, and for two names of this machine. */
function isSameSite(from: string | undefined, host: string | undefined): boolean {
  if (from === undefined || !URL.canParse(from)) return false;
  const [theirs, ours] = [hostnameOf(new URL(from).host), hostnameOf(host ?? '')];
  if (theirs === null || ours === null) return false;
  return theirs === ours || (isLoopbackName(theirs) && isLoopbackName(ours));
}

function isOwnOrigin(origin: string, host: string | undefined, publicHost: string | null): boolean {
  if (!URL.canParse(origin)) return false;
  const { host: originHost, protocol } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return originHost === publicHost || originHost === host?.toLowerCase();
}

function allow(response: Response, origin: string): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS);
  response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
  response.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
  // Chromium requires this of an address in a private network that a public page wants to reach.
  response.setHeader('Access-Control-Allow-Private-Network', 'true');
  response.vary('Origin');
}

function isPreflight(request: Request): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

function foreignReader(): AppError {
  return new AppError('REQUEST_FOREIGN', 'A page of another site may not read this.', {
    cure: 'Add the origin of that page to ALLOWED_ORIGINS, or let its server ask instead of the browser.',
  });
}

function foreignPage(): AppError {
  return new AppError('REQUEST_FOREIGN', 'A page of another site may not change anything here.', {
    cure:
      'Use the page that camlease serves, or a program. To allow another page, add its origin to ALLOWED_ORIGINS; ' +
      'behind a proxy set PUBLIC_URL to the address that people use.',
  });
}
