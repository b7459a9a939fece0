import type { Clock } from '../../src/core/clock.js';
import type { CloudVendor } from '../../src/core/camera/camera.js';
import type { CallKind, CallLog, CallRecord } from './callLog.js';
import { type Fields, Refusal } from './fields.js';
import type { Fleet, Region, SimulatedAccount } from '../fleet.js';
import type { HttpAnswer, HttpReply, HttpRequest } from './httpServer.js';
import type { LiveUrls } from './liveUrls.js';
import type { PictureStore } from './pictures.js';
import type { RateGate } from './rateGate.js';
import type { TokenDesk, TokenKind, TokenState } from './tokens.js';

/** The state that all servers of one simulator share. */
export interface World {
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly tokens: TokenDesk;
  readonly calls: CallLog;
  readonly rates: RateGate;
  readonly urls: LiveUrls;
  readonly pictures: PictureStore;
  /** The address of a vendor's area host, for calls after the login and for pictures. */
  readonly areaUrl: (vendor: CloudVendor, region: Region) => string;
  readonly onReply: (body: string) => void;
}

/** The place of a server: a login host serves logins alone, the area host of its region serves everything. */
export interface Site {
  readonly region: Region;
  readonly role: 'login' | 'area';
}

/** The parts of a call record that an endpoint knows. */
export type CallDetails = Partial<Pick<CallRecord, 'camera' | 'page' | 'quality' | 'urlId'>>;

export interface CloudCall {
  readonly world: World;
  readonly site: Site;
  readonly account: SimulatedAccount;
  readonly fields: Fields;
  /** Adds details to the call's record. */
  readonly note: (details: CallDetails) => void;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly kind: CallKind;
  /** Tokens that may call it; empty for a login. */
  readonly tokens: readonly TokenKind[];
  /** Returns the reply's content without its code; throws `Refusal`, `NoAnswer` or `NoSuchPath`. */
  readonly run: (call: CloudCall) => object;
}

/** The protocol of one vendor: its endpoints, and the form of requests and replies. */
export interface Dialect {
  readonly vendor: CloudVendor;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly fields: (request: HttpRequest) => Fields;
  /** The key that a login names; absent: its field `appKey`. */
  readonly key?: (request: HttpRequest) => string | null;
  /** Looks at each call of a known account before anything else, as a cloud does that wants signatures; null: it is in order. */
  readonly refusal?: (request: HttpRequest, account: SimulatedAccount, nowMs: number) => Refusal | null;
  readonly token: (request: HttpRequest, fields: Fields) => string | null;
  /** Returns the refusal for a token that is missing or not valid for the endpoint. */
  readonly tokenRefusal: (token: string | null, state: TokenState) => Refusal;
  readonly unknownKey: () => Refusal;
  readonly success: (result: object) => object;
  readonly failure: (refusal: Refusal, account: SimulatedAccount | null) => object;
  readonly successCode: string;
}

/** Thrown by an endpoint that leaves its caller hanging. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Thrown by an endpoint that this account's cloud does not have. */
export class NoSuchPath extends Error {
  override readonly name = 'NoSuchPath';
}

/** Answers the requests of one host of one vendor cloud, and logs them. */
export function cloudAnswers(world: World, site: Site, dialect: Dialect): (request: HttpRequest) => HttpAnswer {
  return (request) => {
    const picture = site.role === 'area' ? world.pictures.download(request.path, request.query) : null;
    if (picture) {
      const camera = picture.camera;
      const code = `HTTP${picture.reply.status}`;
      world.calls.answered(record(world, 'picture', camera?.account ?? null, { camera: camera?.ref ?? null }, code));
      return picture.reply;
    }
    const endpoint = dialect.endpoints[request.path];
    if (!endpoint) return json(404, { status: 404, error: 'Not Found', path: request.path });
    if (endpoint.method !== request.method) return json(405, { status: 405, error: 'Method Not Allowed' });
    return answerCall(world, site, dialect, endpoint, request);
  };
}

function answerCall(world: World, site: Site, dialect: Dialect, endpoint: Endpoint, request: HttpRequest): HttpAnswer {
  const details: CallDetails = {};
  let account: SimulatedAccount | null = null;
  let code = dialect.successCode;
  let answer: HttpAnswer;
  try {
    const fields = dialect.fields(request);
    const token = endpoint.tokens.length === 0 ? null : dialect.token(request, fields);
    const state: TokenState = token === null ? { account: null, kind: null, alive: false } : world.tokens.check(token);
    const isLogin = endpoint.tokens.length === 0;
    account = isLogin
      ? accountOfKey(world, dialect.vendor, dialect.key ? dialect.key(request) : fields.text('appKey'))
      : state.account;
    if (account) world.calls.arrived(account.name, world.clock.monotonicMs());
    const trouble = account && accountTrouble(account, world.rates);
    if (trouble) {
      answer = trouble.answer;
      code = trouble.code;
    } else {
      if (!account) throw isLogin ? dialect.unknownKey() : dialect.tokenRefusal(token, state);
      const refusal = dialect.refusal?.(request, account, world.clock.now().getTime());
      if (refusal) throw refusal;
      const rightHost = isLogin || (site.role === 'area' && account.region === site.region);
      const rightKind = isLogin || (state.alive && state.kind !== null && endpoint.tokens.includes(state.kind));
      if (!rightHost || !rightKind) throw dialect.tokenRefusal(token, state);
      const note = (more: CallDetails): void => void Object.assign(details, more);
      answer = json(200, dialect.success(endpoint.run({ world, site, account, fields, note })));
    }
  } catch (thrown) {
    if (thrown instanceof NoAnswer) {
      answer = 'HANG';
      code = 'HANG';
    } else if (thrown instanceof NoSuchPath) {
      answer = page(404, 'Not Found');
      code = 'HTTP404';
    } else if (thrown instanceof Refusal) {
      answer = json(200, dialect.failure(thrown, account));
      code = thrown.code;
    } else {
      throw thrown;
    }
  }
  world.calls.answered(record(world, endpoint.kind, account?.name ?? null, details, code));
  if (typeof answer === 'object') world.onReply(answer.body.toString());
  return answer;
}

/** The answer that an account's faults or rate limit give to every call, before the call is read; null: none. */
function accountTrouble(account: SimulatedAccount, rates: RateGate): { answer: HttpAnswer; code: string } | null {
  const { faults } = account;
  if (faults.has('hang')) return { answer: 'HANG', code: 'HANG' };
  if (faults.has('busy')) return { answer: page(503, 'Service Unavailable'), code: 'HTTP503' };
  if (faults.has('unreadable')) return { answer: page(200, 'Welcome'), code: 'UNREADABLE' };
  if (!rates.accepts(account)) {
    const { code } = account.rateLimit;
    if (code === 'DROP') return { answer: 'DROP', code };
    if (code === 'HTTP429') return { answer: page(429, 'Too Many Requests'), code };
    throw new Refusal(code);
  }
  return null;
}

function accountOfKey(world: World, vendor: CloudVendor, appKey: string | null): SimulatedAccount | null {
  return world.fleet.accounts.find((account) => account.vendor === vendor && account.appKey === appKey) ?? null;
}

function record(world: World, kind: CallKind, account: string | null, details: CallDetails, code: string): CallRecord {
  const { camera = null, page: pageNumber = null, quality = null, urlId = null } = details;
  const at = world.clock.now();
  return { at, arrivedMs: world.clock.monotonicMs(), account, kind, camera, page: pageNumber, quality, urlId, code };
}

function json(status: number, body: object): HttpReply {
  return { status, contentType: 'application/json;charset=UTF-8', body: JSON.stringify(body) };
}

function page(status: number, title: string): HttpReply {
  return { status, contentType: 'text/html', body: `<html><head><title>${title}</title></head><body></body></html>` };
}
