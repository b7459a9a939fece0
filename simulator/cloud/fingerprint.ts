import { createHash } from 'node:crypto';

/** Hex digits that look random and are the same for the same parts: ids, keys and signatures of the simulated world. */
export function fingerprint(digits: number, ...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, digits);
}
