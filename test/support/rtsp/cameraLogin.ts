import { createHash } from 'node:crypto';
import type { Manner, OddRequest } from './oddCamera.js';

export interface CameraLoginOptions {
  readonly user?: string;
  readonly password?: string;
  /** The values of the `WWW-Authenticate` headers of a 401. */
  readonly offers?: (nonce: string, isStale: boolean) => readonly string[];
  /** Whether the nonce is replaced before this request is looked at. */
  readonly changesAt?: (request: OddRequest) => boolean;
  /** True: a 401 for a nonce that was replaced says so. */
  readonly saysStale?: boolean;
  /** True: the camera closes the connection behind each 401. */
  readonly closes?: boolean;
  /** Lines of a 401 besides the challenges. */
  readonly lines?: readonly string[];
}

export interface CameraLogin {
  readonly manner: Manner;
  /** The kinds of login that were accepted and refused so far, such as `Digest` or `Basic`. */
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

export const DIGEST = (nonce: string, more = ''): string => `Digest realm="camera", nonce="${nonce}"${more}`;

/** A camera's login, as RFC 2617 and RFC 7616 say, or a little beside them. */
export function cameraLogin(options: CameraLoginOptions = {}): CameraLogin {
  const { user = 'admin', password = 'pass', offers = (nonce: string) => [DIGEST(nonce)] } = options;
  const accepted: string[] = [];
  const refused: string[] = [];
  let nonces = 1;
  const manner: Manner = (request, usual) => {
    const isReplaced = options.changesAt?.(request) === true;
    if (isReplaced) nonces += 1;
    const nonce = `nonce${nonces}`;
    const header = request.headers.get('authorization');
    const scheme = /^\S*/.exec(header ?? '')?.[0] ?? '';
    const isRight = header !== undefined && isLogin(header, request, { user, password, nonce });
    if (isRight) {
      accepted.push(scheme);
      return usual;
    }
    if (header !== undefined) refused.push(scheme);
    const challenges = offers(nonce, options.saysStale === true && isReplaced);
    return {
      status: 401,
      headers: [...challenges.map((offer) => `WWW-Authenticate: ${offer}`), ...(options.lines ?? [])],
      ...(options.closes === true && { closes: true }),
    };
  };
  return { manner, accepted, refused };
}

function isLogin(
  header: string,
  { method, url }: OddRequest,
  { user, password, nonce }: { readonly user: string; readonly password: string; readonly nonce: string },
): boolean {
  if (/^basic /i.test(header)) return Buffer.from(header.slice(6), 'base64').toString('utf8') === `${user}:${password}`;
  const fields = new Map(
    [...header.matchAll(/(\w+)=(?:"((?:\\"|[^"])*)"|([^\s,]+))/g)].map(
      ([, name = '', quoted, bare]): [string, string] => [name, quoted ?? bare ?? ''],
    ),
  );
  const read = (name: string): string => fields.get(name) ?? '';
  const algorithm = read('algorithm').toUpperCase();
  const hash = (...parts: readonly Buffer[]): string =>
    createHash(algorithm.startsWith('SHA-256') ? 'sha256' : 'md5')
      .update(Buffer.concat(parts))
      .digest('hex');
  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
  const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
  const realm = bytes(read('realm').replaceAll('\\"', '"'));
  const colon = utf8(':');
  const secret = hash(utf8(user), colon, realm, colon, utf8(password));
  const asked = hash(bytes(`${method}:${url}`));
  const middle = fields.has('qop') ? `${read('nc')}:${read('cnonce')}:${read('qop')}:` : '';
  const expected = hash(bytes(`${secret}:${nonce}:${middle}${asked}`));
  const isOurs = bytes(read('username').replaceAll('\\"', '"').replaceAll('\\\\', '\\')).toString('utf8') === user;
  return isOurs && read('nonce') === nonce && read('uri') === url && read('response') === expected;
}
