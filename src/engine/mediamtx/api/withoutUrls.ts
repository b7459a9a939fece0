import { replaceUrls } from '../../../core/urlsInText.js';

/** Replaces every URL in a text from MediaMTX by `<url>`: a path's source is secret, and errors and log lines may quote it. */
export function withoutUrls(text: string): string {
  return replaceUrls(text, () => '<url>');
}
