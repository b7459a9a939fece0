import { hasSuffix } from '../../core/camera/hosts.js';
import { CameraError } from '../../core/errors.js';
import type { CloudProtocol } from '../replies/protocol.js';

/** For each host of several; a single host gets as long as any other call. */
const SEARCH_TIMEOUT_MS = 8_000;
/** From outside its country such a host mostly does not answer at all. */
const LAST_RESORT_TIMEOUT_MS = 4_000;

type Search = Pick<CloudProtocol, 'unknownKeyCodes' | 'lastResorts'>;

export interface LoginHost {
  readonly url: string;
  /** Absent: as long as any call. */
  readonly timeoutMs?: number;
}

/**
 * The hosts to log in at, in order: the one that accepted the key last time, the others as given, and the last resorts at the
 * end.
 */
export function loginHosts(urls: readonly string[], remembered: string | null, search: Search): LoginHost[] {
  const rank = (url: string): number => (url === remembered ? 0 : isLastResort(url, search) ? 2 : 1);
  const sorted = [...urls].sort((a, b) => rank(a) - rank(b));
  if (sorted.length === 1) return sorted.map((url) => ({ url }));
  return sorted.map((url) => {
    if (rank(url) === 0) return { url };
    return { url, timeoutMs: rank(url) === 2 ? LAST_RESORT_TIMEOUT_MS : SEARCH_TIMEOUT_MS };
  });
}

/**
 * Logs in at the first host that knows the key. Goes on after each answer that says nothing about the key: the host does not
 * know it, could not be reached, or has a fault of its own. Throws the error of the hosts that decide, with a list of all
 * answers.
 */
export async function logInSomewhere<T>(
  hosts: readonly LoginHost[],
  remembered: string | null,
  search: Search,
  logInAt: (host: LoginHost) => Promise<T>,
): Promise<T> {
  const answers: { readonly url: string; readonly error: CameraError }[] = [];
  const decides = ({ url }: LoginHost): boolean => url === remembered || !isLastResort(url, search);
  const hasDecider = hosts.some(decides);
  for (const host of hosts) {
    try {
      return await logInAt(host);
    } catch (thrown) {
      if (!(thrown instanceof CameraError)) throw thrown;
      if (!saysNothing(thrown, search) && (decides(host) || !hasDecider)) throw thrown;
      answers.push({ url: host.url, error: thrown });
    }
  }
  const [only, second] = answers;
  if (only === undefined) throw new Error('an account without login hosts');
  if (second === undefined) throw only.error;
  throw nobodyKnows(
    answers,
    answers.filter(({ url }) => decides({ url })),
    search,
  );
}

function saysNothing({ code, failureClass, accountWide }: CameraError, { unknownKeyCodes }: Search): boolean {
  return unknownKeyCodes.has(code) || (failureClass === 'retry' && !accountWide);
}

type Answers = ReadonlyArray<{ readonly url: string; readonly error: CameraError }>;

function nobodyKnows(answers: Answers, deciding: Answers, { unknownKeyCodes }: Search): CameraError {
  const said = deciding.length > 0 ? deciding : answers;
  // A host that could not be asked may be the one that knows the key, so the message must not call the keys wrong.
  const error = (said.find(({ error: { code } }) => !unknownKeyCodes.has(code)) ?? said[0])?.error;
  if (error === undefined) throw new Error('nobody answered');
  const list = answers.map((one) => `${new URL(one.url).host}: ${one.error.message.replace(/\.$/, '')}`).join('; ');
  return new CameraError(error.code, error.failureClass, `No login host of the vendor accepted the account. ${list}.`, {
    cure: error.cure,
    accountWide: error.accountWide,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  });
}

function isLastResort(url: string, { lastResorts }: Search): boolean {
  return URL.canParse(url) && hasSuffix(new URL(url).hostname, lastResorts);
}
