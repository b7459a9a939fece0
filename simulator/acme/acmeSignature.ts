import { createHash, createHmac } from 'node:crypto';

/** The parts of a request that its signature covers. */
export interface SignedRequest {
  readonly path: string;
  /** Milliseconds since 1970, as text. */
  readonly time: string;
  readonly nonce: string;
  /** Empty for a login. */
  readonly session: string;
  readonly body: string;
}

/** The signature that the Acme cloud wants in the header `X-Acme-Signature`, 64 hex digits. */
export function acmeSignature(signingKey: string, { path, time, nonce, session, body }: SignedRequest): string {
  const digest = createHash('sha256').update(body).digest('hex');
  return createHmac('sha256', signingKey).update([path, time, nonce, session, digest].join('\n')).digest('hex');
}
