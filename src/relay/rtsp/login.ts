import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header holds the secret as its Basic password; the user name does not count. Compared in constant time,
 * whatever the lengths.
 */
export function isLoggedIn(header: string | undefined, secret: string): boolean {
  const [, encoded] = /^basic\s+([a-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return false;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return false;
  return isSecret(text.slice(colon + 1), secret);
}

/** Compared in constant time, whatever the lengths. */
export function isSecret(given: string, secret: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(secret));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
