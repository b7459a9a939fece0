/** Longer names in front of `://` are not schemes; the bound keeps the search linear. */
const LONGEST_SCHEME = 32;
const SCHEME_CHARACTER = /[a-z0-9+.-]/i;
const LETTER = /[a-z]/i;

export interface UrlInText {
  /** As written, without `://`. May carry letters of the word before it where nothing separates them. */
  readonly scheme: string;
  /** What follows `://`, up to white space, a quote, an angle bracket or a backslash. May hold further URLs. */
  readonly rest: string;
}

/**
 * Replaces each URL in a text by what `replacement` returns for it. Takes time in proportion to the text's length,
 * whatever the text: log lines and vendor replies hold text that strangers chose.
 */
export function replaceUrls(text: string, replacement: (url: UrlInText) => string): string {
  const end = /[\s"'<>\\]/g;
  let result = '';
  let done = 0;
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', Math.max(done, at + 3))) {
    const from = schemeStart(text, at, done);
    if (from === at) continue;
    end.lastIndex = at + 3;
    const until = end.exec(text)?.index ?? text.length;
    result += text.slice(done, from) + replacement({ scheme: text.slice(from, at), rest: text.slice(at + 3, until) });
    done = until;
  }
  return result + text.slice(done);
}

/** Where the scheme before `at` begins, not before `least`; `at` itself: there is none. */
function schemeStart(text: string, at: number, least: number): number {
  let from = at;
  while (from > least && at - from < LONGEST_SCHEME && SCHEME_CHARACTER.test(text.charAt(from - 1))) from -= 1;
  while (from < at && !LETTER.test(text.charAt(from))) from += 1;
  return from;
}
