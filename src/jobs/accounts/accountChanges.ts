import type { Camera, CameraId } from '../../core/camera/camera.js';
import { messageOf } from '../../core/errors.js';
import { byUrgency } from '../../core/renewal/renewal.js';
import type { JobsDeps } from '../run/deps.js';

/**
 * What gives hope: the cloud can be reached again, it accepts the account again, the account is another one than before, or it is
 * configured (again).
 */
export type AccountNews = 'reachable' | 'accepted' | 'changed' | 'configured';

/** Cameras of the account whose failure says nothing any more after this news, those that need it most first. */
export function camerasToRetry(cameras: Iterable<Camera>, account: string, news: AccountNews, now: Date): CameraId[] {
  const hopeful = [...cameras].filter(({ source, failure }) => {
    if (source.account !== account || failure === null) return false;
    if (news === 'configured' || failure.code === 'ACCOUNT_UNKNOWN') return failure.code === 'ACCOUNT_UNKNOWN';
    if (failure.failureClass === 'permanent') return news !== 'reachable';
    // What failed on the way to the cloud; a camera that waits for something else goes on waiting.
    return failure.code.startsWith('CLOUD_') && failure.nextLookAt !== null && failure.nextLookAt > now;
  });
  return byUrgency(hopeful, now).map(({ id }) => id);
}

/**
 * Accounts that are others than when camlease ran last (another key, or none before), so that what failed for good is worth another
 * look. Remembers what it saw.
 */
export async function changedAccounts({
  accounts,
  store,
  clock,
  log,
}: Pick<JobsDeps, 'accounts' | 'store' | 'clock' | 'log'>): Promise<string[]> {
  const changed: string[] = [];
  for (const [name, { fingerprint }] of accounts) {
    if (fingerprint === undefined) continue;
    try {
      const seen = await store.records.get('account-seen', name);
      if (seen?.body === fingerprint) continue;
      const record = { kind: 'account-seen', id: name, group: name, at: clock.now(), body: fingerprint } as const;
      await store.records.put(record, seen?.version ?? 0);
      changed.push(name);
    } catch (thrown) {
      log.debug(`Whether account ${name} has changed could not be read: ${messageOf(thrown)}`, { account: name });
    }
  }
  return changed;
}
