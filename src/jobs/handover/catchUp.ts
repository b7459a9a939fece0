import type { JobsStore } from '../run/deps.js';

/** Reads what other replicas wrote until now. False: the store does not answer, so that memory may be behind. */
export function hasCaughtUp(store: Pick<JobsStore, 'refreshChanges'>): Promise<boolean> {
  return store.refreshChanges().then(
    () => true,
    () => false,
  );
}
