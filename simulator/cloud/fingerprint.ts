import { createHash } from 'node:crypto';

/** Hex digits for ids, keys and signatures of the simulated clouds: they look random, and the same parts give the same digits. */
export function fingerprint(digits: number, ...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, digits);
}
