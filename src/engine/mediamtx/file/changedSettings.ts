import { flowAt, pairsOf } from '../yaml/flow.js';
import { entriesOf, isEmptyEntry, outlineOf, type BlockEntry } from '../yaml/outline.js';
import type { ByteText } from '../yaml/scalar.js';
import { UnreadableText } from '../yaml/unreadable.js';

/** Settings that hold named settings, which are compared one by one. */
const GROUPS: readonly string[] = ['pathDefaults', 'paths'];

/** The value of each setting in a text, by its name. */
type Said = ReadonlyMap<string, ByteText>;

/**
 * Names of the settings whose values differ between the two texts (`logLevel`, `pathDefaults.record`, `paths.door`), sorted; comments,
 * blanks and our own paths do not count. Never values, since they may hold passwords. Empty when a text cannot be read.
 */
export function changedSettings(
  before: ByteText,
  after: ByteText,
  isOwn: (path: string) => boolean,
): readonly string[] {
  const [was, is] = [saidIn(before), saidIn(after)];
  if (!was || !is) return [];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => was.get(name) !== is.get(name) && !(name.startsWith('paths.') && isOwn(name.slice(6))))
    .sort();
}

function saidIn(text: ByteText): Said | null {
  try {
    return new Map(topOf(text));
  } catch (thrown) {
    if (thrown instanceof UnreadableText) return null;
    throw thrown;
  }
}

function topOf(text: ByteText): readonly (readonly [string, ByteText])[] {
  const outline = outlineOf(text);
  if (outline.style === 'flow')
    return outline.pairs.flatMap(({ name, valueStart, end }) => inBraces(text, name, valueStart, end));
  return outline.entries.flatMap((entry) => {
    const { name, line, below } = entry;
    const { kind, start, end } = line.value;
    if (kind === 'flow') return inBraces(text, name, start, end);
    if (GROUPS.includes(name) && isEmptyEntry(text, entry)) return [];
    const hasNames = GROUPS.includes(name) && below[0]?.key && !below[0].isItem;
    if (!hasNames) return [[name, valueOf(text, entry)]];
    return entriesOf(text, below).map((inner) => [`${name}.${inner.name}`, valueOf(text, inner)]);
  });
}

function inBraces(text: ByteText, name: string, start: number, end: number): readonly (readonly [string, ByteText])[] {
  if (!GROUPS.includes(name) || text[start] !== '{') return [[name, text.slice(start, end)]];
  return pairsOf(text, flowAt(text, start)).map((pair) => [
    `${name}.${pair.name}`,
    text.slice(pair.valueStart, pair.end),
  ]);
}

/** An entry's value, without the comments and empty lines between its lines. */
function valueOf(text: ByteText, { line, below }: BlockEntry): ByteText {
  const lines = [line, ...below].map(({ indent, isItem, key, value }) => {
    const level = indent - line.indent;
    return `${level} ${isItem} ${key?.name ?? ''}: ${text.slice(value.start, value.end)}`;
  });
  return lines.join('\n');
}
