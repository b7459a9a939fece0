import type { JobsStore } from '../run/deps.js';

/** Reads what other processes wrote until now. False: the store does not answer, and memory is all there is. */
export function hasCaughtUp(store: Pick<JobsStore, 'refreshChanges'>): Promise<boolean> {
  return store.refreshChanges().then(
    () => true,
    () => false,
  );
}
