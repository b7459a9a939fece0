import { setMaxListeners } from 'node:events';
import type { CloudApi } from '../../cloud/cloudApi.js';
import { AppError } from '../../core/errors.js';
import type { JobsAccount } from '../run/deps.js';
import { SOLE_OWNER, type Ownership } from '../run/ownership.js';

/**
 * The accounts, with clouds that only the account's owner may call: a call for an account of another replica throws
 * CLAIM_LOST, and calls that wait or run when the account is lost are aborted.
 */
export function ownedAccounts(
  accounts: ReadonlyMap<string, JobsAccount>,
  ownership: Ownership,
): ReadonlyMap<string, JobsAccount> {
  if (ownership === SOLE_OWNER) return accounts;
  return new Map([...accounts].map(([name, one]) => [name, { ...one, cloud: ownedCloud(one.cloud, name, ownership) }]));
}

/**
 * Throws CLAIM_LOST when this process does not own the account. Ask right before a call: a process that was stopped may
 * have lost the account while the call waited for its turn.
 */
export function mustOwn(ownership: Pick<Ownership, 'account'>, name: string): void {
  if (!ownership.account(name)) throw elsewhere(name);
}

function ownedCloud(cloud: CloudApi, name: string, ownership: Ownership): CloudApi {
  let lost = new AbortController();
  ownership.onChange(() => {
    if (!ownership.account(name)) lost.abort(elsewhere(name));
  });
  const whileOurs = (signal?: AbortSignal): AbortSignal => {
    mustOwn(ownership, name);
    if (lost.signal.aborted) lost = new AbortController();
    // Each call that waits for its turn listens to this signal.
    setMaxListeners(0, lost.signal);
    return signal ? AbortSignal.any([signal, lost.signal]) : lost.signal;
  };
  return {
    vendor: cloud.vendor,
    account: cloud.account,
    words: cloud.words,
    check: async (signal) => cloud.check(whileOurs(signal)),
    async *listCameras(signal) {
      yield* cloud.listCameras(whileOurs(signal));
    },
    openStream: async (camera, wanted, signal) => cloud.openStream(camera, wanted, whileOurs(signal)),
    capture: async (camera, signal) => cloud.capture(camera, whileOurs(signal)),
    ...(cloud.isEncrypted && {
      isEncrypted: async (deviceSerial, signal) =>
        cloud.isEncrypted?.(deviceSerial, whileOurs(signal)) ?? Promise.resolve(null),
    }),
    ...(cloud.closeStream && {
      closeStream: async (camera, urlId, signal) => cloud.closeStream?.(camera, urlId, whileOurs(signal)),
    }),
    queued: () => cloud.queued(),
    close: () => cloud.close(),
  };
}

function elsewhere(name: string): AppError {
  return new AppError('CLAIM_LOST', `Another replica calls the cloud of account ${name} now.`, {
    cure: 'Nothing to do: that replica renews its cameras. Ask again in a few seconds.',
  });
}
