import { AppError } from '../../../core/errors.js';
import { errorReply } from './replies.js';
import { withoutUrls } from './withoutUrls.js';

/** An HTTP answer from the address of MediaMTX's API. */
export interface Answer {
  readonly status: number;
  readonly data: unknown;
  /** The header `Server`; null: it is missing. */
  readonly server: string | null;
}

/** The `Server` header of each answer of MediaMTX v1.20, in lower case. */
const MEDIAMTX = 'mediamtx';
/** What Go's HTTPS server (net/http), which MediaMTX uses, answers to an unencrypted request. */
const WANTS_HTTPS = /HTTP request to an HTTPS server/;
const NAME_LENGTH = 40;

/** True for an answer that is not from MediaMTX's API: its answers are JSON, or at least have its `Server` header. */
export function isOtherProgram({ data, server }: Answer): boolean {
  return (typeof data !== 'object' || data === null) && server?.toLowerCase() !== MEDIAMTX && !wantsHttps(data);
}

/** True when the address is right except that it must begin with `https:`. */
export function wantsHttps(data: unknown): boolean {
  return typeof data === 'string' && WANTS_HTTPS.test(data.slice(0, 200));
}

/** The error for an answer with an error status. `lockedCure`: the cure when MediaMTX rejects our login. */
export function troubleOf(answer: Answer, baseUrl: string, lockedCure = LOCKED_CURE): AppError {
  const { status, data } = answer;
  if (wantsHttps(data)) {
    return new AppError('ENGINE_UNREACHABLE', `MediaMTX's API at ${baseUrl} is encrypted (apiEncryption: yes).`, {
      cure: `Set MEDIAMTX_API_URL to ${baseUrl.replace(/^http:/, 'https:')}, or apiEncryption: no in the file of MediaMTX.`,
    });
  }
  if (isOtherProgram(answer)) return otherProgram(answer, baseUrl);
  const read = errorReply.safeParse(data);
  const why = read.success ? withoutUrls(read.data.error) : 'no reason given';
  if (status === 401 || status === 403)
    return new AppError('ENGINE_LOCKED', `MediaMTX's API does not let camlease in (${status}): ${why}.`, {
      cure: lockedCure,
    });
  return new AppError('ENGINE_REFUSED', `MediaMTX refused (${status}): ${why}.`, {
    cure: 'See the log of MediaMTX; a path or setting of its file may be the cause.',
  });
}

export function otherProgram({ status, server }: Answer, baseUrl: string): AppError {
  const name = server?.replace(/[^ -~]/g, '').slice(0, NAME_LENGTH) ?? '';
  const what = name === '' ? `HTTP ${status}` : `HTTP ${status} of ${name}`;
  return new AppError('ENGINE_UNREACHABLE', `What answers at ${baseUrl} is not the API of MediaMTX (${what}).`, {
    cure: 'Let MEDIAMTX_API_URL name that API (apiAddress in the file of MediaMTX, port 9997 when it does not say). A proxy in between must forward everything under /v3/.',
  });
}

/** The error for a request without an answer. `code`: of the network error. `lateMs`: the timeout that ended it; null: none did. */
export function silenceOf(code: string | undefined, baseUrl: string, lateMs: number | null): AppError {
  if (lateMs !== null)
    return unreachable(`MediaMTX did not answer within ${lateMs / 1000} s at ${baseUrl}.`, UNREACHABLE_CURE);
  const found = code === undefined ? undefined : SILENCES.find(({ codes }) => codes.test(code));
  return found
    ? unreachable(found.message(baseUrl), found.cure)
    : unreachable(`MediaMTX does not answer at ${baseUrl}.`, UNREACHABLE_CURE);
}

function unreachable(message: string, cure: string): AppError {
  return new AppError('ENGINE_UNREACHABLE', message, { cure });
}

const UNREACHABLE_CURE =
  'Check that MediaMTX runs, that its API is on (api: yes), and that MEDIAMTX_API_URL points to it.';

const LOCKED_CURE =
  "camlease's own users stand in authInternalUsers of the file that MEDIAMTX_CONFIG_PATH names: start MediaMTX with that file. If it reads another one, add the lines of mediamtx-users.yml in DATA_DIR there, or set MEDIAMTX_API_USER and MEDIAMTX_API_PASS to a user of it that may use the API; with authMethod: http or jwt, let what decides there allow that.";

/** The cure when MediaMTX rejects the user that the operator set. */
export const GIVEN_USER_CURE =
  'The user of MEDIAMTX_API_USER and MEDIAMTX_API_PASS may not use it. Set both to a user that MediaMTX knows and that has the action api (with authMethod: jwt the password is a token with that right), or, where authMethod is internal, take both away: then camlease asks as a user of its own, which it writes into the file that MEDIAMTX_CONFIG_PATH names.';

/** Messages and cures by the codes of Node's network and TLS errors. */
const SILENCES: ReadonlyArray<{
  readonly codes: RegExp;
  readonly message: (baseUrl: string) => string;
  readonly cure: string;
}> = [
  {
    codes: /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|CERT_UNTRUSTED/,
    message: (url) => `The certificate of ${url} is not signed by an authority that camlease trusts.`,
    cure: 'Let the environment variable NODE_EXTRA_CA_CERTS name that certificate (apiServerCert of MediaMTX) or its authority, as a PEM file.',
  },
  {
    codes: /ALTNAME/,
    message: (url) => `The certificate of ${url} is for another name.`,
    cure: 'Let MEDIAMTX_API_URL name the host that the certificate (apiServerCert of MediaMTX) is for, or make one for this host.',
  },
  {
    codes: /CERT_(?:HAS_EXPIRED|NOT_YET_VALID)/,
    message: (url) => `The certificate of ${url} is not valid at this time.`,
    cure: 'Make a new one for MediaMTX (apiServerCert), and check the clocks of both machines.',
  },
  {
    codes: /^EPROTO$|WRONG_VERSION_NUMBER|SSL/,
    message: (url) => `What listens at ${url} does not speak HTTPS.`,
    cure: 'Write MEDIAMTX_API_URL with http:, or set apiEncryption: yes in the file of MediaMTX.',
  },
  {
    codes: /^HPE_/,
    message: (url) => `What listens at ${url} does not speak HTTP, so it is not the API of MediaMTX.`,
    cure: 'Let MEDIAMTX_API_URL name that API (apiAddress in the file of MediaMTX, port 9997 when it does not say).',
  },
  {
    codes: /^(?:ENOTFOUND|EAI_AGAIN|EAI_FAIL)$/,
    message: (url) => `The host of ${url} is not known here.`,
    cure: 'Correct the name in MEDIAMTX_API_URL, or let it be found (DNS, the name of the container).',
  },
];
