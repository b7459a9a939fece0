import type { AxiosInstance } from 'axios';
import type { CloudVendor } from '../../core/camera/camera.js';
import type { Clock, Random } from '../../core/clock.js';
import type { ProxyFor } from '../../core/outboundProxy.js';
import { CloudAccount, type CloudAccountConfig, type CloudLog } from '../calls/account.js';
import { CloudHttp } from '../calls/cloudHttp.js';
import type { CallQueue } from '../calls/rateLimit.js';
import type { CloudApi } from '../cloudApi.js';
import { EzvizApi } from '../ezviz/ezvizApi.js';
import { EZVIZ_PROTOCOL } from '../ezviz/ezvizProtocol.js';
import { HikConnectApi } from '../hikConnect/hikConnectApi.js';
import { HIK_PROTOCOL } from '../hikConnect/hikProtocol.js';

export interface CloudApiDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Any axios instance; limits, agents and time-outs are set with each call. */
  readonly http: AxiosInstance;
  /** `CLOUD_EXTRA_HOSTS`: host suffixes that are accepted besides the vendor's own, also with plain http. */
  readonly extraHosts: readonly string[];
  readonly log?: CloudLog;
  /** Absent: no proxy. */
  readonly proxyFor?: ProxyFor;
  /** Shared by all clients of one vendor and key; its maker closes it. Absent: a queue of its own. */
  readonly queue?: CallQueue;
  /** Called when it is a request's turn; if it throws, the request does not leave and its caller gets the error. */
  readonly beforeCall?: () => void;
}

/** The client for one account. It sends nothing before its first call; `close` it when the account is removed. */
export function createCloudApi(
  config: CloudAccountConfig & { readonly vendor: CloudVendor },
  deps: CloudApiDeps,
): CloudApi {
  const http = new CloudHttp(deps.http, deps.clock, deps.extraHosts, deps.proxyFor);
  const account = (protocol: typeof HIK_PROTOCOL): CloudAccount =>
    new CloudAccount(config, protocol, { ...deps, http });
  switch (config.vendor) {
    case 'hikconnect':
      return new HikConnectApi(account(HIK_PROTOCOL), deps.extraHosts);
    case 'ezviz':
      return new EzvizApi(account(EZVIZ_PROTOCOL), deps.extraHosts);
  }
}
