const URL_IN_TEXT = /[a-z][a-z0-9+.-]*:\/\/[^\s'"<>]+/gi;

/** Text of MediaMTX's own with every URL taken out: a path's source is a secret, and its errors and log lines may quote it. */
export function withoutUrls(text: string): string {
  return text.replaceAll(URL_IN_TEXT, '<url>');
}
