import { AppError } from '../core/errors.js';

/** One step of the schema. It may run twice (the process can die between running and noting it), so it must be idempotent. */
export interface Migration<Target> {
  /** 1, 2, 3 …; never changed once released. */
  readonly id: number;
  readonly name: string;
  readonly run: (target: Target) => void | Promise<void>;
}

/** The migrations that must still run, in order. Throws STORE_REFUSED when a newer camlease has used the database. */
export function pendingMigrations<Target>(
  known: ReadonlyArray<Migration<Target>>,
  applied: readonly number[],
): ReadonlyArray<Migration<Target>> {
  const newestKnown = Math.max(0, ...known.map(({ id }) => id));
  const newestApplied = Math.max(0, ...applied);
  if (newestApplied > newestKnown) {
    throw new AppError(
      'STORE_REFUSED',
      `The database has schema ${newestApplied}, written by a newer camlease; this camlease knows schema ${newestKnown}.`,
      { cure: 'Start the newer camlease again, or give this camlease its own database.' },
    );
  }
  return known.filter(({ id }) => !applied.includes(id));
}
