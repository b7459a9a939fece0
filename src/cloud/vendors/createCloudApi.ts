import type { AxiosInstance } from 'axios';
import type { CloudVendor } from '../../core/camera/camera.js';
import type { Clock, Random } from '../../core/clock.js';
import type { ProxyFor } from '../../core/outboundProxy.js';
import { CloudAccount, type CloudAccountConfig, type CloudLog } from '../calls/account.js';
import { CloudHttp } from '../calls/cloudHttp.js';
import type { CallQueue } from '../calls/rateLimit.js';
import type { Vendor } from '../calls/vendor.js';
import type { CloudApi } from '../cloudApi.js';
import { VENDORS } from './registry.js';

export interface CloudApiDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Any axios instance; limits, agents and time-outs are set with each call. */
  readonly http: AxiosInstance;
  /** `CLOUD_EXTRA_HOSTS`: host suffixes that are accepted besides the vendor's own, also with plain http. */
  readonly extraHosts: readonly string[];
  /** The vendors to choose from; absent: those of the registry. */
  readonly vendors?: readonly Vendor[];
  readonly log?: CloudLog;
  /** Absent: no proxy. */
  readonly proxyFor?: ProxyFor;
  /** Shared by all clients of one vendor and key; its maker closes it. Absent: a queue of its own. */
  readonly queue?: CallQueue;
  /** Called when it is a request's turn; if it throws, the request does not leave and its caller gets the error. */
  readonly beforeCall?: () => void;
}

/**
 * The client for one account. It sends nothing before its first call; `close` it when the account is removed. Throws when the
 * account is of no known vendor: the settings were checked against the same vendors.
 */
export function createCloudApi(
  config: CloudAccountConfig & { readonly vendor: CloudVendor },
  deps: CloudApiDeps,
): CloudApi {
  const vendor = (deps.vendors ?? VENDORS).find(({ name }) => name === config.vendor);
  if (vendor === undefined) throw new Error(`no vendor is called ${config.vendor}`);
  const http = new CloudHttp(deps.http, deps.clock, deps.extraHosts, deps.proxyFor);
  return vendor.client(new CloudAccount(config, vendor, { ...deps, http }), deps.extraHosts);
}
