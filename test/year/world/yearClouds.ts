import axios, { AxiosError, AxiosHeaders } from 'axios';
import type { AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { CallLog, type CallRecord } from '../../../simulator/cloud/callLog.js';
import { cloudAnswers, type Dialect, type World } from '../../../simulator/cloud/cloudServer.js';
import type { HttpReply, HttpRequest } from '../../../simulator/cloud/httpServer.js';
import { LiveUrls } from '../../../simulator/cloud/liveUrls.js';
import { PictureStore } from '../../../simulator/cloud/pictures.js';
import { RateGate } from '../../../simulator/cloud/rateGate.js';
import { TokenDesk } from '../../../simulator/cloud/tokens.js';
import { ezvizDialect } from '../../../simulator/ezviz/ezvizCloud.js';
import type { Fleet } from '../../../simulator/fleet.js';
import { hikConnectDialect } from '../../../simulator/hikConnect/hikConnectCloud.js';
import type { CloudVendor } from '../../../src/core/camera/camera.js';
import type { Chance } from './chance.js';
import type { YearClock } from './yearClock.js';

const DIALECTS: readonly Dialect[] = [hikConnectDialect, ezvizDialect];
/**
 * The way of a request is even, as of one open connection: the cloud counts five a second as they come in, and camlease can
 * only pace how they leave. What varies is how long the cloud takes to answer.
 */
const THERE_MS = 30;
const FASTEST_MS = 60;
const SLOWEST_MS = 700;
/** Longer than anybody waits for an answer. */
const HANGS_MS = 16_000;

/** What is wrong with the way to an account's cloud now. */
export interface Trouble {
  /** Nothing answers at its address. */
  down: number;
  /** Part of the calls that fail, 0 to 1: with HTTP 502, or, once the cloud has done its work, without an answer. */
  storm: number;
  /** Reasons for which pages of a listing after the first are not given: those calls fail with HTTP 502. */
  latePages: number;
}

/** A live address that a cloud gave. */
export interface GivenUrl {
  readonly ref: string;
  readonly account: string;
  readonly urlId: string;
  /** Who asked, as `client` was told. */
  readonly caller: string;
  /** False: nobody was there any more to take it. */
  arrived: boolean;
}

export interface CloudEvents {
  /** Before the reply to a call for a live address leaves the cloud. */
  readonly onGiven: (given: GivenUrl) => void;
  readonly onCall: (call: CallRecord, caller: string) => void;
  /** Its answer came to the one who called: it was not lost on the way. */
  readonly onAnswered?: (call: CallRecord) => void;
}

/** Both simulated clouds, asked in this process: the real clients with their queues and rules, without a socket. */
export class YearClouds {
  readonly fleet: Fleet;
  readonly urls: LiveUrls;
  readonly trouble = new Map<string, Trouble>();
  readonly #clock: YearClock;
  readonly #chance: Chance;
  readonly #events: CloudEvents;
  readonly #answers: ReadonlyMap<CloudVendor, ReturnType<typeof cloudAnswers>>;

  constructor(fleet: Fleet, clock: YearClock, chance: Chance, events: CloudEvents) {
    this.fleet = fleet;
    this.#clock = clock;
    this.#chance = chance;
    this.#events = events;
    const area = (vendor: CloudVendor): string => `http://${vendor}.year.test`;
    this.urls = new LiveUrls(clock, fleet.seed, {
      rtmpUrl: (app, stream) => `rtmp://media.year.test/${app}/${stream}`,
      webBase: () => area('ezviz'),
    });
    const calls = new CallLog();
    calls.onCall((call) => this.#onCall(call));
    const world: World = {
      clock,
      fleet,
      urls: this.urls,
      tokens: new TokenDesk(clock, fleet.seed),
      calls,
      rates: new RateGate(clock),
      pictures: new PictureStore(clock, fleet.seed),
      areaUrl: area,
      onReply: () => undefined,
    };
    const site = { region: 'isgp', role: 'area' } as const;
    this.#answers = new Map(DIALECTS.map((dialect) => [dialect.vendor, cloudAnswers(world, site, dialect)]));
    for (const { name } of fleet.accounts) this.trouble.set(name, { down: 0, storm: 0, latePages: 0 });
  }

  #lastCall: CallRecord | null = null;
  #caller = '';

  #onCall(call: CallRecord): void {
    this.#lastCall = call;
    this.#events.onCall(call, this.#caller);
  }

  /**
   * The HTTP client of one account, in one life of camlease: `isAlive` says whether anybody takes the answer, `caller` tells one
   * process from another.
   */
  client(account: string, vendor: CloudVendor, isAlive: () => boolean, caller = 'camlease'): AxiosInstance {
    const http = axios.create();
    http.interceptors.request.use((config) => {
      config.adapter = (request) => this.#send(account, vendor, request, isAlive, caller);
      return config;
    });
    return http;
  }

  baseUrl(vendor: CloudVendor): string {
    return `http://${vendor}.year.test`;
  }

  async #send(
    account: string,
    vendor: CloudVendor,
    config: InternalAxiosRequestConfig,
    isAlive: () => boolean,
    caller: string,
  ): Promise<AxiosResponse> {
    if (!isAlive()) return new Promise(() => undefined);
    this.#clock.happened();
    (config.transport as { departed(): void }).departed();
    const trouble = this.trouble.get(account) ?? { down: 0, storm: 0, latePages: 0 };
    await this.#wait(THERE_MS, config);
    if (!isAlive()) return new Promise(() => undefined);
    const backMs = this.#clock.togetherMs(this.#chance.between(FASTEST_MS, SLOWEST_MS));
    if (trouble.down > 0) {
      await this.#wait(backMs, config);
      throw new AxiosError('connect ECONNREFUSED', 'ECONNREFUSED', config);
    }
    const inStorm = this.#chance.happens(trouble.storm);
    if ((inStorm && !this.#chance.happens(0.1)) || (trouble.latePages > 0 && isLatePage(config))) {
      await this.#wait(backMs, config);
      return response(config, { status: 502, contentType: 'text/html', body: '' }, this.#clock);
    }
    this.#lastCall = null;
    this.#caller = caller;
    const answer = this.#answers.get(vendor)?.(requestOf(config)) ?? 'DROP';
    const call = this.#madeCall();
    const given = this.#given(account, call, answer, caller);
    if (answer === 'HANG') return this.#hang(config);
    if (given) this.#events.onGiven(given);
    // Taken for lost until somebody has it: its caller may die, or hang up, while the reply is on its way.
    if (given) given.arrived = false;
    await this.#wait(backMs, config);
    if (!isAlive()) return new Promise(() => undefined);
    if (inStorm || answer === 'DROP') throw new AxiosError('socket hang up', 'ECONNRESET', config);
    if (call) this.#events.onAnswered?.(call);
    // Who dies in this very moment had no time to write it down.
    if (given) this.#clock.after(1, () => (given.arrived = isAlive()));
    return response(config, answer, this.#clock);
  }

  /** What the log of calls says of the request just made; null: it was no call. */
  #madeCall(): CallRecord | null {
    return this.#lastCall;
  }

  #given(account: string, call: CallRecord | null, answer: unknown, caller: string): GivenUrl | null {
    if (call?.kind !== 'live-address' || call.urlId === null || call.camera === null) return null;
    if (typeof answer !== 'object') return null;
    return { ref: call.camera, account, urlId: call.urlId, caller, arrived: true };
  }

  #wait(ms: number, config: InternalAxiosRequestConfig): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.afterAwake(ms, resolve);
      onAbort(config, () => {
        cancel();
        reject(new AxiosError('canceled', 'ERR_CANCELED', config));
      });
    });
  }

  /** Never answers; over when its caller hangs up. */
  #hang(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    this.#clock.happened(HANGS_MS);
    return new Promise((_resolve, reject) => {
      onAbort(config, () => reject(new AxiosError('canceled', 'ERR_CANCELED', config)));
    });
  }
}

/** A page of a listing of cameras that is not its first, as either vendor is asked for it. */
function isLatePage({ url, data }: InternalAxiosRequestConfig): boolean {
  if (typeof data !== 'string' || !/camera/i.test(url ?? '')) return false;
  return /\bpageStart=[1-9]/.test(data) || /"pageIndex":([2-9]|[1-9]\d)/.test(data);
}

function onAbort(config: InternalAxiosRequestConfig, run: () => void): void {
  const { signal } = config;
  if (signal?.aborted === true) run();
  else signal?.addEventListener?.('abort', run);
}

function requestOf(config: InternalAxiosRequestConfig): HttpRequest {
  const url = new URL(config.url ?? '');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers.toJSON())) headers[name.toLowerCase()] = String(value);
  const body = typeof config.data === 'string' ? config.data : '';
  return { method: (config.method ?? 'get').toUpperCase(), path: url.pathname, query: url.searchParams, headers, body };
}

function response(config: InternalAxiosRequestConfig, reply: HttpReply, clock: YearClock): AxiosResponse {
  const headers = new AxiosHeaders({ 'content-type': reply.contentType, date: clock.now().toUTCString() });
  return { data: Buffer.from(reply.body), status: reply.status, statusText: '', headers, config };
}
