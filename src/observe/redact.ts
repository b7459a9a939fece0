const MASK = '[hidden]';

/** A vendor's tokens by their form: `hcc.` and `at.`/`ra.`/`dv.` with a long tail. */
const TOKEN = /\b(?:hcc|at|ra|dv)\.[A-Za-z0-9_-]{12,}/g;
/** Live URLs in any scheme the vendors use; the rest of the URL is the secret, so only the scheme stays. */
const LIVE_URL = /\b(rtmps?|ezopen|rtsps?|srt):\/\/[^\s"'<>\\]+/gi;
/** http(s) live playlists, signed pictures, and anything else with a signature in its query. */
const SIGNED_URL =
  /\bhttps?:\/\/[^\s"'<>\\]*(?:openlive|[?&](?:t|token|accessToken|expire|X-Amz-[A-Za-z-]+|Signature)=)[^\s"'<>\\]*/gi;
/** `user:password@` in any URL. */
const LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>\\]+@/gi;

export interface Redactor {
  /** From now on this text is masked wherever it appears. Short or empty texts are ignored: they would mask words. */
  register(secret: string): void;
  redact(text: string): string;
}

/** Masks secrets in finished text. It sits in the log's writer, so no caller can forget it. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    register(secret) {
      if (secret.length >= 6) secrets.add(secret);
    },
    redact(text) {
      let clean = text
        .replace(LIVE_URL, `$1://${MASK}`)
        .replace(SIGNED_URL, MASK)
        .replace(LOGIN, `$1${MASK}@`)
        .replace(TOKEN, MASK);
      for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, MASK);
      return clean;
    },
  };
}
