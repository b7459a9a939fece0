import { createHash } from 'node:crypto';
import type { Random } from '../clock.js';

/** A user and password in clear. They never reach a log. */
export interface LoginUser {
  readonly user: string;
  readonly password: string;
}

type Challenge = { readonly scheme: 'basic' } | DigestChallenge;

interface DigestChallenge {
  readonly scheme: 'digest';
  /** As it came, between its quotes. */
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  /** As it came; null: the camera names none, which means MD5. */
  readonly algorithm: string | null;
  readonly hash: 'md5' | 'sha256';
  readonly isSession: boolean;
  readonly hasQop: boolean;
  readonly isStale: boolean;
}

/**
 * - `answer`: the request is to be sent again, with `header`.
 * - `refused`: the camera has refused the login. It must not be sent again: several wrong ones lock the account for half an hour.
 * - `missing`: the camera wants a login and none is known.
 * - `unknown`: the camera wants a kind of login that we do not speak.
 */
export type LoginStep = 'answer' | 'refused' | 'missing' | 'unknown';

/** Cameras send one or two challenges of some hundred characters; a much longer one would cost much time to read. */
const MOST_OFFERS = 8;
const LONGEST_OFFER = 2_000;
const HASHES: Readonly<Record<string, 'md5' | 'sha256'>> = { md5: 'md5', 'sha-256': 'sha256' };
/** A scheme, or one field of the scheme before it. Quotes are consumed with their field, so a scheme's name inside a realm is none. */
const PIECES = /\b(digest|basic)\s+(?=[\w-]+\s*=)|([\w-]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^\s,"]+))|^\s*(basic)\s*$/gi;

/** One character for each byte of the text in UTF-8, so that it can be joined with bytes that a camera sent. */
export function byteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The login of one camera over all connections: reads the camera's challenges and answers them (RFC 2617, RFC 7616). */
export class ChallengedLogin {
  readonly #user: LoginUser | null;
  readonly #random: Random;
  #challenge: Challenge | null = null;
  #isProven = false;
  #uses = 0;

  constructor(user: LoginUser | null, random: Random) {
    this.#user = user;
    this.#random = random;
  }

  /** True: the camera has accepted the login, so another challenge is about the nonce and not about the password. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** The `Authorization` header of a request, one character for each byte; null: the camera has not asked. `url`: as in the request. */
  header(method: string, url: string): string | null {
    if (this.#challenge === null || this.#user === null) return null;
    const user = byteText(this.#user.user);
    const password = byteText(this.#user.password);
    if (this.#challenge.scheme === 'basic')
      return `Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`;
    return this.#digest(this.#challenge, user, password, method, url);
  }

  /** Called with each answer but a 401. `wasSent`: the request had the login in it. */
  accepted(wasSent: boolean): void {
    if (wasSent) this.#isProven = true;
  }

  /** Reads the `WWW-Authenticate` headers of a 401. `tries`: how often this request was sent with the login. */
  challenged(offers: readonly string[], tries: number): LoginStep {
    if (this.#user === null) return 'missing';
    const challenge = challengeIn(offers);
    if (challenge === null) return tries > 0 ? 'refused' : 'unknown';
    const isAboutNonce = this.#isProven || (challenge.scheme === 'digest' && challenge.isStale);
    if (tries > 1 || (tries === 1 && !isAboutNonce)) return 'refused';
    this.#challenge = challenge;
    this.#uses = 0;
    return 'answer';
  }

  #digest(challenge: DigestChallenge, user: string, password: string, method: string, url: string): string {
    const { realm, nonce, opaque, algorithm, hash, isSession, hasQop } = challenge;
    const digest = (text: string): string => createHash(hash).update(text, 'latin1').digest('hex');
    this.#uses += 1;
    const count = this.#uses.toString(16).padStart(8, '0');
    const ours = Math.floor(this.#random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0');
    const plain = digest(`${user}:${realm.replaceAll('\\"', '"')}:${password}`);
    const secret = isSession ? digest(`${plain}:${nonce}:${ours}`) : plain;
    const request = digest(`${method}:${url}`);
    const response = digest(
      hasQop ? `${secret}:${nonce}:${count}:${ours}:auth:${request}` : `${secret}:${nonce}:${request}`,
    );
    const quoted = user.replace(/["\\]/g, '\\$&');
    return [
      `Digest username="${quoted}", realm="${realm}", nonce="${nonce}", uri="${url}", response="${response}"`,
      ...(opaque === null ? [] : [`opaque="${opaque}"`]),
      ...(algorithm === null ? [] : [`algorithm=${algorithm}`]),
      ...(hasQop || isSession ? [`cnonce="${ours}"`] : []),
      ...(hasQop ? [`qop=auth, nc=${count}`] : []),
    ].join(', ');
  }
}

/** The first digest that we speak, since it does not send the password; else Basic. null: neither is offered. */
function challengeIn(offers: readonly string[]): Challenge | null {
  const read = offers.slice(0, MOST_OFFERS).flatMap((offer) => challengesOf(offer.slice(0, LONGEST_OFFER)));
  return read.find(({ scheme }) => scheme === 'digest') ?? read[0] ?? null;
}

/** One header may hold several challenges, one behind the other. */
function challengesOf(offer: string): Challenge[] {
  const found: { scheme: string; fields: Map<string, string> }[] = [];
  for (const [, scheme, name, quoted, bare, alone] of offer.matchAll(PIECES)) {
    const begun = scheme ?? alone;
    if (begun !== undefined) found.push({ scheme: begun.toLowerCase(), fields: new Map() });
    else if (name !== undefined) found.at(-1)?.fields.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  return found.flatMap(({ scheme, fields }): Challenge[] => {
    if (scheme === 'basic') return [{ scheme: 'basic' }];
    return digestOf(fields) ?? [];
  });
}

function digestOf(fields: ReadonlyMap<string, string>): DigestChallenge[] | null {
  const algorithm = fields.get('algorithm') ?? null;
  const name = (algorithm ?? 'md5').toLowerCase();
  const hash = HASHES[name.replace(/-sess$/, '')];
  const nonce = fields.get('nonce');
  if (hash === undefined || nonce === undefined) return null;
  const qop = fields.get('qop') ?? null;
  const hasQop = qop !== null && qop.split(',').some((one) => one.trim().toLowerCase() === 'auth');
  return [
    {
      scheme: 'digest',
      ...{ realm: fields.get('realm') ?? '', nonce, algorithm, hash, hasQop },
      opaque: fields.get('opaque') ?? null,
      isSession: name.endsWith('-sess'),
      isStale: fields.get('stale')?.toLowerCase() === 'true',
    },
  ];
}
