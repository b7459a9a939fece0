import { pullPath, type PathConfig } from '../paths/pathConfig.js';
import { PathDefaults } from '../paths/pathDefaults.js';
import { OVERRIDES, OVERRIDE_FIELDS } from '../paths/pathOverrides.js';
import { flowAt, pairsOf } from '../yaml/flow.js';
import { entriesOf, outlineOf, type BlockEntry, type Outline } from '../yaml/outline.js';
import { asBytes, scalarValue, type ByteText } from '../yaml/scalar.js';
import { UnreadableText } from '../yaml/unreadable.js';
import type { TextEdit } from './configFileOptions.js';
import { isMarkPath } from './fileMark.js';

const KEY = 'pathDefaults';
/** `pathDefaults` fields with which MediaMTX exits over a line of ours that does not override them. */
const DEADLY: readonly string[] = [
  ...OVERRIDE_FIELDS.filter((field) => OVERRIDES[field].for !== 'internal'),
  ...['alwaysAvailable', 'alwaysAvailableFile', 'alwaysAvailableTracks'],
];
/** Values that leave a setting off, so that our lines need no override. */
const OFF = /^(?:|~|null|no|off|false|n|""|''|\[\s*\])$/i;

/** A field in the text, with the bytes of its value. */
interface Field {
  readonly name: string;
  readonly value: ByteText;
}

interface Insertion {
  readonly at: number;
  readonly text: ByteText;
}

/**
 * Adds to our lines the overrides that `pathDefaults` in the same text make necessary. Usually `PathDefaults` adds them, from what
 * MediaMTX's API answers. But when an operator adds such a default while our lines lack the override, MediaMTX exits at its reload, and
 * its API cannot be asked. Goes by the names of the defaults alone, since a needless override does no harm.
 */
export function fittedLines(isOwn: (name: string) => boolean): TextEdit {
  const fit = (text: ByteText): ByteText => {
    if (!text.includes(KEY)) return text;
    const outline = outlineOf(text);
    const named = namedIn(text, outline);
    if (named.size === 0) return text;
    const defaults = asking(named);
    const insertions = ownLines(text, outline, (name) => isOwn(name) || isMarkPath(name)).flatMap(
      ({ name, fields, insert }) => {
        const source = scalarValue(fields.find((field) => field.name === 'source')?.value ?? '');
        const said = new Set(fields.map((field) => field.name));
        const fitted = Object.entries(defaults.fit(name, plain(source))).filter(
          ([field]) => named.has(field) && !said.has(field),
        );
        return source === '' || fitted.length === 0 ? [] : [insert(fitted.map(written))];
      },
    );
    return insertions.reduceRight((made, { at, text: added }) => made.slice(0, at) + added + made.slice(at), text);
  };
  return (text) => {
    try {
      return { text: fit(text), problem: null };
    } catch (thrown) {
      // `takeApart` reads the same text and reports what is wrong.
      if (thrown instanceof UnreadableText) return { text, problem: null };
      throw thrown;
    }
  };
}

/**
 * The `pathDefaults` of a text over which MediaMTX would exit unless our lines override them; null: there are none. Throws
 * `UnreadableText`.
 */
export function deadlyDefaultsOf(text: ByteText): PathDefaults | null {
  const named = text.includes(KEY) ? namedIn(text, outlineOf(text)) : new Set<string>();
  return named.size === 0 ? null : asking(named);
}

function asking(named: ReadonlySet<string>): PathDefaults {
  const defaults = new PathDefaults();
  defaults.learn(Object.fromEntries([...named].map((name) => [name, name === 'alwaysAvailable' ? true : 'set'])));
  return defaults;
}

/** A line with just the source, which decides its kind. */
function plain(source: string): PathConfig {
  return pullPath(source, 'always');
}

function written([name, value]: readonly [string, unknown]): ByteText {
  return asBytes(`${JSON.stringify(name)}: ${JSON.stringify(value)}`);
}

/** Names of the deadly defaults that the text sets; all of them when the values come from elsewhere in the file (`<<: *x`). */
function namedIn(text: ByteText, outline: Outline): ReadonlySet<string> {
  const found = valueOf(text, outline, KEY);
  if (found === null) return new Set();
  if (found.kind === 'alias') return new Set(DEADLY);
  const { fields } = found;
  if (fields.some(({ name }) => name === '<<')) return new Set(DEADLY);
  return new Set(fields.filter(({ name, value }) => DEADLY.includes(name) && !OFF.test(value)).map(({ name }) => name));
}

type Value = { readonly kind: 'alias' } | { readonly kind: 'map'; readonly fields: readonly Field[] };

/** The value of a top setting; null: the setting is missing, or holds no fields. */
function valueOf(text: ByteText, outline: Outline, wanted: string): Value | null {
  if (outline.style === 'flow') {
    const pair = outline.pairs.find(({ name }) => name === wanted);
    if (!pair) return null;
    const value = text.slice(pair.valueStart, pair.end);
    return value.startsWith('*') ? { kind: 'alias' } : inBraces(text, pair.valueStart);
  }
  const entry = outline.entries.find(({ name }) => name === wanted);
  if (!entry) return null;
  const { kind, start } = entry.line.value;
  if (kind === 'alias') return { kind };
  if (kind === 'flow') return inBraces(text, start);
  return entry.below[0]?.key ? { kind: 'map', fields: fieldsOf(text, entriesOf(text, entry.below)) } : null;
}

function inBraces(text: ByteText, open: number): Value | null {
  return text[open] === '{' ? { kind: 'map', fields: pairFields(text, open) } : null;
}

function pairFields(text: ByteText, open: number): readonly Field[] {
  return pairsOf(text, flowAt(text, open)).map(({ name, valueStart, end }) => ({
    name,
    value: text.slice(valueStart, end),
  }));
}

function fieldsOf(text: ByteText, entries: readonly BlockEntry[]): readonly Field[] {
  return entries.map(({ name, line, below }) => ({
    name,
    value: below.length > 0 ? 'below' : text.slice(line.value.start, line.value.end),
  }));
}

interface OwnLine {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly insert: (added: readonly ByteText[]) => Insertion;
}

/** Our paths to which fields can be added, in the order of the text. */
function ownLines(text: ByteText, outline: Outline, isOwn: (name: string) => boolean): readonly OwnLine[] {
  if (outline.style === 'flow') {
    const pair = outline.pairs.find(({ name }) => name === 'paths');
    return pair ? pairsWithin(text, pair.valueStart, isOwn) : [];
  }
  const entry = outline.entries.find(({ name }) => name === 'paths');
  if (!entry) return [];
  if (entry.line.value.kind === 'flow') return pairsWithin(text, entry.line.value.start, isOwn);
  if (!entry.below[0]?.key) return [];
  return entriesOf(text, entry.below).flatMap((path) => (isOwn(path.name) ? blockLine(text, path) : []));
}

function pairsWithin(text: ByteText, open: number, isOwn: (name: string) => boolean): readonly OwnLine[] {
  if (text[open] !== '{') return [];
  return pairsOf(text, flowAt(text, open)).flatMap(({ name, valueStart }) =>
    isOwn(name) ? braceLine(text, name, valueStart) : [],
  );
}

function blockLine(text: ByteText, { name, line, below }: BlockEntry): readonly OwnLine[] {
  if (line.value.kind === 'flow') return braceLine(text, name, line.value.start);
  const [first] = below;
  if (!first?.key || first.isItem) return [];
  const entries = entriesOf(text, below);
  const indent = text.slice(first.start, first.start + first.indent);
  const eol = text.slice(0, first.start).endsWith('\r\n') ? '\r\n' : '\n';
  const fields = fieldsOf(text, entries);
  // In MediaMTX a merge (`<<`) overrides the fields before it, so ours have to follow it.
  const merge = entries.findLast((entry) => entry.name === '<<');
  const at = merge?.end ?? first.start;
  const open = text[at - 1] === '\n' ? '' : eol;
  const lines = (added: readonly ByteText[]): ByteText => added.map((field) => `${indent}${field}${eol}`).join('');
  return [{ name, fields, insert: (added) => ({ at, text: open + lines(added) }) }];
}

function braceLine(text: ByteText, name: string, open: number): readonly OwnLine[] {
  if (text[open] !== '{') return [];
  const pairs = pairsOf(text, flowAt(text, open));
  const [first] = pairs;
  if (!first) return [];
  const merge = pairs.findLast((pair) => pair.name === '<<');
  const insert = (added: readonly ByteText[]): Insertion =>
    merge ? { at: merge.end, text: `, ${added.join(', ')}` } : { at: first.start, text: `${added.join(', ')}, ` };
  return [{ name, fields: pairFields(text, open), insert }];
}
