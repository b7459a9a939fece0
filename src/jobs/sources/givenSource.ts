import type { SourceLogin, UrlSource } from '../../core/camera/camera.js';
import type { GivenSource } from '../../core/camera/cameraChange.js';
import { MASK, maskedUrl } from '../../core/camera/maskedUrl.js';
import { isPlainText, LONGEST_LOGIN, readSourceUrl, withLoginApart } from '../../core/camera/sourceUrl.js';
import { AppError } from '../../core/errors.js';

/** What is to be opened. */
export interface WantedSource {
  readonly url: string;
  readonly host: string;
  /** The readings of the login, the likeliest first; never empty. null: without a login. */
  readonly logins: readonly [SourceLogin | null, ...SourceLogin[]];
}

const HIDDEN_LOGIN = 'Give user and password again, or "login": null if the camera asks for none.';

/** Reads a new camera's source. Throws REQUEST_INVALID; no sentence repeats a part of what was given. */
export function newSource(given: GivenSource): WantedSource {
  if (given.url === undefined) throw invalid('The source names no "url".', 'Give the address of the camera.');
  if (holdsMask(given.url) || given.user === MASK || given.password === MASK)
    throw masked('A new camera has no hidden value yet');
  const read = addressOf(given.url);
  const apart = givenLogin(given, null);
  if (apart === undefined) return { ...read, logins: loginsInside(read.logins) };
  if (read.logins.length > 0 && apart !== null) {
    throw invalid('The login is given twice: inside the address, and beside it.', 'Leave one of the two out.');
  }
  return { ...read, logins: [apart] };
}

/** What a change asks for; null: nothing differs from what is stored. Throws REQUEST_INVALID. */
export function changedSource(stored: UrlSource, given: GivenSource): WantedSource | null {
  const current = withLoginApart(stored);
  const isSameUrl = given.url === undefined || given.url === maskedUrl(current.url) || given.url === current.url;
  if (!isSameUrl && holdsMask(given.url)) throw masked('The address differs from the stored one and is still masked');
  const read = addressOf(isSameUrl ? current.url : (given.url ?? ''));
  if (!isSameUrl && read.logins.length > 0) return different(stored, { ...read, logins: loginsInside(read.logins) });
  const apart = givenLogin(given, current.login);
  if (apart === undefined) {
    if (!isSameUrl && current.login !== null)
      throw invalid('The address changes, and its user and password are hidden.', HIDDEN_LOGIN);
    return different(stored, { ...read, logins: [current.login] });
  }
  if (!isSameUrl && apart !== null && isPartHidden(given))
    throw invalid('The address changes, and a part of its login is hidden.', HIDDEN_LOGIN);
  return different(stored, { ...read, logins: [apart] });
}

/** null where the store has just this already. */
function different(stored: UrlSource, wanted: WantedSource): WantedSource | null {
  const { url, login } = withLoginApart(stored);
  return wanted.url === url && wanted.logins.some((one) => isSameLogin(one, login)) ? null : wanted;
}

export function isSameLogin(a: SourceLogin | null, b: SourceLogin | null): boolean {
  return a === null || b === null ? a === b : a.user === b.user && a.password === b.password;
}

/** undefined: nothing is said of the login. */
function givenLogin(
  { user, password, login }: GivenSource,
  stored: SourceLogin | null,
): SourceLogin | null | undefined {
  if (login === null && !isSaid(user) && !isSaid(password)) return null;
  if (user === null && !isSaid(password)) return null;
  if (!isSaid(user) && !isSaid(password)) return undefined;
  const wholeUser = isSaid(user) ? user : (stored?.user ?? '');
  if (!isSaid(password) && stored !== null && wholeUser !== stored.user)
    throw invalid('The user changes, and the password is hidden.', 'Give the password, too; "" if there is none.');
  const wholePassword = isSaid(password) ? password : (stored?.password ?? '');
  for (const text of [wholeUser, wholePassword]) {
    if (text.length > LONGEST_LOGIN || !isPlainText(text)) {
      throw invalid(
        'User or password is too long, or holds control characters.',
        `Each may have ${LONGEST_LOGIN} characters.`,
      );
    }
  }
  return wholeUser === '' && wholePassword === '' ? null : { user: wholeUser, password: wholePassword };
}

function isSaid(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== MASK;
}

function isPartHidden({ user, password }: GivenSource): boolean {
  return !isSaid(user) || !isSaid(password);
}

function loginsInside(logins: readonly SourceLogin[]): WantedSource['logins'] {
  const [first, ...more] = logins;
  return [first ?? null, ...more];
}

function addressOf(text: string): { url: string; host: string; logins: readonly SourceLogin[] } {
  const read = readSourceUrl(text);
  if (read.kind === 'fault') throw invalid(read.message, read.cure);
  return { url: read.url, host: read.host, logins: read.logins };
}

/** Forms send a mask back percent-encoded, too; it would be taken for a login, and the camera would count a wrong try. */
function holdsMask(url: string): boolean {
  return url.replace(/%2a/gi, '*').includes(MASK);
}

function masked(message: string): AppError {
  return invalid(`${message}: "${MASK}" stands for what is not shown.`, 'Give the whole value.');
}

function invalid(message: string, cure: string): AppError {
  return new AppError('REQUEST_INVALID', message, { cure });
}
