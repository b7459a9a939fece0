import { afterProperties, flowAt } from './flow.js';
import {
  afterBlanks,
  afterLine,
  afterQuoted,
  isBlank,
  isBlankOrEnd,
  isEnd,
  scalarValue,
  type ByteText,
} from './scalar.js';
import { UnreadableText } from './unreadable.js';

/** `none`: no value on this line; lines below may hold it. `block`: a text behind `|` or `>`. */
export type ValueKind = 'none' | 'plain' | 'quoted' | 'flow' | 'block' | 'alias';

/** A line of YAML with everything that belongs to it, also the further lines of a quoted or block text, or of brackets. */
export interface Line {
  readonly start: number;
  /** The place behind it, line end included. */
  readonly end: number;
  /** How many blanks it begins with. */
  readonly indent: number;
  /** True: it begins with `- `. */
  readonly isItem: boolean;
  /** Where its content begins behind dashes, counted from its start. */
  readonly column: number;
  /** null: the line has no `key:`. */
  readonly key: { readonly name: string; readonly start: number; readonly end: number } | null;
  readonly value: {
    readonly kind: ValueKind;
    /** The place behind anchor and tag. */
    readonly start: number;
    readonly end: number;
    /** True: an anchor (`&name`) or a tag (`!name`) precedes the key or the value. */
    readonly hasProperties: boolean;
  };
}

export interface Lines {
  readonly lines: readonly Line[];
  /** Where the settings end: behind the last byte, or before a line `...`. */
  readonly end: number;
}

/** The lines of a text, without comments and empty lines. Throws `UnreadableText`. */
export function linesOf(text: ByteText): Lines {
  if (text.startsWith('\xef\xbb\xbf')) throw new UnreadableText('a byte order mark stands in front of it');
  if (text.includes('\0')) throw new UnreadableText('it holds bytes that no text has, or is UTF-16');
  if (/\r(?!\n)/.test(text)) throw new UnreadableText('its lines end with CR alone');
  const lines: Line[] = [];
  let place = 0;
  let end = text.length;
  let hasStart = false;
  while (place < text.length) {
    const first = firstOf(text, place);
    if (first === null) {
      place = afterLine(text, place);
      continue;
    }
    if (end < text.length) throw new UnreadableText('it holds more than one document', text, place);
    const marker = first === place ? /^(?:---|\.\.\.|%)/.exec(text.slice(place, place + 4))?.[0] : undefined;
    if (marker !== undefined && (marker === '%' || isBlankOrEnd(text[place + 3]))) {
      if (marker === '%') throw new UnreadableText('it begins with a YAML directive', text, place);
      const behind = afterBlanks(text, place + 3);
      const isBare = isEnd(text[behind]) || (text[behind] === '#' && behind > place + 3);
      if (!isBare) throw new UnreadableText(`something stands behind ${marker}`, text, place);
      if (marker === '---' && (hasStart || lines.length > 0))
        throw new UnreadableText('it holds more than one document', text, place);
      hasStart = true;
      if (marker === '...') end = place;
      place = afterLine(text, place);
      if (marker === '...' && place === text.length) break;
      continue;
    }
    const line = lineAt(text, place, first, lines.at(-1) ?? null);
    lines.push(line);
    place = line.end;
  }
  return { lines, end };
}

/** The place of the line's first content; null: the line is empty or a comment. */
function firstOf(text: ByteText, start: number): number | null {
  let place = start;
  while (text[place] === ' ') place += 1;
  if (text[place] === '\t') {
    if (isEnd(text[afterBlanks(text, place)])) return null;
    throw new UnreadableText('it is indented with a tab', text, start);
  }
  return isEnd(text[place]) || text[place] === '#' ? null : place;
}

function lineAt(text: ByteText, start: number, first: number, before: Line | null): Line {
  const indent = first - start;
  let place = first;
  while (text[place] === '-' && isBlankOrEnd(text[place + 1])) place = afterBlanks(text, place + 1);
  const isItem = place > first;
  const column = place - start;
  const unnamed = afterProperties(text, place);
  const key = keyAt(text, unnamed);
  const afterKey = key ? afterBlanks(text, key.end) : unnamed;
  const valueStart = key ? afterProperties(text, afterKey) : unnamed;
  const hasProperties = unnamed > place || valueStart > afterKey;
  // Lines that are indented deeper than this belong to the value.
  const deeperThan = key ? column : isItem ? indent : before?.value.kind === 'none' ? holder(before) : -1;
  const value = valueAt(text, valueStart, deeperThan);
  return {
    start,
    end: value.after,
    indent,
    isItem,
    column,
    key,
    value: { ...value, start: valueStart, hasProperties },
  };
}

function holder(line: Line): number {
  return line.key ? line.column : line.indent;
}

function keyAt(text: ByteText, at: number): Line['key'] {
  const sign = text[at];
  if (sign === '?' && isBlankOrEnd(text[at + 1])) throw new UnreadableText("a key is written with '?'", text, at);
  if (sign === '"' || sign === "'") {
    const end = afterQuoted(text, at);
    const colon = afterBlanks(text, end);
    if (text[colon] !== ':' || !isBlankOrEnd(text[colon + 1])) return null;
    return { name: scalarValue(text.slice(at, end)), start: at, end: colon + 1 };
  }
  if (sign === '{' || sign === '[' || sign === '|' || sign === '>') return null;
  for (let place = at; !isEnd(text[place]); place++) {
    if (text[place] === '#' && isBlank(text[place - 1])) return null;
    if (text[place] !== ':' || !isBlankOrEnd(text[place + 1])) continue;
    let end = place;
    while (isBlank(text[end - 1])) end -= 1;
    return { name: scalarValue(text.slice(at, end)), start: at, end: place + 1 };
  }
  return null;
}

interface Value {
  readonly kind: ValueKind;
  readonly end: number;
  /** The place behind its last line. */
  readonly after: number;
}

function valueAt(text: ByteText, at: number, deeperThan: number): Value {
  const sign = text[at];
  if (isEnd(sign) || (sign === '#' && isBlank(text[at - 1])))
    return { kind: 'none', end: at, after: afterLine(text, at) };
  if (sign === '"' || sign === "'") return closed(text, 'quoted', afterQuoted(text, at));
  if (sign === '{' || sign === '[') return closed(text, 'flow', flowAt(text, at).end);
  if (sign === '|' || sign === '>') return deeper(text, 'block', at, deeperThan);
  if (sign === '*') return closed(text, 'alias', endOfPlain(text, at));
  return deeper(text, 'plain', at, deeperThan);
}

/** A value that ends on its line: only a comment may follow it there. */
function closed(text: ByteText, kind: ValueKind, end: number): Value {
  const place = afterBlanks(text, end);
  // MediaMTX accepts a comment without a blank before it too.
  if (!isEnd(text[place]) && text[place] !== '#')
    throw new UnreadableText('something stands behind a value', text, place);
  return { kind, end, after: afterLine(text, place) };
}

/** A value that includes all following lines that are indented deeper. */
function deeper(text: ByteText, kind: 'block' | 'plain', at: number, than: number): Value {
  let end = kind === 'plain' ? endOfPlain(text, at) : lineEnd(text, at);
  // With `|+` the empty lines behind the text belong to it.
  const keepsEmpty = kind === 'block' && /^[|>]\d?\+/.test(text.slice(at, at + 3));
  let after = afterLine(text, at);
  for (let place = after; place < text.length;) {
    const next = afterLine(text, place);
    let first = place;
    while (text[first] === ' ') first += 1;
    const isEmpty = isEnd(text[afterBlanks(text, first)]);
    if (!isEmpty) {
      if (first - place <= than || (kind === 'plain' && text[first] === '#')) break;
      if (first === place && /^(?:---|\.\.\.)\s/.test(text.slice(place, place + 4))) break;
      end = kind === 'plain' ? endOfPlain(text, first) : lineEnd(text, first);
      after = next;
    } else if (keepsEmpty) after = next;
    place = next;
  }
  return { kind, end, after };
}

function endOfPlain(text: ByteText, at: number): number {
  let place = at;
  let end = at;
  while (!isEnd(text[place]) && !(text[place] === '#' && isBlank(text[place - 1]))) {
    if (text[place] === ':' && isBlankOrEnd(text[place + 1]))
      throw new UnreadableText('a key stands where none may stand', text, place);
    place += 1;
    if (!isBlank(text[place - 1])) end = place;
  }
  return end;
}

function lineEnd(text: ByteText, at: number): number {
  let place = at;
  while (!isEnd(text[place])) place += 1;
  return place;
}
