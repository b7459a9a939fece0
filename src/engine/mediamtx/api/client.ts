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

/** The most items that MediaMTX returns in one page; its default is 100. */
const PAGE_SIZE = 1000;
/** Lists of sessions, one for each protocol; MediaMTX answers 404 for a protocol that is off. */
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

/** How long a missing list is not requested again: viewers by a protocol that was just switched on are counted a minute late. */
const NO_LIST_MS = 60_000;

/** The timeout after a rejected login: MediaMTX delays its answer to a wrong login by up to 4 s, and does not hang then. */
const REFUSAL_MS = 6_000;

export interface ClientOptions {
  /** Needs no defaults: the client sets base URL, timeout and status handling with each request. */
  readonly http: AxiosInstance;
  readonly baseUrl: string;
  readonly clock: Clock;
  /** The `Authorization` header for each request; absent: none. */
  readonly authorization?: () => string;
  /** The cure when MediaMTX rejects the login; absent: the cure for camlease's own users. */
  readonly lockedCure?: string;
  /** True for the name of one of camlease's own users in MediaMTX; absent: there are none. */
  readonly isOwnUser?: (name: string) => boolean;
  /** The timeout of one request. With 10,000 paths, MediaMTX takes 1.4 s for a write and 1.6 s for a list. */
  readonly timeoutMs?: number;
}

/** A connection to MediaMTX, by any protocol. */
export interface Session extends replies.SessionReply {
  readonly isHls: boolean;
  /**
   * True: the client named itself as one of camlease's users. Where everybody may read, MediaMTX reports any name that a client sends, so
   * the names of our users are secrets.
   */
  readonly isOurs: boolean;
}

interface Reply {
  readonly status: number;
  readonly data: unknown;
}

/**
 * MediaMTX's API. Every method throws `AppError` with `ENGINE_UNREACHABLE`, `ENGINE_LOCKED` or `ENGINE_REFUSED`, `SHUTTING_DOWN` after
 * `close`, and the caller's abort as it is.
 */
export class MediaMtxClient {
  readonly baseUrl: string;
  /** MediaMTX's `pathDefaults` as `learnDefaults` last read them. The lines that are written are fitted to them. */
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
  /** When each missing list of sessions was last requested. */
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

  /** True when MediaMTX's last answer rejected our login. */
  get isLockedOut(): boolean {
    return this.#lockedOut !== null;
  }

  /** How many requests in a row timed out: more than none means that the API hangs, not that it is absent. */
  get timeoutsInARow(): number {
    return this.#timeoutsInARow;
  }

  /** Ends all requests: those under way and every later call throw `SHUTTING_DOWN`. */
  close(): void {
    this.#isClosed = true;
    for (const asking of this.#asking) asking.abort(shuttingDown());
  }

  async info(signal?: AbortSignal, timeoutMs?: number): Promise<replies.Info> {
    const { data } = await this.#ask('GET', '/v3/info', { ...(signal && { signal }) }, timeoutMs);
    return this.#parse(replies.infoReply, data, '/v3/info');
  }

  /** Our fields of every configured path, by name, without what `pathDefaults` add (see `ownFields`). */
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

  /** MediaMTX's global settings. */
  async globalConfig(signal?: AbortSignal): Promise<replies.GlobalConfigReply> {
    const { data } = await this.#ask('GET', '/v3/config/global/get', { ...(signal && { signal }) });
    return this.#parse(replies.globalConfigReply, data, '/v3/config/global/get');
  }

  /** Reads MediaMTX's `pathDefaults` into `defaults`. True: they differ from before. */
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

  /** Changes these fields only; fields that the operator added stay. */
  async patchPath(name: string, config: Partial<PathConfig>, signal?: AbortSignal): Promise<void> {
    await this.#ask('PATCH', `/v3/config/paths/patch/${name}`, { data: config, ...(signal && { signal }) });
  }

  /** Removes a path; a missing one counts as removed. */
  async removePath(name: string, signal?: AbortSignal): Promise<void> {
    await this.#ask('DELETE', `/v3/config/paths/delete/${name}`, { ...(signal && { signal }) }, undefined, [404]);
  }

  /** The present state of every path. */
  async paths(signal?: AbortSignal): Promise<readonly replies.PathReply[]> {
    return (await this.#list('/v3/paths/list', replies.pathPage, signal)) ?? [];
  }

  /** null: no such path. */
  async path(name: string, signal?: AbortSignal): Promise<replies.PathReply | null> {
    return this.#get(`/v3/paths/get/${name}`, replies.pathReply, signal);
  }

  /** All connections, over all protocols. `maxAgeMs`: an earlier answer this old will do, since up to eight lists are read. */
  async sessions(signal?: AbortSignal, maxAgeMs = 0): Promise<readonly Session[]> {
    // MediaMTX logs and delays each rejected login, so only `MediaMtxMonitor` asks whether the login works again.
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
      // MediaMTX may come back with other protocols.
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
      cure: 'Check that MEDIAMTX_API_URL really points to MediaMTX, of the version that camlease requires.',
    });
  }
}

/** The error with which requests and writes end while camlease stops. */
export function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'camlease is shutting down.');
}

function serverOf(headers: unknown): string | null {
  const name = typeof headers === 'object' && headers !== null && 'server' in headers ? headers.server : null;
  return typeof name === 'string' ? name : null;
}
