import { flowAt, pairsOf, type FlowNode, type FlowPair } from './flow.js';
import { linesOf, type Line } from './lines.js';
import { isNull, type ByteText } from './scalar.js';
import { UnreadableText } from './unreadable.js';

/** A `key: value` on lines of its own, with the lines that belong to its value. */
export interface BlockEntry {
  readonly name: string;
  readonly line: Line;
  /** The lines below the key that hold its value, without comments between them. */
  readonly below: readonly Line[];
  /** From the start of its first line to behind its last one; comments above and below are outside. */
  readonly start: number;
  readonly end: number;
}

/** One `- …` of a list, with its lines. */
export interface BlockItem {
  readonly lines: readonly Line[];
  readonly start: number;
  readonly end: number;
}

/** Settings by name: on lines of their own, or in braces. */
export type Outline =
  | { readonly style: 'block'; readonly indent: number; readonly entries: readonly BlockEntry[]; readonly end: number }
  | { readonly style: 'flow'; readonly node: FlowNode; readonly pairs: readonly FlowPair[]; readonly end: number };

/**
 * Where the settings of a file are. `end`: where further lines may be added. Reads as much of YAML as settings need, and does not
 * interpret values. Throws `UnreadableText` when the structure is not certain, or MediaMTX would reject it.
 */
export function outlineOf(text: ByteText): Outline {
  const { lines, end } = linesOf(text);
  const [first] = lines;
  if (!first) return { style: 'block', indent: 0, entries: [], end };
  if (first.key === null && !first.isItem && lines.length === 1 && text[first.value.start] === '{') {
    const node = flowAt(text, first.value.start);
    return { style: 'flow', node, pairs: withoutTwins(text, pairsOf(text, node), ({ start }) => start), end };
  }
  if (first.key === null || first.isItem) throw new UnreadableText('it does not hold settings by name');
  return { style: 'block', indent: first.indent, entries: entriesOf(text, lines), end };
}

/** The settings on these lines, in block style. Throws `UnreadableText`. */
export function entriesOf(text: ByteText, lines: readonly Line[]): readonly BlockEntry[] {
  const indent = lines[0]?.indent ?? 0;
  const groups: Line[][] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    const isBelow = line.indent > indent || (line.isItem && line.indent === indent);
    if (group && isBelow) group.push(line);
    else if (line.indent === indent && line.key && !line.isItem) groups.push([line]);
    else throw new UnreadableText('it is indented in a way that tells nothing', text, line.start);
  }
  return withoutTwins(
    text,
    groups.flatMap((group) => entryOf(text, group)),
    ({ start }) => start,
  );
}

function entryOf(text: ByteText, [line, ...below]: readonly Line[]): readonly BlockEntry[] {
  if (!line?.key) return [];
  const [first] = below;
  if (first && line.value.kind !== 'none')
    throw new UnreadableText('it is indented in a way that tells nothing', text, first.start);
  return [{ name: line.key.name, line, below, start: line.start, end: below.at(-1)?.end ?? line.end }];
}

/** The items of the list below a key. Throws `UnreadableText`. */
export function itemsOf(text: ByteText, { below }: BlockEntry): readonly BlockItem[] {
  const indent = below[0]?.indent ?? 0;
  const groups: Line[][] = [];
  for (const line of below) {
    if (line.isItem && line.indent === indent) groups.push([line]);
    else if (line.indent > indent && groups.length > 0) groups.at(-1)?.push(line);
    else throw new UnreadableText('a list has a line that belongs to no item', text, line.start);
  }
  return groups.map((lines) => ({ lines, start: lines[0]?.start ?? 0, end: lines.at(-1)?.end ?? 0 }));
}

/** True when the entry has no value: `key:`, `key: ~`. */
export function isEmptyEntry(text: ByteText, { line, below }: BlockEntry): boolean {
  const { kind, start, end } = line.value;
  return below.length === 0 && (kind === 'none' || (kind === 'plain' && isNull(text.slice(start, end))));
}

/** Returns the entries; throws when a name occurs twice, over which MediaMTX exits. */
function withoutTwins<T extends { readonly name: string }>(
  text: ByteText,
  entries: readonly T[],
  startOf: (entry: T) => number,
): readonly T[] {
  const seen = new Set<string>();
  for (const entry of entries) {
    if (seen.has(entry.name)) throw new UnreadableText('a name stands twice', text, startOf(entry));
    seen.add(entry.name);
  }
  return entries;
}
