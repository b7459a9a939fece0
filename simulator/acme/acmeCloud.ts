import type { Dialect, Endpoint } from '../cloud/cloudServer.js';
import { Fields, Refusal } from '../cloud/fields.js';
import type { HttpRequest } from '../cloud/httpServer.js';
import { acmeCameras } from './acmeCameras.js';
import { acmeSignature } from './acmeSignature.js';

/** How far the time of a request may be from the cloud's clock. */
const LARGEST_SKEW_MS = 300_000;

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/v1/session': {
    method: 'POST',
    kind: 'token',
    tokens: [],
    run: ({ world, site, account }) => {
      if (account.faults.has('wrong-region') || account.region !== site.region) throw new Refusal('E-100');
      if (account.faults.has('refused')) throw new Refusal('E-101');
      const { token, expiresAt } = world.tokens.give(account, 'acme');
      return { session: token, until: expiresAt.getTime(), host: world.areaUrl('acme', account.region) };
    },
  },
  ...acmeCameras,
};

/**
 * A cloud that no vendor has, to prove that a vendor is a module: JSON, every request signed with time and nonce, live URLs and
 * codes of its own. Each server remembers the nonces that it has seen.
 */
export function acmeDialect(): Dialect {
  const nonces = new Set<string>();
  return {
    vendor: 'acme',
    endpoints,
    successCode: 'ok',
    key: (request) => header(request, 'x-acme-access-id'),
    refusal: (request, account, nowMs) => {
      const [time, nonce] = [header(request, 'x-acme-time') ?? '', header(request, 'x-acme-nonce') ?? ''];
      const session = header(request, 'x-acme-session') ?? '';
      const right = acmeSignature(account.secret, { path: request.path, time, nonce, session, body: request.body });
      if (header(request, 'x-acme-signature') !== right) return new Refusal('E-101');
      if (!(Math.abs(Number(time) - nowMs) <= LARGEST_SKEW_MS)) return new Refusal('E-103');
      if (nonce === '' || nonces.has(nonce)) return new Refusal('E-104');
      nonces.add(nonce);
      return null;
    },
    fields: ({ body }) => new Fields(new Map(Object.entries(objectIn(body))), 'E-105'),
    token: (request) => header(request, 'x-acme-session'),
    tokenRefusal: () => new Refusal('E-102'),
    unknownKey: () => new Refusal('E-100'),
    success: (payload) => ({ result: 'ok', payload }),
    failure: ({ code }) => ({ result: code }),
  };
}

function header({ headers }: HttpRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function objectIn(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Refused below.
  }
  throw new Refusal('E-105');
}
