import http from 'node:http';
import https from 'node:https';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { isLocalhost, sourceHost, type SourceNetworks } from '../core/camera/sourceNetworks.js';
import { limited } from '../core/async/deadline.js';
import type { Clock } from '../core/clock.js';
import { textOfBytes } from '../core/textOfBytes.js';
import type { MasterList } from '../core/feeds/masterItems.js';
import { checkedLookup, NotAllowed, type lookupAll } from './checkedLookup.js';

/** The text that an address answered; or why there is none (the rest of a sentence that names no address) and the cure. */
export type ListAnswer =
  { readonly text: string; readonly problem: null } | { readonly problem: string; readonly cure: string };

export interface AskDeps {
  readonly clock: Clock;
  readonly networks: SourceNetworks;
  /** Resolves names; the system's resolver, or that of a test. Answers every address of the name. */
  readonly lookup?: typeof lookupAll;
}

/** 10,000 cameras of 1.6 KB each. */
const LARGEST_BYTES = 16 * 1024 * 1024;
const MOST_REDIRECTS = 5;
const RETRIED = 'camlease asks again by itself. ';

/**
 * Asks a master list's address once, within its time-out. Each host on the way, of redirects too, is checked against the networks
 * that may be dialled, and the address that was checked is the one that is dialled. Goes through no proxy, whose dials could not be
 * checked. Rejects only with the reason of the aborted signal.
 */
export async function askList(list: MasterList, deps: AskDeps, signal: AbortSignal): Promise<ListAnswer> {
  const { clock } = deps;
  const lookup = checkedLookup(deps.networks, deps.lookup);
  const client = axios.create({
    ...{ proxy: false, maxRedirects: 0, maxContentLength: LARGEST_BYTES, responseType: 'arraybuffer' },
    ...{ validateStatus: () => true, transformResponse: (body: unknown) => body },
    httpAgent: new http.Agent({ lookup }),
    httpsAgent: new https.Agent({ lookup }),
  });
  try {
    return await limited({ clock, ms: list.timeoutMs, signal }, (limit) => follow(client, list, deps, limit));
  } catch (thrown) {
    signal.throwIfAborted();
    return whyNot(thrown, list);
  }
}

async function follow(
  client: AxiosInstance,
  list: MasterList,
  { networks }: AskDeps,
  signal: AbortSignal,
): Promise<ListAnswer> {
  let url = new URL(list.url);
  const { origin } = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    checkHost(url, networks);
    // Headers and login are for the host that the operator named, and no other.
    const isOwn = url.origin === origin;
    const headers = { Accept: 'application/json', ...(isOwn && list.headers) };
    const response: AxiosResponse<Buffer> = await client.get(url.href, { headers, signal });
    const { status, headers: answered, data } = response;
    const location: unknown = answered['location'];
    if (status >= 300 && status < 400 && typeof location === 'string') {
      const next = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
      if (next === null || !/^https?:$/.test(next.protocol))
        return { problem: 'redirects to something that is no http address', cure: CURE_OF_ADDRESS };
      url = next;
      continue;
    }
    if (status === 200) return { text: textOfBytes(data), problem: null };
    return { problem: `answered with status ${status}`, cure: cureOfStatus(status) };
  }
  return { problem: `redirects more than ${MOST_REDIRECTS} times`, cure: CURE_OF_ADDRESS };
}

const CURE_OF_ADDRESS = `${RETRIED}Correct the url of the list in camlease.yml.`;
const CURE_OF_NETWORK =
  'Loopback, link-local and metadata addresses are not asked. If the list really lives there, name its network in SOURCE_NETWORKS.';

function cureOfStatus(status: number): string {
  if (status === 401 || status === 403)
    return `${RETRIED}Check what the list wants in \`headers\` in camlease.yml, such as an Authorization.`;
  if (status === 404) return CURE_OF_ADDRESS;
  return `${RETRIED}If it lasts, look at the system that gives the list.`;
}

/** A host that is an address is dialled without being resolved, so it is checked here. */
function checkHost(url: URL, networks: SourceNetworks): void {
  const host = sourceHost(url.hostname);
  if (host === null || (host.kind === 'address' && !networks.isAllowed(host.host))) throw new NotAllowed();
  // Without a resolver's word: whether it may be dialled depends on what the operator allowed.
  if (host.kind === 'name' && isLocalhost(host.host) && !networks.isAllowed('127.0.0.1')) throw new NotAllowed();
}

/** Never the error's own sentence, which may hold the address and so a key. */
function whyNot(thrown: unknown, list: MasterList): ListAnswer {
  const cause = causeOf(thrown);
  if (cause instanceof NotAllowed)
    return { problem: 'leads to an address that may not be asked', cure: CURE_OF_NETWORK };
  const { code = '', message } = cause;
  if (message.startsWith('maxContentLength'))
    return { problem: `answered more than ${LARGEST_BYTES / 1024 / 1024} MB`, cure: CURE_OF_ADDRESS };
  if (axios.isCancel(thrown) || cause.name === 'TimeoutError')
    return {
      problem: `did not answer within ${list.timeoutMs / 1000} s`,
      cure: `${RETRIED}If it is only slow, give it a longer \`timeout\` in camlease.yml.`,
    };
  const cure = `${RETRIED}If it lasts, check the url of the list in camlease.yml, and the system that gives it.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return { problem: 'has a host that cannot be resolved', cure };
  if (code === 'ECONNREFUSED') return { problem: 'cannot be reached, since nobody listens there', cure };
  if (/CERT|TLS|SSL|SELF_SIGNED/.test(code)) return { problem: 'has a certificate that is not trusted', cure };
  return { problem: `cannot be reached${/^E[A-Z_]{2,20}$/.test(code) ? ` (${code})` : ''}`, cure };
}

function causeOf(thrown: unknown): Error & { readonly code?: string | undefined } {
  const cause = axios.isAxiosError(thrown) && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (!(cause instanceof Error)) return new Error('unknown');
  return axios.isAxiosError(thrown) && !(cause instanceof NotAllowed)
    ? Object.assign(cause, { code: (cause as NodeJS.ErrnoException).code ?? thrown.code })
    : cause;
}
