import type { UrlSource } from './camera.js';

/** The address with its login in it, percent-encoded, as programs that pull a stream take it. Secret. */
export function urlWithLogin({ url, login }: Pick<UrlSource, 'url' | 'login'>): string {
  const start = url.indexOf('://');
  if (login === null || start === -1) return url;
  const written = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}`;
  return `${url.slice(0, start + 3)}${written}@${url.slice(start + 3)}`;
}
