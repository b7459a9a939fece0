import { UnreadableText } from './unreadable.js';

/**
 * All functions of this folder take a file's bytes as text with one character for each byte (latin1), so that no byte can change,
 * whatever encoding the file has. The signs that give YAML its structure are ASCII in every encoding that MediaMTX reads.
 */
export type ByteText = string;

/** Decodes what stands between two places as UTF-8, for comparing and showing. */
export function shown(bytes: ByteText): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The reverse: a text of ours as bytes. */
export function asBytes(text: string): ByteText {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

export function isBlank(sign: string | undefined): boolean {
  return sign === ' ' || sign === '\t';
}

/** True for a line end, and behind the last byte. */
export function isEnd(sign: string | undefined): boolean {
  return sign === '\n' || sign === '\r' || sign === undefined;
}

export function isBlankOrEnd(sign: string | undefined): boolean {
  return isBlank(sign) || isEnd(sign);
}

export function afterBlanks(text: ByteText, at: number): number {
  let place = at;
  while (isBlank(text[place])) place += 1;
  return place;
}

/** The place behind the line that holds `at`, its line end included. */
export function afterLine(text: ByteText, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

/**
 * Behind the closing quote of the quoted text that begins at `at`. It may go over lines, and these may begin anywhere: MediaMTX
 * takes lines that are not indented, which YAML does not allow.
 */
export function afterQuoted(text: ByteText, at: number): number {
  const quote = text[at] ?? '"';
  let place = at + 1;
  for (;;) {
    const sign = text[place];
    if (sign === undefined) throw new UnreadableText('a quoted text has no end', text, at);
    if (sign === '\\' && quote === '"') place += 2;
    else if (sign !== quote) place += 1;
    else if (quote === "'" && text[place + 1] === "'") place += 2;
    else return place + 1;
  }
}

/** What a scalar says: quotes and their escapes taken away. An escape that JSON does not know stays as it is. */
export function scalarValue(written: ByteText): string {
  if (written.startsWith('"')) {
    const text = shown(written);
    try {
      return String(JSON.parse(text));
    } catch {
      return text.slice(1, -1);
    }
  }
  if (written.startsWith("'")) return shown(written.slice(1, -1)).replaceAll("''", "'");
  return shown(written);
}

/** What YAML and MediaMTX take for nothing. */
export function isNull(written: ByteText): boolean {
  return written === '' || /^(?:~|null|Null|NULL)$/.test(written);
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
