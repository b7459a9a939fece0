import { replaceUrls, type UrlInText } from '../core/urlsInText.js';

const MASK = '[hidden]';

/** A vendor's tokens by their form: `hcc.`, `at.`, `ra.` or `dv.` with a long tail. */
const TOKEN = /\b(?:hcc|at|ra|dv)\.[A-Za-z0-9_-]{12,}/g;
/** The end of a scheme of live URLs; the rest of such a URL is the secret. */
const LIVE_SCHEME = /(?:rtmps?|ezopen|rtsps?|srt)$/i;
/** A live URL inside another URL. */
const LIVE_WITHIN = /(rtmps?|ezopen|rtsps?|srt):\/\/.*$/i;
/** Marks an http(s) URL as secret: a live playlist, a signed picture, or a signature in its query. */
const SIGNED = /openlive|[?&](?:t|token|accessToken|expire|X-Amz-[A-Za-z-]{1,64}|Signature)=/i;
/** `user:password@`; a raw `@` inside the password belongs to it. */
const LOGIN = /:\/\/[^/]*@/g;

export interface Redactor {
  /** Masks this text wherever it appears from now on. Ignores texts shorter than 6 characters: they would mask ordinary words. */
  register(secret: string): void;
  redact(text: string): string;
}

/** Masks secrets in finished text. The log's writer calls it, so that no caller can forget it. Linear in the text's length. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    register(secret) {
      if (secret.length < 6) return;
      // Lines are JSON when they are masked, and a field may hold JSON itself; senders' addresses are percent-encoded.
      const inJson = JSON.stringify(secret).slice(1, -1);
      const inJsonTwice = JSON.stringify(inJson).slice(1, -1);
      for (const form of [inJsonTwice, inJson, secret, encodeURIComponent(Buffer.from(secret).toString())])
        secrets.add(form);
    },
    redact(text) {
      let clean = replaceUrls(text, masked).replace(TOKEN, MASK);
      for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, MASK);
      return clean;
    },
  };
}

function masked({ scheme, rest }: UrlInText): string {
  if (LIVE_SCHEME.test(scheme)) return `${scheme}://${MASK}`;
  if (/https?$/i.test(scheme) && SIGNED.test(rest)) return MASK;
  return `${scheme}://${rest}`.replace(LIVE_WITHIN, `$1://${MASK}`).replace(LOGIN, `://${MASK}@`);
}
