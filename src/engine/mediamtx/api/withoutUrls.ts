import { replaceUrls } from '../../../core/urlsInText.js';

/** Text of MediaMTX's own with every URL taken out: a path's source is a secret, and its errors and log lines may quote it. */
export function withoutUrls(text: string): string {
  return replaceUrls(text, () => '<url>');
}
