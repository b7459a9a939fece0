import { createHash } from 'node:crypto';

export interface RtspUser {
  readonly name: string;
  readonly pass: string;
}

/** How a server asks for a password. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'digest';
      readonly realm: string;
      readonly nonce: string;
      readonly opaque: string | null;
      readonly hash: 'md5' | 'sha256';
    };

const HASHES: Readonly<Record<string, 'md5' | 'sha256'>> = { md5: 'md5', 'sha-256': 'sha256' };

/**
 * Reads the `WWW-Authenticate` headers of a 401. Digest is preferred, since it does not send the password. null: no known way.
 */
export function readChallenge(offers: readonly string[]): Challenge | null {
  const digests = offers.flatMap((offer) => digestOf(offer) ?? []);
  if (digests[0]) return digests[0];
  return offers.some((offer) => /^basic\b/i.test(offer)) ? { scheme: 'basic' } : null;
}

function digestOf(offer: string): Challenge | null {
  const [, text] = /^digest\s+(.*)$/is.exec(offer) ?? [];
  if (text === undefined) return null;
  const fields = new Map(
    [...text.matchAll(/([a-z]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)].map(
      ([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ''] as const,
    ),
  );
  const hash = HASHES[(fields.get('algorithm') ?? 'md5').toLowerCase()];
  const [realm, nonce] = [fields.get('realm'), fields.get('nonce')];
  if (hash === undefined || realm === undefined || nonce === undefined) return null;
  return { scheme: 'digest', realm, nonce, opaque: fields.get('opaque') ?? null, hash };
}

/** The `Authorization` header for one request. Digest without `qop` (RFC 2069), as RTSP servers offer it (RFC 2326). */
export function answerTo(challenge: Challenge, user: RtspUser, method: string, url: string): string {
  if (challenge.scheme === 'basic') return `Basic ${Buffer.from(`${user.name}:${user.pass}`).toString('base64')}`;
  const { realm, nonce, opaque, hash } = challenge;
  const digest = (text: string): string => createHash(hash).update(text).digest('hex');
  const response = digest(`${digest(`${user.name}:${realm}:${user.pass}`)}:${nonce}:${digest(`${method}:${url}`)}`);
  const fields = [
    ...[`username="${user.name}"`, `realm="${realm}"`, `nonce="${nonce}"`, `uri="${url}"`, `response="${response}"`],
    ...(opaque === null ? [] : [`opaque="${opaque}"`]),
    ...(hash === 'md5' ? [] : ['algorithm="SHA-256"']),
  ];
  return `Digest ${fields.join(', ')}`;
}
