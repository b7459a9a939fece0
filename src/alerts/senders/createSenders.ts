import type { AxiosInstance } from 'axios';
import type { Clock, Random } from '../../core/clock.js';
import type { ProxyFor } from '../../core/outboundProxy.js';
import { createHttpSender, type SenderLog } from '../delivery/httpSender.js';
import { createPost } from '../delivery/post.js';
import type { AlertSender, SenderSettings } from '../sender.js';
import { createEmailSender } from './email.js';
import { pushTarget } from './push/registry.js';
import { createWebhookTarget } from './webhook.js';

export interface SenderDeps {
  readonly http: AxiosInstance;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: SenderLog;
  /** Absent: no proxy. */
  readonly proxyFor?: ProxyFor;
  /** This machine's name, for the greeting to mail servers. */
  readonly hostName?: string;
  /** Certificates (PEM) of the authorities to trust, in place of Node's own list; absent: that list. */
  readonly authorities?: readonly string[];
}

/** One sender for each of the settings, in their order. The settings have passed `sendersSchema`. */
export function createSenders(settings: readonly SenderSettings[], deps: SenderDeps): AlertSender[] {
  const { clock, random, log, authorities, hostName } = deps;
  const http = { clock, random, log, post: createPost(deps.http, clock, authorities, deps.proxyFor) };
  return settings.map((one) => {
    if (one.kind === 'email') return createEmailSender(one, { clock, random, log, authorities, hostName });
    return createHttpSender(one, one.kind === 'webhook' ? createWebhookTarget(one) : pushTarget(one.url), http);
  });
}
