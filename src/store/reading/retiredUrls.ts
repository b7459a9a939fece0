import type { Lease } from '../../core/camera/lease.js';

/** Where the vendor has no call to take URLs back, the list would grow for ever. */
const MOST_RETIRED = 20;

/** The list with the ids of `dropped` leases added; ids that a lease `inUse` still carries are left out. */
export function retire(
  retired: readonly string[],
  dropped: ReadonlyArray<Lease | null>,
  inUse: ReadonlyArray<Lease | null>,
): readonly string[] {
  const used = new Set(inUse.map((lease) => lease?.urlId));
  const added = dropped.flatMap((lease) => (lease?.urlId ? [lease.urlId] : []));
  return [...new Set([...retired, ...added])].filter((urlId) => !used.has(urlId)).slice(-MOST_RETIRED);
}
