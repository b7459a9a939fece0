import type { Camera, CameraId } from '../../core/camera/camera.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import { CameraError } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';
import type { AccountStates } from '../accounts/accountStates.js';
import type { Ownership } from '../run/ownership.js';
import { addressOf } from './lease.js';
import { isStoreAway } from '../../store/storeAway.js';
import type { RetireTries } from './retireTries.js';

/** Calls for each account in one run: giving URLs back must never delay other calls. */
const CALLS_PER_RUN = 3;

export interface RetireDeps extends Pick<JobsDeps, 'clock' | 'log' | 'store' | 'accounts'> {
  readonly states: AccountStates;
  readonly ownership: Ownership;
  readonly tries: RetireTries;
  /** The revision that the engine serves; null: none; undefined: unknown now. */
  readonly servedRevision: (id: string) => number | null | undefined;
}

/**
 * Gives replaced and rejected URLs back to the vendors that can take them, only while no other call waits. Does nothing
 * while the store is away: what was given back could not be stored, and each tick would call again.
 */
export async function retireUrls(deps: RetireDeps, signal: AbortSignal): Promise<void> {
  try {
    for (const { id, retiredUrlIds } of deps.store.peekAll())
      if (retiredUrlIds.some((urlId) => deps.tries.isDone(id, urlId))) await writeDown(deps, id);
    await giveBack(deps, signal);
  } catch (thrown) {
    // The heartbeat reports that the store is away.
    if (!isStoreAway(thrown)) throw thrown;
  }
}

async function giveBack(deps: RetireDeps, signal: AbortSignal): Promise<void> {
  for (const [name, { cloud }] of deps.accounts) {
    if (cloud.closeStream === undefined || !deps.states.usable(name) || !deps.ownership.account(name)) continue;
    const cameras = [...deps.store.peekAll()].filter(
      (camera) => accountOf(camera) === name && camera.retiredUrlIds.length > 0 && isLetGo(deps, camera),
    );
    let calls = 0;
    for (const camera of cameras) {
      if (calls >= CALLS_PER_RUN || Object.values(cloud.queued()).some((waiting) => waiting > 0)) break;
      const urlId = deps.tries.next(camera.id, camera.retiredUrlIds);
      if (urlId === undefined) continue;
      calls += 1;
      try {
        await cloud.closeStream(addressOf(camera), urlId, signal);
      } catch (thrown) {
        if (!(thrown instanceof CameraError)) throw thrown;
        if (thrown.accountWide) {
          deps.states.refuse(name, thrown);
          break;
        }
        // A fault that may pass is tried again in a later run; the other URLs go on.
        if (thrown.failureClass !== 'permanent' && !deps.tries.failed(camera.id, urlId)) continue;
        const { code, message } = thrown;
        deps.log.warn(
          `The vendor did not take back a replaced live URL, which stays valid until it expires: ${message}`,
          {
            ...{ camera: camera.id, account: name, code },
          },
        );
      }
      deps.tries.done(camera.id, urlId);
      await writeDown(deps, camera.id);
    }
  }
}

/** Removes the URLs that are done from the stored list. */
async function writeDown({ store, tries, clock }: RetireDeps, id: CameraId): Promise<void> {
  const retired = store.peek(id)?.retiredUrlIds ?? [];
  const left = retired.filter((urlId) => !tries.isDone(id, urlId));
  if (left.length < retired.length) await store.update(id, { retiredUrlIds: left }, clock.now());
  for (const urlId of retired) if (!left.includes(urlId)) tries.forget(id, urlId);
}

/** Closing a URL may cut off its viewers, so the engine must serve the later lease first. */
function isLetGo(deps: RetireDeps, camera: Camera): boolean {
  const served = deps.servedRevision(camera.id);
  return served === null || served === camera.lease?.revision;
}
