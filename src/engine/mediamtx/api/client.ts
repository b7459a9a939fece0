import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import type { z } from 'zod';
import { withoutTrailing } from '../../../core/boundedText.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { PathConfig } from '../paths/pathConfig.js';
import { PathDefaults } from '../paths/pathDefaults.js';
import { apiAdapter } from './apiAdapter.js';
import { isOtherProgram, otherProgram, silenceOf, troubleOf } from './apiTrouble.js';
import { ownFields } from './ownFields.js';
import * as replies from './replies.js';

/** The most that MediaMTX hands out at once; its own default is 100. */
const PAGE_SIZE = 1000;
/** Lists of sessions by protocol; one that is switched off has none. */
const HLS_SESSIONS = 'hlssessions';
const SESSION_LISTS = [
  HLS_SESSIONS,
  'webrtcsessions',
  'rtspsessions',
  'rtspssessions',
  'rtmpconns',
  'rtmpsconns',
  'srtconns',
  'moqsessions',
];

/** A list that was not there is not asked for again so long: who switches a protocol on is seen to watch by it a minute later. */
const NO_LIST_MS = 60_000;

/** MediaMTX keeps whoever logs in wrongly waiting for up to 4 s: that is no hanging. */
const REFUSAL_MS = 6_000;

export interface ClientOptions {
  /** Carries nothing of ours; base URL, time-out and status handling are set with each request. */
  readonly http: AxiosInstance;
  readonly baseUrl: string;
  readonly clock: Clock;
  /** The header that each request logs in with; absent: none. */
  readonly authorization?: () => string;
  /** What helps when that is refused; absent: what helps for camlease's own users. */
  readonly lockedCure?: string;
  /** True for the name of a user of camlease's own; absent: there is none. */
  readonly isOwnUser?: (name: string) => boolean;
  /** For one request. Writes to a server with 10,000 paths take 1.4 s, lists 1.6 s. */
  readonly timeoutMs?: number;
}

/** Somebody connected. */
export interface Session extends replies.SessionReply {
  readonly isHls: boolean;
  /**
   * It named itself as a user of ours. MediaMTX reports whatever name a client sends where everybody may read, so the names of our users
   * are secrets.
   */
  readonly isOurs: boolean;
}

interface Reply {
  readonly status: number;
  readonly data: unknown;
}

/** MediaMTX's API. Throws `AppError` ENGINE_UNREACHABLE, ENGINE_LOCKED or ENGINE_REFUSED; a caller's abort is thrown as it is. */
export class MediaMtxClient {
  readonly baseUrl: string;
  /** What its operator set for every path, as `learnDefaults` saw it last. Lines that are written are fitted to it. */
  readonly defaults = new PathDefaults();
  readonly #http: AxiosInstance;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #authorization: (() => string) | null;
  readonly #isOwnUser: (name: string) => boolean;
  #lockedOut: AppError | null = null;
  readonly #lockedCure: string | undefined;
  readonly #asking = new Set<AbortController>();
  #isClosed = false;
  #timeoutsInARow = 0;
  /** When a list of sessions was last not there. */
  readonly #noLists = new Map<string, number>();
  #lastSessions: { readonly atMs: number; readonly all: readonly Session[] } | null = null;

  constructor({ http, baseUrl, clock, authorization, lockedCure, isOwnUser, timeoutMs = 10_000 }: ClientOptions) {
    this.#lockedCure = lockedCure;
    this.#http = http;
    this.baseUrl = withoutTrailing(baseUrl, '/');
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#authorization = authorization ?? null;
    this.#isOwnUser = isOwnUser ?? ((): boolean => false);
  }

  /** True when the last answer was that our user may not ask. */
  get isLockedOut(): boolean {
    return this.#lockedOut !== null;
  }

  /** Requests that got no answer in time since the last one that did: a hung API, not an absent one. */
  get timeoutsInARow(): number {
    return this.#timeoutsInARow;
  }

  /** Nothing is asked any more; what is being asked, and every later call, throws `SHUTTING_DOWN`. */
  close(): void {
    this.#isClosed = true;
    for (const asking of this.#asking) asking.abort(shuttingDown());
  }

  async info(signal?: AbortSignal, timeoutMs?: number): Promise<replies.Info> {
    const { data } = await this.#ask('GET', '/v3/info', { ...(signal && { signal }) }, timeoutMs);
    return this.#parse(replies.infoReply, data, '/v3/info');
  }

  /** Every configured path by name, defaults merged in. */
  async pathConfigs(signal?: AbortSignal): Promise<ReadonlyMap<string, PathConfig>> {
    const items = await this.#list('/v3/config/paths/list', replies.pathConfigPage, signal);
    return new Map((items ?? []).map((item) => [item.name, ownFields(item)]));
  }

  /** null: not configured. */
  async pathConfig(name: string, signal?: AbortSignal): Promise<PathConfig | null> {
    const found = await this.#get(`/v3/config/paths/get/${name}`, replies.pathConfigReply, signal);
    if (!found) return null;
    return ownFields(found);
  }

  /** The settings that are for the whole server. */
  async globalConfig(signal?: AbortSignal): Promise<replies.GlobalConfigReply> {
    const { data } = await this.#ask('GET', '/v3/config/global/get', { ...(signal && { signal }) });
    return this.#parse(replies.globalConfigReply, data, '/v3/config/global/get');
  }

  /** Reads what every path has that says nothing else. True: it is other than before. */
  async learnDefaults(signal?: AbortSignal): Promise<boolean> {
    const path = '/v3/config/pathdefaults/get';
    const { status, data } = await this.#ask('GET', path, { ...(signal && { signal }) }, undefined, [404]);
    return this.defaults.learn(status === 404 ? {} : this.#parse(replies.pathDefaultsReply, data, path));
  }

  /** Creates or overwrites the whole path. */
  async replacePath(name: string, config: PathConfig, signal?: AbortSignal): Promise<void> {
    const data = this.defaults.fit(name, config);
    await this.#ask('POST', `/v3/config/paths/replace/${name}`, { data, ...(signal && { signal }) });
  }

  /** Changes these fields only; what the operator added stays. */
  async patchPath(name: string, config: Partial<PathConfig>, signal?: AbortSignal): Promise<void> {
    await this.#ask('PATCH', `/v3/config/paths/patch/${name}`, { data: config, ...(signal && { signal }) });
  }

  /** A path that is not there counts as removed. */
  async removePath(name: string, signal?: AbortSignal): Promise<void> {
    await this.#ask('DELETE', `/v3/config/paths/delete/${name}`, { ...(signal && { signal }) }, undefined, [404]);
  }

  /** What every path does now. */
  async paths(signal?: AbortSignal): Promise<readonly replies.PathReply[]> {
    return (await this.#list('/v3/paths/list', replies.pathPage, signal)) ?? [];
  }

  /** null: no such path. */
  async path(name: string, signal?: AbortSignal): Promise<replies.PathReply | null> {
    return this.#get(`/v3/paths/get/${name}`, replies.pathReply, signal);
  }

  /** Everybody who is connected, over all protocols. With `maxAgeMs` an answer of a moment ago will do: up to eight lists are read. */
  async sessions(signal?: AbortSignal, maxAgeMs = 0): Promise<readonly Session[]> {
    // MediaMTX logs each refusal, and waits with it: whoever looks whether it is back is enough.
    if (this.#lockedOut) throw this.#lockedOut;
    const nowMs = this.#clock.monotonicMs();
    if (this.#lastSessions && nowMs - this.#lastSessions.atMs < maxAgeMs) return this.#lastSessions.all;
    const lists = SESSION_LISTS.filter((list) => nowMs - (this.#noLists.get(list) ?? -Infinity) >= NO_LIST_MS);
    const found = await Promise.all(
      lists.map(async (list) => {
        const sessions = await this.#list(`/v3/${list}/list`, replies.sessionPage, signal);
        if (sessions === null) this.#noLists.set(list, nowMs);
        return (sessions ?? []).map((session) => ({
          ...session,
          isHls: list === HLS_SESSIONS,
          isOurs: this.#isOwnUser(session.user),
        }));
      }),
    );
    const all = found.flat();
    this.#lastSessions = { atMs: nowMs, all };
    return all;
  }

  async #get<T extends z.ZodType>(path: string, schema: T, signal?: AbortSignal): Promise<z.infer<T> | null> {
    const { status, data } = await this.#ask('GET', path, { ...(signal && { signal }) }, undefined, [404]);
    return status === 404 ? null : this.#parse(schema, data, path);
  }

  /** null: there is no such list. */
  async #list<I>(
    path: string,
    schema: z.ZodType<{ pageCount: number; items: I[] }>,
    signal?: AbortSignal,
  ): Promise<readonly I[] | null> {
    const found: I[] = [];
    for (let page = 0, pages = 1; page < pages; page++) {
      const more = { params: { page, itemsPerPage: PAGE_SIZE }, ...(signal && { signal }) };
      const { status, data } = await this.#ask('GET', path, more, undefined, [404]);
      if (status === 404) return null;
      const { pageCount, items } = this.#parse(schema, data, path);
      found.push(...items);
      pages = pageCount;
    }
    return found;
  }

  async #ask(
    method: string,
    path: string,
    more: Pick<AxiosRequestConfig, 'data' | 'params'> & { signal?: AbortSignal },
    timeoutMs = this.#timeoutMs,
    expected: readonly number[] = [],
  ): Promise<Reply> {
    const { signal, ...rest } = more;
    signal?.throwIfAborted();
    if (this.#isClosed) throw shuttingDown();
    const late = new AbortController();
    this.#asking.add(late);
    const waitMs = this.#lockedOut ? Math.max(timeoutMs, REFUSAL_MS) : timeoutMs;
    const cancelTimer = this.#clock.after(waitMs, () => late.abort());
    const signals = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
    // Paths hold cloud URLs: no proxy of the environment and no redirect takes them elsewhere.
    const fixed = { adapter: apiAdapter, validateStatus: () => true };
    const login = this.#authorization ? { headers: { authorization: this.#authorization() } } : {};
    const config = { method, url: `${this.baseUrl}${path}`, ...rest, ...fixed, ...login, signal: signals };
    try {
      const { status, data, headers } = await this.#http.request<unknown>(config);
      this.#timeoutsInARow = 0;
      const answer = { status, data, server: serverOf(headers) };
      if (status < 300 && method === 'GET' && isOtherProgram(answer)) throw otherProgram(answer, this.baseUrl);
      const isFine = status < 300 || expected.includes(status);
      const trouble = isFine ? null : troubleOf(answer, this.baseUrl, this.#lockedCure);
      this.#lockedOut = status === 401 ? trouble : null;
      if (trouble) throw trouble;
      return answer;
    } catch (thrown) {
      if (!axios.isAxiosError(thrown) && !axios.isCancel(thrown)) throw thrown;
      signal?.throwIfAborted();
      if (late.signal.reason instanceof AppError) throw late.signal.reason;
      // Should it come back, then perhaps with other protocols.
      this.#noLists.clear();
      this.#timeoutsInARow = late.signal.aborted ? this.#timeoutsInARow + 1 : 0;
      const code = axios.isAxiosError(thrown) ? thrown.code : undefined;
      throw silenceOf(code, this.baseUrl, late.signal.aborted ? waitMs : null);
    } finally {
      cancelTimer();
      this.#asking.delete(late);
    }
  }

  #parse<T extends z.ZodType>(schema: T, data: unknown, path: string): z.infer<T> {
    const read = schema.safeParse(data);
    if (read.success) return read.data;
    const field = read.error.issues[0]?.path.join('.') ?? '';
    throw new AppError('ENGINE_REFUSED', `MediaMTX's answer to ${path} has an unreadable field '${field}'.`, {
      cure: 'Look whether the address in MEDIAMTX_API_URL is really MediaMTX, of the version that camlease names.',
    });
  }
}

/** What is asked, or written, while camlease stops is given up with this. */
export function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'camlease is shutting down.');
}

function serverOf(headers: unknown): string | null {
  const name = typeof headers === 'object' && headers !== null && 'server' in headers ? headers.server : null;
  return typeof name === 'string' ? name : null;
}
