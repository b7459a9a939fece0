import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A text that must not appear outside, and its kind. */
export interface Secret {
  readonly what: 'live URL' | 'picture URL' | 'signature' | 'token' | 'key';
  readonly text: string;
}

/** Where a secret was found. The secret itself is left out, since the message of a failed test is a log too. */
export interface Leak {
  readonly what: Secret['what'];
  readonly where: string;
}

/** All secrets in the replies of the simulated clouds: URLs and parts of them, their signatures, and tokens. */
export function secretsIn(cloudReplies: readonly string[]): Secret[] {
  const found = new Map<string, Secret['what']>();
  for (const body of cloudReplies) {
    if (!body.startsWith('{')) continue;
    JSON.parse(body, (name, value: unknown) => {
      if (typeof value !== 'string') return value;
      if (/token$/i.test(name)) found.set(value, 'token');
      else if (value.includes('?') && URL.canParse(value)) addUrl(found, value);
      return value;
    });
  }
  return [...found].map(([text, what]) => ({ what, text }));
}

/** The secrets of a URL with a query: all of it, it without scheme and host, its query, and each long value in that. */
export function secretsOfUrl(url: string): Secret[] {
  const found = new Map<string, Secret['what']>();
  addUrl(found, url);
  return [...found].map(([text, what]) => ({ what, text }));
}

function addUrl(found: Map<string, Secret['what']>, text: string): void {
  const url = new URL(text);
  const what = url.protocol.startsWith('http') ? 'picture URL' : 'live URL';
  for (const part of [text, url.pathname + url.search, url.search.slice(1)]) found.set(part, what);
  for (const value of url.searchParams.values()) if (value.length >= 20) found.set(value, 'signature');
}

/** Searches a text for every secret: unchanged, and encoded for a query, for HTML and in base64. */
export function leaksIn(where: string, haystack: string, secrets: readonly Secret[]): Leak[] {
  return secrets.flatMap(({ what, text }) =>
    forms(text).some((form) => haystack.includes(form)) ? [{ what, where }] : [],
  );
}

function forms(text: string): string[] {
  const base64 = Buffer.from(text).toString('base64').replace(/=+$/, '');
  return [...new Set([text, encodeURIComponent(text), text.replaceAll('&', '&amp;'), base64])];
}

/** The files below a folder that contain one of the secrets, with the permissions of each (`600`). */
export function filesWithSecrets(folder: string, secrets: readonly Secret[]): { name: string; mode: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const file = path.join(folder, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile()) return [];
    const holdsOne = leaksIn(name, readFileSync(file, 'latin1'), secrets).length > 0;
    return holdsOne ? [{ name, mode: (stat.mode & 0o777).toString(8) }] : [];
  });
}
