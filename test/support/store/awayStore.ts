import { AppError } from '../../../src/core/errors.js';
import type { Claim } from '../../../src/store/cameraStore.js';
import type { Store } from '../../../src/store/store.js';

/** A call to a database that does not answer: changes nothing, ends the call's claims in the store's memory, and rejects. */
export async function unanswered(store: Store, method: string, args: readonly unknown[]): Promise<never> {
  const ended = ENDS_CLAIMS[method]?.(args) ?? [];
  // With a fence that never existed, the store forgets the claim and writes nothing.
  await store.release(ended.map((claim) => ({ ...claim, fence: -1 })));
  throw new AppError('STORE_UNREACHABLE', 'The database does not answer.');
}

const firstClaim = ([claim]: readonly unknown[]): Claim[] => [claim as Claim];
const ENDS_CLAIMS: Partial<Record<string, (args: readonly unknown[]) => readonly Claim[]>> = {
  saveLease: firstClaim,
  saveCandidate: firstClaim,
  saveFailure: firstClaim,
  release: ([claims]) => claims as readonly Claim[],
};
