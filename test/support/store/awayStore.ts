import { AppError } from '../../../src/core/errors.js';
import type { CameraStore, Claim } from '../../../src/store/cameraStore.js';

/** What a call to a database that does not answer does: what was claimed is not worked upon any more, and nothing is changed. */
export async function unanswered(store: CameraStore, method: string, args: readonly unknown[]): Promise<never> {
  const ended = ENDS_CLAIMS[method]?.(args) ?? [];
  // Under a fence that never was, the store forgets the claim and writes nothing.
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
