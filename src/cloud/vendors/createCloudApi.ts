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
  /** `CLOUD_EXTRA_HOSTS`: host suffixes accepted beside the vendor's own, over plain http too. */
  readonly extraHosts: readonly string[];
  readonly log?: CloudLog;
  /** Absent: no proxy. */
  readonly proxyFor?: ProxyFor;
  /** Shared by all clients of one vendor and key; whoever made it closes it. Absent: one of its own. */
  readonly queue?: CallQueue;
  /** Called when a request's turn has come: what it throws is thrown, and the request does not leave. */
  readonly beforeCall?: () => void;
}

/** The client for one account. It sends nothing until it is asked; `close` it when the account goes. */
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
