/** What stands in place of a value that nobody may see. */
export const MASK = '***';

/** `=`, `:`, `@` and `&`, raw or percent-encoded: some cameras take a login inside the path (`/user=admin_password=…`, `/0/admin:…/main`). */
const LOGIN_IN_PATH = /[=:@&]|%(?:3D|3A|40|26)/i;
/** A part of a path that is long and has a digit: a key rather than a word. */
const LIKE_A_KEY = /^(?=.*\d)[\w.~-]{20,}$/;

/**
 * The URL of a camera as people may see it. Login, query and fragment are masked, since each may hold a password; so is each part
 * of the path in which a login or a key can stand, and of RTMP the last part, which often is a key. A text that is no URL is masked
 * whole.
 */
export function maskedUrl(text: string): string {
  if (!URL.canParse(text)) return MASK;
  const { protocol, username, password, host, pathname, search, hash } = new URL(text);
  const login = username === '' && password === '' ? '' : `${MASK}@`;
  const parts = pathname.split('/').map((part) => (LOGIN_IN_PATH.test(part) || LIKE_A_KEY.test(part) ? MASK : part));
  const isRtmp = protocol === 'rtmp:' || protocol === 'rtmps:';
  if (isRtmp && parts.at(-1) !== '') parts[parts.length - 1] = MASK;
  return `${protocol}//${login}${host}${parts.join('/')}${search === '' ? '' : `?${MASK}`}${hash === '' ? '' : `#${MASK}`}`;
}
