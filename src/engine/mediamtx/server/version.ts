import { AppError } from '../../../core/errors.js';

/** The configuration API of older versions can lock up until a restart (fixed in v1.20.1). */
export const OLDEST_MEDIAMTX = '1.20.1';

/** Throws `ENGINE_TOO_OLD` for an older version. A version that is no number (an operator's own build) is accepted. */
export function requireVersion(version: string): void {
  const found = numbers(version);
  if (!found || compare(found, numbers(OLDEST_MEDIAMTX) ?? []) >= 0) return;
  throw new AppError('ENGINE_TOO_OLD', `MediaMTX ${version} is too old for camlease.`, {
    cure: `Install MediaMTX v${OLDEST_MEDIAMTX} or newer: older versions can hang when camlease configures them.`,
  });
}

function numbers(version: string): readonly number[] | null {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  return parts && parts.slice(1).map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
