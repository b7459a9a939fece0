import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header has the secret as its Basic password; the user name is ignored. The comparison takes the same time for
 * any text.
 */
export function isLoggedIn(header: string | undefined, secret: string): boolean {
  const [, encoded] = /^basic\s+([a-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return false;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return false;
  return isSecret(text.slice(colon + 1), secret);
}

/** Compares in the same time for any text, so that the time tells nothing about the secret. */
export function isSecret(given: string, secret: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(secret));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
