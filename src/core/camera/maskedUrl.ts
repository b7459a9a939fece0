/** What stands in place of a value that nobody may see. */
export const MASK = '***';

/**
 * The URL of a camera as people may see it: login and query are masked, since both may hold a password, and of RTMP the last
 * part of the path, which often is a key. So is a part of the path with `=` in it, where some cameras take a login. A text that is no URL is masked whole.
 */
export function maskedUrl(text: string): string {
  if (!URL.canParse(text)) return MASK;
  const { protocol, username, password, host, pathname, search } = new URL(text);
  const login = username === '' && password === '' ? '' : `${MASK}@`;
  const isRtmp = protocol === 'rtmp:' || protocol === 'rtmps:';
  const path = (isRtmp ? pathname.replace(/[^/]+$/, MASK) : pathname).replace(/[^/]*=[^/]*/g, MASK);
  return `${protocol}//${login}${host}${path}${search === '' ? '' : `?${MASK}`}`;
}
