import type { Request, RequestHandler } from 'express';
import { isIP } from 'node:net';
import { withoutTrailing } from '../../core/boundedText.js';
import { AppError } from '../../core/errors.js';

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

export interface Trusted {
  /** `PUBLIC_URL`, or null. */
  readonly publicUrl: string | null;
  /** The address that the server listens on; null until `listen` was called. */
  readonly listenHost: () => string | null;
  /** Whether the path is for any Host. */
  readonly isForAnyHost: (path: string) => boolean;
}

/**
 * Refuses a Host that is not camlease's. A page on a foreign name that points to this machine (DNS rebinding) would otherwise
 * have the same origin as camlease. A bare address cannot be rebound, so any is accepted when the server listens on all
 * addresses.
 */
export function hostCheck(trusted: Trusted): RequestHandler {
  // Host headers that passed: the hot path looks them up instead of parsing. Bounded, because a client could vary the port.
  const known = new Set<string>();
  return (request, _response, next) => {
    const host = request.headers.host ?? '';
    if (!known.has(host)) {
      if (trusted.isForAnyHost(request.path)) {
        next();
        return;
      }
      if (!isOurHost(host, trusted)) throw foreign('The Host header of this request is not a name of this service.');
      if (known.size < 100) known.add(host);
    }
    next();
  };
}

/** Whether this Host header is one of camlease's names, by the rule of `hostCheck`. */
export function isOurHost(host: string, { publicUrl, listenHost: listening }: Omit<Trusted, 'isForAnyHost'>): boolean {
  const name = hostnameOf(host);
  if (name === null) return false;
  if (isLoopbackName(name)) return true;
  if (publicUrl !== null && name === hostnameOf(new URL(publicUrl).host)) return true;
  const listenHost = listening();
  if (listenHost === null) return false;
  return ANY_ADDRESS.has(listenHost) ? isIP(name) !== 0 : name === listenHost.toLowerCase();
}

/** `http://host:port` as the client sees camlease; the Host was checked before. */
export function requestOrigin(request: Request, publicUrl: string | null): string {
  if (publicUrl !== null) return withoutTrailing(publicUrl, '/');
  return `http://${request.headers.host ?? 'localhost'}`;
}

/** Ends the chain of a path's routes: the path exists, the method does not. */
export function methodNotAllowed(allowed: readonly string[]): RequestHandler {
  const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response) => {
    response.setHeader('Allow', allow);
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    throw new AppError('METHOD_NOT_ALLOWED', `This address does not accept ${request.method.slice(0, 20)}.`, {
      cure: `Use ${allow}.`,
    });
  };
}

export function routeNotFound(): never {
  throw new AppError('ROUTE_NOT_FOUND', 'There is nothing at this address.', {
    cure: 'All addresses are at /api/docs.',
  });
}

/** The name or bare address in `name:port`, lower case; null when the text is not a host. */
export function hostnameOf(host: string): string | null {
  if (host === '' || /[\s/?#@\\]/.test(host) || !URL.canParse(`http://${host}`)) return null;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** True for names and addresses by which a machine reaches itself. */
export function isLoopbackName(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

function foreign(message: string): AppError {
  return new AppError('REQUEST_FOREIGN', message, {
    cure: 'Use localhost or the address that camlease listens on. To use another name, set PUBLIC_URL to it.',
  });
}
