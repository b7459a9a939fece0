import type { Camera, CameraId } from '../../core/camera/camera.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import { messageOf } from '../../core/errors.js';
import { byUrgency } from '../../core/renewal/renewal.js';
import type { JobsDeps } from '../run/deps.js';

/**
 * Why an account's failed cameras are worth another try: its cloud can be reached again, accepts the account again, the
 * account's key is another one than before, or the account is configured (again).
 */
export type AccountNews = 'reachable' | 'accepted' | 'changed' | 'configured';

/** Cameras of the account whose stored failure this news may have cured, the most urgent first. */
export function camerasToRetry(cameras: Iterable<Camera>, account: string, news: AccountNews, now: Date): CameraId[] {
  const hopeful = [...cameras].filter((camera) => {
    const { failure } = camera;
    if (accountOf(camera) !== account || failure === null) return false;
    if (news === 'configured' || failure.code === 'ACCOUNT_UNKNOWN') return failure.code === 'ACCOUNT_UNKNOWN';
    if (failure.failureClass === 'permanent') return news !== 'reachable';
    // Only calls that failed on the way to the cloud: a camera that waits for something else goes on waiting.
    return failure.code.startsWith('CLOUD_') && failure.nextLookAt !== null && failure.nextLookAt > now;
  });
  return byUrgency(hopeful, now).map(({ id }) => id);
}

/**
 * Accounts whose key has changed since camlease last ran (or that are new), so that cameras that failed for good are worth
 * another try. Remembers the fingerprints in the store.
 */
export async function changedAccounts({
  accounts,
  records,
  clock,
  log,
}: Pick<JobsDeps, 'accounts' | 'records' | 'clock' | 'log'>): Promise<string[]> {
  const changed: string[] = [];
  for (const [name, { fingerprint }] of accounts) {
    if (fingerprint === undefined) continue;
    try {
      const seen = await records.get('account-seen', name);
      if (seen?.body === fingerprint) continue;
      const record = { kind: 'account-seen', id: name, group: name, at: clock.now(), body: fingerprint } as const;
      await records.put(record, seen?.version ?? 0);
      changed.push(name);
    } catch (thrown) {
      log.debug(`camlease could not check whether account ${name} has changed: ${messageOf(thrown)}`, {
        account: name,
      });
    }
  }
  return changed;
}
