import type { AxiosInstance } from 'axios';
import { limited } from '../../../core/async/deadline.js';
import type { Clock } from '../../../core/clock.js';
import type { AppError } from '../../../core/errors.js';
import { apiAdapter } from './apiAdapter.js';
import { isOtherProgram, otherProgram, wantsHttps } from './apiTrouble.js';
import { infoReply } from './replies.js';

/** What answers at the address of MediaMTX's API. */
export type ApiFound =
  /** `url`: with `https:` if the API turned out to be encrypted. `locked`: the API requires a login. */
  | { readonly kind: 'mediamtx' | 'locked'; readonly url: string }
  | { readonly kind: 'other'; readonly trouble: AppError }
  | { readonly kind: 'nothing' };

const BOUND_MS = 2_000;

/** Sends one request without a login, bounded to 2 s; never throws. */
export async function probeApi(http: AxiosInstance, clock: Clock, url: string): Promise<ApiFound> {
  try {
    const { status, data, headers } = await limited({ clock, ms: BOUND_MS }, (signal) =>
      http.get<unknown>(`${url}/v3/info`, { adapter: apiAdapter, validateStatus: () => true, signal }),
    );
    if (wantsHttps(data) && url.startsWith('http:')) return await probeApi(http, clock, url.replace('http:', 'https:'));
    const server = typeof headers['server'] === 'string' ? headers['server'] : null;
    const answer = { status, data, server };
    if (infoReply.safeParse(data).success) return { kind: 'mediamtx', url };
    // MediaMTX answers a missing login in JSON; an HTML page that asks for a password is another program's.
    if ((status === 401 || status === 403) && !isOtherProgram(answer)) return { kind: 'locked', url };
    return { kind: 'other', trouble: otherProgram(answer, url) };
  } catch {
    return { kind: 'nothing' };
  }
}
