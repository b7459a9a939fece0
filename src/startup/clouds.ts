import { createHash } from 'node:crypto';
import type { AxiosInstance } from 'axios';
import { CallQueue } from '../cloud/calls/rateLimit.js';
import type { Vendor } from '../cloud/calls/vendor.js';
import { ownError } from '../cloud/replies/errorTable.js';
import { createCloudApi } from '../cloud/vendors/createCloudApi.js';
import type { AccountCheck, CloudApi } from '../cloud/cloudApi.js';
import type { Config } from '../config/config.js';
import type { CloudVendor } from '../core/camera/camera.js';
import type { Clock, Random } from '../core/clock.js';
import { CameraError, messageOf } from '../core/errors.js';
import type { ProxyFor } from '../core/outboundProxy.js';
import type { KeysToTry } from '../http/route/deps.js';
import type { JobsAccount } from '../jobs/run/deps.js';
import type { Log } from '../observe/logger.js';
import { checkClock } from './checks.js';

interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: AxiosInstance;
  readonly log: Log;
  /** Absent: those of the registry. */
  readonly vendors?: readonly Vendor[];
  readonly proxyFor?: ProxyFor;
  /** Called right before each request, logins too; if it throws, the request is not sent and its caller gets the error. */
  readonly beforeCall?: (account: string) => void;
}

/** How long a trial of keys waits for its turn in the key's queue; longer than a cloud may take to answer. */
const TRY_PATIENCE_MS = 20_000;

export interface Clouds {
  /** By the account's name, for the jobs. */
  readonly accounts: ReadonlyMap<string, JobsAccount>;
  /** Logs in with keys that are not stored. Throws `CameraError`. */
  tryKeys(keys: KeysToTry): Promise<AccountCheck>;
  /**
   * Logs in to each account that this process owns (`isOurs`), and logs a warning for refused keys and for a wrong clock. Later
   * calls use the tokens.
   */
  checkAll(signal: AbortSignal, isOurs: (account: string) => boolean): Promise<void>;
  close(): void;
}

/** The clients of all configured accounts. */
export function createClouds(config: Config, deps: Deps): Clouds {
  const { beforeCall, ...others } = deps;
  const { clock, log } = others;
  const shared = { ...others, extraHosts: config.cloudExtraHosts };
  const queues = new Map<string, CallQueue>();
  // The vendor counts calls by key: two accounts with one key, or a trial of keys during a pass, must not double the rate.
  const queueOf = (vendor: CloudVendor, appKey: string): CallQueue => {
    const key = `${vendor} ${appKey}`;
    const queue = queues.get(key) ?? new CallQueue(clock);
    queues.set(key, queue);
    return queue;
  };
  const accounts = new Map(
    config.accounts.map((account): [string, JobsAccount] => {
      const { name, vendor, appKey, streamBudget, streamCap } = account;
      const cloud = createCloudApi(account, {
        ...{ ...shared, queue: queueOf(vendor, appKey) },
        ...(beforeCall && { beforeCall: () => beforeCall(name) }),
      });
      return [name, { cloud, streamBudget, streamCap: streamCap ?? null, fingerprint: fingerprintOf(vendor, appKey) }];
    }),
  );

  const checkOne = async (name: string, cloud: CloudApi, signal: AbortSignal): Promise<void> => {
    try {
      const { cloudTime } = await cloud.check(signal);
      const warning = checkClock(clock.now(), cloudTime, name);
      if (warning) log.warn(warning.message, { cure: warning.cure });
    } catch (thrown) {
      if (signal.aborted) return;
      log.warn(`Account '${name}': ${messageOf(thrown)}`, thrown instanceof CameraError ? { cure: thrown.cure } : {});
    }
  };

  return {
    accounts,
    async tryKeys({ vendor, appKey, secret, baseUrl }) {
      const baseUrls = baseUrl === undefined ? [] : [baseUrl];
      const known = queues.get(`${vendor} ${appKey}`);
      const cloud = createCloudApi(
        { name: 'try', vendor, appKey, secret, baseUrls },
        // The patience ends at the first login's turn: from then on each login host has a time limit of its own.
        { ...shared, ...(known && { queue: known }), beforeCall: () => cancel() },
      );
      // A limit of the vendor may have paused the key's queue: a person who tries keys need not wait until that pause ends.
      const patience = new AbortController();
      const cancel = clock.after(TRY_PATIENCE_MS, () => patience.abort(ownError('CLOUD_TOO_MANY_REQUESTS')));
      try {
        return await cloud.check(patience.signal);
      } finally {
        cancel();
        cloud.close();
      }
    },
    async checkAll(signal, isOurs) {
      const ours = [...accounts].filter(([name]) => isOurs(name));
      await Promise.all(ours.map(([name, { cloud }]) => checkOne(name, cloud, signal)));
    },
    close() {
      for (const { cloud } of accounts.values()) cloud.close();
      for (const queue of queues.values()) queue.close();
    },
  };
}

/** Identifies a key without revealing it. */
function fingerprintOf(vendor: CloudVendor, appKey: string): string {
  return createHash('sha256').update(`camlease ${vendor} ${appKey}`).digest('hex').slice(0, 16);
}
