import { UnreadableText } from './unreadable.js';

/**
 * A file's bytes as text with one character for each byte (latin1), so that no byte can change, whatever encoding the file has. All
 * functions of this folder take it. The characters of YAML's structure are ASCII in every encoding that MediaMTX reads.
 */
export type ByteText = string;

/** Decodes bytes as UTF-8, to compare or show them. */
export function shown(bytes: ByteText): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Encodes a text of ours as UTF-8 bytes. */
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
 * The place behind the closing quote of the quoted text that begins at `at`. The text may go over lines with any indent, since MediaMTX
 * accepts lines without one, which YAML does not allow. Throws `UnreadableText`.
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

/** A scalar's value, without quotes and escapes. A text with an escape that JSON does not know keeps its escapes. */
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

/** True for the ways to write null in YAML. */
export function isNull(written: ByteText): boolean {
  return written === '' || /^(?:~|null|Null|NULL)$/.test(written);
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
