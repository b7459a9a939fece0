import type { z } from 'zod';
import { withoutTrailing } from '../../core/boundedText.js';
import type { Clock, Random } from '../../core/clock.js';
import type { CameraError } from '../../core/errors.js';
import { hasSuffix, isApiUrlAllowed } from '../../core/camera/hosts.js';
import { orAborted } from '../../core/async/orAborted.js';
import { AccessTokens, type AccessToken } from './accessToken.js';
import type { AccountCheck, CallPriority } from '../cloudApi.js';
import { statusError, type CloudHttp, type CloudReply } from './cloudHttp.js';
import { cameraError, ownError, type ErrorEntry } from '../replies/errorTable.js';
import { logInSomewhere, loginHosts, type LoginHost } from './loginSearch.js';
import { isPictureUrlAllowed } from './pictureHost.js';
import { ofThisCallAlone, refusesAccount, withCode } from './refusedCall.js';
import { parseReply, withoutCode, type CloudProtocol, type Envelope, type Fields } from '../replies/protocol.js';
import { CallQueue, type QueuePriority } from './rateLimit.js';

/** The life that both clouds document for a token; used only when the reply's own expiry makes no sense. */
const USUAL_TOKEN_LIFE_MS = 7 * 86_400_000;
const LONGEST_TOKEN_LIFE_MS = 31 * 86_400_000;
/** A pause is drawn longer by up to this part, so that several accounts behind one IP address do not all call again at once. */
const PAUSE_JITTER = 0.1;

/** One login at one vendor cloud, as the configuration gives it. */
export interface CloudAccountConfig {
  readonly name: string;
  readonly appKey: string;
  readonly secret: string;
  /** Login hosts to try in order; empty: all regions of the vendor. */
  readonly baseUrls: readonly string[];
}

/** The part of the log that the cloud clients use. */
export interface CloudLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface CloudAccountDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: CloudHttp;
  readonly extraHosts: readonly string[];
  readonly log?: CloudLog;
  /** Shared by all accounts with one key, since the vendor counts calls by key; its maker closes it. Absent: the account makes its own. */
  readonly queue?: CallQueue;
  /** Called right before each request, logins too; if it throws, the request is not sent and its caller gets the error. */
  readonly beforeCall?: () => void;
}

/** A call of a vendor's API: the vendor's protocol encodes `fields`, and `schema` reads the reply. */
export interface CloudCall<T> {
  readonly path: string;
  readonly fields: Fields;
  readonly schema: z.ZodType<T>;
  readonly priority: CallPriority;
}

/** What differs between the vendors of accounts. */
export interface CloudOfAccount {
  readonly protocol: CloudProtocol;
  /** Suffixes of the hosts that may be called. */
  readonly apiHosts: readonly string[];
}

/**
 * One account. Does what is the same at every cloud: finds the region, logs in, queues calls, repeats a call after a fresh login, and
 * pauses calls when the cloud asks for it.
 */
export class CloudAccount {
  readonly name: string;
  readonly #config: CloudAccountConfig;
  readonly #protocol: CloudProtocol;
  readonly #apiHosts: readonly string[];
  readonly #deps: CloudAccountDeps;
  readonly #queue: CallQueue;
  readonly #tokens: AccessTokens;
  /** The login host that accepted the key last time. */
  #region: string | null = null;
  /** True: the cloud has served a call since it last refused the account. */
  #hasServed = false;
  #asking: Promise<boolean> | null = null;
  #nonces = 0;

  constructor(config: CloudAccountConfig, { protocol, apiHosts }: CloudOfAccount, deps: CloudAccountDeps) {
    this.name = config.name;
    this.#config = config;
    this.#protocol = protocol;
    this.#apiHosts = apiHosts;
    this.#deps = deps;
    this.#queue = deps.queue ?? new CallQueue(deps.clock);
    this.#tokens = new AccessTokens(deps.clock, (signal) => this.#logIn(signal));
  }

  /** Logs in again, to check the account's keys. */
  async check(signal?: AbortSignal): Promise<AccountCheck> {
    const token = await this.#tokens.renew(signal);
    return { areaDomain: new URL(token.apiUrl).host, cloudTime: token.cloudTime };
  }

  /**
   * Makes a call with the account's token. When the cloud calls the token dead, logs in once and repeats the call once. When the cloud
   * refuses the account for this call and still serves another, throws the refusal as a fault of this call alone.
   */
  async call<T>(call: CloudCall<T>, signal?: AbortSignal): Promise<T> {
    const json = await this.#tokens
      .use(
        (token, afterLogin) => this.#request(call.priority, call.path, call.fields, token, afterLogin, signal),
        signal,
      )
      .catch(async (thrown: unknown) => {
        if (!this.#hasServed || !refusesAccount(thrown)) throw thrown;
        throw (await this.#servesOtherCalls(call.priority, signal)) ? ofThisCallAlone(thrown) : thrown;
      });
    this.#hasServed = true;
    return parseReply(call.schema, json);
  }

  now(): Date {
    return this.#deps.clock.now();
  }

  /**
   * Makes the smallest call, to learn whether the cloud refuses the whole account or only one call. Calls that are refused at the
   * same time share one smallest call.
   */
  #servesOtherCalls(priority: CallPriority, signal?: AbortSignal): Promise<boolean> {
    const { path, fields } = this.#protocol.smallestCall;
    this.#asking ??= this.#tokens
      .use(async (token) => {
        // Caught inside `use`: a refusal of the smallest call must not cause another login.
        const isServed = await this.#request(priority, path, fields, token, true, undefined).then(
          () => true,
          () => false,
        );
        this.#hasServed = isServed;
        return isServed;
      })
      .finally(() => (this.#asking = null));
    return orAborted(this.#asking, signal);
  }

  /** The host that calls go to; logs in first if needed. */
  async apiHostname(signal?: AbortSignal): Promise<string> {
    return this.#tokens.use(async (token) => new URL(token().apiUrl).hostname, signal);
  }

  /** Fetches a picture from a URL in a reply. It comes from an object store, not from the API, so it waits in no queue. */
  async download(url: string, signal?: AbortSignal): Promise<Buffer> {
    // An older EZVIZ document still shows a picture host with http (img.ys7.com); the same store answers by https.
    const secure = hasSuffix(hostnameOf(url), this.#deps.extraHosts) ? url : url.replace(/^http:/i, 'https:');
    if (!isPictureUrlAllowed(secure, this.#deps.extraHosts)) {
      throw ownError('CLOUD_HOST_REFUSED', {
        message: 'The cloud names a host for its picture that camlease does not accept.',
      });
    }
    return this.#deps.http.download(secure, signal);
  }

  queued(): Readonly<Record<CallPriority, number>> {
    return this.#queue.queued();
  }

  close(): void {
    this.#tokens.close();
    if (!this.#deps.queue) this.#queue.close();
    this.#deps.http.close();
  }

  /** Tries the login hosts in turn, until one accepts or refuses the key itself. */
  async #logIn(signal: AbortSignal): Promise<AccessToken> {
    const { baseUrls, appKey, secret } = this.#config;
    const known = baseUrls.length > 0 ? baseUrls : this.#protocol.regions;
    const fields = this.#protocol.loginFields(appKey, secret);
    const hosts = loginHosts(known, this.#region, this.#protocol);
    return logInSomewhere(hosts, this.#region, this.#protocol, async (host) => {
      const token = await this.#logInAt(host, fields, signal);
      if (host.url !== this.#region) {
        this.#deps.log?.info('logged in at the vendor cloud', {
          account: this.name,
          host: new URL(token.apiUrl).host,
        });
      }
      this.#region = host.url;
      return token;
    });
  }

  async #logInAt({ url, timeoutMs }: LoginHost, fields: Fields, signal: AbortSignal): Promise<AccessToken> {
    const { loginPath } = this.#protocol;
    const loginUrl = this.#allowed(url, 'The base URL of the account is not on a host of the vendor.');
    const { reply, requestedAt } = await this.#queue.run(
      'login',
      async (departed, stop) => ({
        requestedAt: this.#deps.clock.now(),
        reply: await this.#post(loginUrl, loginPath, fields, null, departed, stop, timeoutMs),
      }),
      signal,
    );
    const login = this.#protocol.readLogin(this.#read('login', reply, false));
    const area = login.areaDomain === null ? loginUrl : withScheme(login.areaDomain);
    const named = hostnameOf(area) || 'something else';
    const apiUrl = this.#allowed(area, `The cloud names ${named} for later calls, which is not a host of the vendor.`);
    return {
      value: login.accessToken,
      apiUrl,
      lifeMs: tokenLifeMs(login.expiresAt, [reply.date, requestedAt]),
      cloudTime: reply.date,
    };
  }

  async #request(
    priority: CallPriority,
    path: string,
    fields: Fields,
    token: () => AccessToken,
    afterLogin: boolean,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const reply = await this.#queue.run(
      priority,
      (departed, stop) => {
        const { apiUrl, value } = token();
        return this.#post(apiUrl, path, fields, value, departed, stop);
      },
      signal,
    );
    return this.#read(priority, reply, afterLogin);
  }

  #post(
    apiUrl: string,
    path: string,
    fields: Fields,
    token: string | null,
    departed: () => void,
    signal: AbortSignal,
    timeoutMs?: number,
  ): Promise<CloudReply> {
    this.#deps.beforeCall?.();
    const { appKey, secret } = this.#config;
    const now = this.#deps.clock.now();
    return this.#deps.http.post({
      url: `${apiUrl}${path}`,
      ...this.#protocol.encode({ path, fields, token, appKey, secret, now, nonce: () => this.#nonce() }),
      departed,
      signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  }

  /** The count differs for each call of this client; the random part keeps nonces apart from those of earlier runs and other processes. */
  #nonce(): string {
    const chance = [1, 2]
      .map(() =>
        Math.floor(this.#deps.random() * 2 ** 32)
          .toString(16)
          .padStart(8, '0'),
      )
      .join('');
    return `${(++this.#nonces).toString(16)}-${chance}`;
  }

  /** Returns the JSON of a successful reply. Otherwise starts the pause that the error asks for, if any, and throws the error. */
  #read(priority: QueuePriority, reply: CloudReply, afterLogin: boolean): unknown {
    const error = this.#errorOf(reply, priority !== 'login', afterLogin);
    if (error === null) return reply.json;
    if (error.retryAfterMs !== undefined) this.#pause(error, error.retryAfterMs, priority);
    throw error;
  }

  #errorOf(reply: CloudReply, hasToken: boolean, afterLogin: boolean): CameraError | null {
    const envelope = reply.status >= 500 || reply.status === 429 ? null : this.#protocol.envelope(reply.json);
    if (envelope?.kind === 'none' && reply.json !== undefined && reply.status < 300) return withoutCode();
    if (envelope === null || envelope.kind === 'none') return statusError(reply.status, reply.retryAfterMs, hasToken);
    if (envelope.kind === 'success') {
      return reply.status < 300 ? null : statusError(reply.status, reply.retryAfterMs, hasToken);
    }
    const { code, entry } = hasToken ? envelope : this.#loginFailure(envelope);
    const waitMs = Math.max(entry.waitMs ?? 0, reply.retryAfterMs ?? 0);
    return cameraError(code, {
      ...entry,
      ...(entry.permanentAfterLogin === true && afterLogin && { failureClass: 'permanent' as const }),
      ...(waitMs > 0 && { waitMs }),
      // An operator whose account is refused will ask the vendor about the code, so the message names it.
      ...((entry.accountWide === true || !hasToken) && { message: withCode(entry.message, code) }),
    });
  }

  /** A cloud may name its code for an unknown key only in the text of a failed login, under another code; the one in the text counts. */
  #loginFailure(failure: Envelope & { kind: 'failure' }): { readonly code: string; readonly entry: ErrorEntry } {
    const { unknownKeyCodes } = this.#protocol;
    const named = failure.text.match(/[A-Z]{0,4}\d{5,6}/g) ?? [];
    const code = unknownKeyCodes.has(failure.code) ? undefined : named.find((one) => unknownKeyCodes.has(one));
    return code === undefined ? failure : { code, entry: this.#protocol.entryOf(code) };
  }

  /** Pauses all calls after a limit of the whole account, and only captures after a limit that a capture met. */
  #pause(error: CameraError, waitMs: number, priority: QueuePriority): void {
    if (!error.accountWide && !(error.failureClass === 'quota' && priority === 'capture')) return;
    const { code, failureClass, message, cure, accountWide } = error;
    const again = (leftMs: number): CameraError =>
      cameraError(code, { failureClass, message, cure, accountWide, waitMs: leftMs });
    const pauseMs = waitMs * (1 + this.#deps.random() * PAUSE_JITTER);
    this.#queue.pause(pauseMs, again, error.accountWide ? undefined : ['capture']);
    this.#deps.log?.warn('the vendor cloud asks camlease to wait', {
      account: this.name,
      code,
      waitMs: Math.round(pauseMs),
    });
  }

  #allowed(url: string, refusal: string): string {
    if (!isApiUrlAllowed(url, this.#apiHosts, this.#deps.extraHosts)) {
      throw ownError('CLOUD_HOST_REFUSED', { message: refusal, accountWide: true });
    }
    return withoutTrailing(url, '/');
  }
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function withScheme(areaDomain: string): string {
  return areaDomain.includes('://') ? areaDomain : `https://${areaDomain}`;
}

/**
 * How long a token lives, in ms. `clocks`: the time of the login by the cloud's clock and by this machine's, which may be wrong; the
 * first that gives a possible life counts.
 */
function tokenLifeMs(expiresAt: Date | null, clocks: readonly (Date | null)[]): number {
  for (const clock of clocks) {
    const lifeMs = clock === null || expiresAt === null ? 0 : expiresAt.getTime() - clock.getTime();
    if (lifeMs > 0 && lifeMs <= LONGEST_TOKEN_LIFE_MS) return lifeMs;
  }
  return USUAL_TOKEN_LIFE_MS;
}
