import { afterBlanks, afterQuoted, isBlank, isBlankOrEnd, scalarValue, type ByteText } from './scalar.js';
import { UnreadableText } from './unreadable.js';

/** One part of `{…}` or `[…]`. */
export interface FlowItem {
  readonly start: number;
  /** The place behind its last byte, before any blanks. */
  readonly end: number;
  /** The place behind the comma that follows; null: none follows. */
  readonly afterComma: number | null;
}

export interface FlowNode {
  readonly isMap: boolean;
  readonly open: number;
  /** The place behind the closing bracket. */
  readonly end: number;
  readonly items: readonly FlowItem[];
}

export interface FlowPair extends FlowItem {
  readonly name: string;
  readonly keyEnd: number;
  /** Equal to `end` when the pair has no value. */
  readonly valueStart: number;
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** Reads the `{…}` or `[…]` that begins at `open`, which may go over several lines. Throws `UnreadableText`. */
export function flowAt(text: ByteText, open: number): FlowNode {
  const closing = CLOSING[text[open] ?? ''];
  const items: FlowItem[] = [];
  let place = open + 1;
  for (;;) {
    const start = afterSpace(text, place);
    if (text[start] === closing) return { isMap: closing === '}', open, end: start + 1, items };
    const end = afterItem(text, start, open);
    const next = afterSpace(text, end);
    const sign = text[next];
    if (sign !== ',' && sign !== closing) throw new UnreadableText('a bracket has no partner', text, open);
    if (end > start) items.push({ start, end, afterComma: sign === ',' ? next + 1 : null });
    place = sign === ',' ? next + 1 : next;
  }
}

/** The pairs of a `{…}`. */
export function pairsOf(text: ByteText, node: FlowNode): readonly FlowPair[] {
  return node.items.map((item) => pairOf(text, item));
}

function pairOf(text: ByteText, item: FlowItem): FlowPair {
  const { start, end } = item;
  const first = text[start] ?? '';
  if (first === '?' && isBlankOrEnd(text[start + 1]))
    throw new UnreadableText("a key is written with '?'", text, start);
  if (first in CLOSING) throw new UnreadableText('a key is no text', text, start);
  const isQuoted = first === '"' || first === "'";
  const keyEnd = isQuoted ? afterQuoted(text, start) : plainKeyEnd(text, start, end);
  const name = scalarValue(text.slice(start, keyEnd));
  const colon = afterSpace(text, keyEnd);
  const valueStart = colon < end && text[colon] === ':' ? Math.min(afterSpace(text, colon + 1), end) : end;
  return { ...item, name, keyEnd, valueStart };
}

function plainKeyEnd(text: ByteText, start: number, end: number): number {
  let place = start;
  while (place < end && !(text[place] === ':' && (place + 1 >= end || isSpace(text[place + 1])))) place += 1;
  while (place > start && isSpace(text[place - 1])) place -= 1;
  return place;
}

/** The end of the item at `start`: before the next comma or closing bracket of this level, and before any blanks. */
function afterItem(text: ByteText, start: number, open: number): number {
  let place = start;
  let end = start;
  // A quote opens a quoted text only where a text may begin; inside a plain text it is an ordinary character.
  let mayBegin = true;
  let isProperty = false;
  for (;;) {
    const sign = text[place];
    if (sign === undefined) throw new UnreadableText('a bracket has no partner', text, open);
    if (sign === ',' || sign === '}' || sign === ']') return end;
    if (isSpace(sign)) {
      if (isProperty) [mayBegin, isProperty] = [true, false];
      place = afterSpace(text, place);
      continue;
    }
    if (mayBegin && (sign === '"' || sign === "'")) {
      place = end = afterQuoted(text, place);
      mayBegin = false;
      if (text[afterSpace(text, place)] === ':') place = end = afterSpace(text, place) + 1;
      mayBegin = text[place - 1] === ':';
      continue;
    }
    if (sign in CLOSING) {
      place = end = flowAt(text, place).end;
      mayBegin = false;
      continue;
    }
    if (mayBegin && (sign === '&' || sign === '!')) isProperty = true;
    mayBegin = sign === ':' && isBlankOrEnd(text[place + 1]);
    place += 1;
    end = place;
  }
}

/** The place behind blanks, line ends and comments. */
function afterSpace(text: ByteText, at: number): number {
  let place = at;
  for (;;) {
    while (isSpace(text[place])) place += 1;
    if (text[place] !== '#' || !isSpace(text[place - 1])) return place;
    const end = text.indexOf('\n', place);
    place = end === -1 ? text.length : end;
  }
}

function isSpace(sign: string | undefined): boolean {
  return isBlank(sign) || sign === '\n' || sign === '\r';
}

/** Where the value itself begins, behind any `&name` and `!tag`. */
export function afterProperties(text: ByteText, at: number): number {
  let place = at;
  while (text[place] === '&' || text[place] === '!') {
    while (!isBlankOrEnd(text[place])) place += 1;
    place = afterBlanks(text, place);
  }
  return place;
}
