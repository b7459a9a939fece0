import { isMap, isScalar, parseDocument, type Document, type Pair, type YAMLMap } from 'yaml';
import { isMarkPath, MARK_PATH, markConfig, markOf, type FileMark } from './fileMark.js';
import { isPathName, OWN_FIELDS, type PathConfigs } from './pathConfig.js';

/** Carried the mark once, on one of our paths. */
const FORMER_MARK_FIELD = 'rpiCameraTextOverlay';

/** Fields of a path of ours that its operator added by hand; kept when we write the path anew. */
type Extras = Readonly<Record<string, unknown>>;

/**
 * A `mediamtx.yml` taken apart: the operator's text, byte for byte, and the place in its `paths` where ours go, one line
 * each. So a rewrite with 10,000 paths is a string join, and nothing of the operator's can change.
 */
export interface ConfigText {
  readonly before: string;
  readonly after: string;
  readonly indent: string;
  /** Names in `paths` that are not ours. */
  readonly foreign: ReadonlySet<string>;
  readonly extras: ReadonlyMap<string, Extras>;
  /** The mark that the text carries; null: none. */
  readonly mark: FileMark | null;
  /** What paths of ours in the text name as their slates. */
  readonly slates: readonly string[];
}

/** Throws an `Error` whose message says what is wrong when the text is not YAML with settings at its top. */
export function takeApart(text: string, isOwn: (name: string) => boolean): ConfigText {
  const document = parse(text);
  if (isMap(document.contents) && document.contents.flow === true)
    return takeApart(inLines(document, document.contents, text), isOwn);
  const pair = document.contents === null ? undefined : pairsOf(document.contents).find(({ name }) => name === 'paths');
  if (!pair) {
    return {
      before: `${endLine(text)}paths:\n`,
      after: '',
      indent: '  ',
      foreign: new Set(),
      extras: new Map(),
      mark: null,
      slates: [],
    };
  }
  const { value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) {
    return emptyPaths(text, afterLine(text, pair.keyEnd), isScalar(value) ? value.source : undefined);
  }
  if (!isMap(value)) throw new Error("its 'paths' is not a list of named paths");
  if (value.flow === true) return takeApart(inBlockStyle(document, value), isOwn);
  return cut(text, value, isOwn);
}

/** The whole file with these paths of ours in it, in order of their names. */
export function putTogether(parts: ConfigText, paths: PathConfigs, mark: FileMark | null): string {
  const marked = mark === null ? paths : new Map([...paths, [MARK_PATH, markConfig(mark)]]);
  const lines: string[] = [];
  for (const name of [...marked.keys()].sort()) {
    if (!isPathName(name)) throw new Error(`a path name that MediaMTX would refuse: ${name}`);
    const fields = { ...parts.extras.get(name), ...marked.get(name) };
    lines.push(`${parts.indent}${JSON.stringify(name)}: ${inFlowStyle(fields)}\n`);
  }
  return parts.before + lines.join('') + parts.after;
}

function parse(text: string): Document.Parsed {
  const document = parseDocument(text);
  const [error] = document.errors;
  // Only the first line: the rest quotes the file, and the file holds cloud URLs.
  if (error) throw new Error(error.message.split('\n')[0]?.replace(/:$/, '') ?? 'it is not YAML');
  if (document.contents !== null && !isMap(document.contents) && !isEmpty(document.contents)) {
    throw new Error('it does not hold settings by name');
  }
  return document;
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

interface Entry {
  readonly name: string;
  readonly value: unknown;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly end: number;
}

function pairsOf(map: unknown): readonly Entry[] {
  if (!isMap(map)) return [];
  return map.items.flatMap((pair: Pair) => {
    if (!isScalar(pair.key) || !pair.key.range) return [];
    const [keyStart, keyEnd] = pair.key.range;
    const value = pair.value;
    const end = isNodeWithRange(value) ? Math.max(value.range[1], keyEnd) : keyEnd;
    return [{ name: String(pair.key.value), value: value ?? null, keyStart, keyEnd, end }];
  });
}

function isNodeWithRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

/** Cuts our entries out, each with its whole lines; ours go where the first of them stood, else behind the last foreign one. */
function cut(text: string, map: YAMLMap, isOwn: (name: string) => boolean): ConfigText {
  const entries = pairsOf(map);
  const foreign = new Set<string>();
  const extras = new Map<string, Extras>();
  let kept = '';
  let from = 0;
  let place: number | null = null;
  let mark: FileMark | null = null;
  const slates: string[] = [];
  for (const entry of entries) {
    const isMark = isMarkPath(entry.name);
    if (!isMark && !isOwn(entry.name)) {
      foreign.add(entry.name);
      continue;
    }
    kept += text.slice(from, lineStart(text, entry.keyStart));
    place ??= kept.length;
    from = afterLine(text, entry.end);
    if (isMark && isMap(entry.value)) mark ??= markOf(entry.value.get('source'));
    const more = isMark ? null : extraFields(entry.value);
    if (more) extras.set(entry.name, more);
    const slate: unknown = isMap(entry.value) ? entry.value.get('alwaysAvailableFile') : null;
    if (typeof slate === 'string') slates.push(slate);
  }
  kept += text.slice(from);
  const last = entries.at(-1);
  if (place === null) place = last ? afterLine(text, last.end) : kept.length;
  const first = entries[0];
  const indent = first ? text.slice(lineStart(text, first.keyStart), first.keyStart) : '  ';
  return { before: endLine(kept.slice(0, place)), after: kept.slice(place), indent, foreign, extras, mark, slates };
}

function emptyPaths(text: string, at: number, written: string | undefined): ConfigText {
  // `paths: ~` and `paths: null` say nothing in words; the word has to go before entries can follow.
  const before = written
    ? text.slice(0, at).replace(/(:\s*)(?:~|null|Null|NULL)(?=[^\n]*\n?$)/, '$1')
    : text.slice(0, at);
  return {
    before: endLine(before),
    after: text.slice(at),
    indent: '  ',
    foreign: new Set(),
    extras: new Map(),
    mark: null,
    slates: [],
  };
}

/** `paths: {a: {…}}` on one line cannot take lines of ours: it is laid out anew, the rest is kept by the YAML library. */
function inBlockStyle(document: Document.Parsed, paths: YAMLMap): string {
  if (paths.items.length === 0) document.set('paths', null);
  else paths.flow = false;
  return document.toString({ lineWidth: 0 });
}

/** A file that is JSON, or all on one line, too. */
function inLines(document: Document.Parsed, settings: YAMLMap, text: string): string {
  const [start, end] = settings.range ?? [0, text.length];
  if (settings.items.length === 0) return text.slice(0, start) + text.slice(end);
  settings.flow = false;
  return document.toString({ lineWidth: 0 });
}

function extraFields(value: unknown): Extras | null {
  if (!isMap(value)) return null;
  const more = Object.fromEntries(
    Object.entries(record(value.toJSON())).filter(([field]) => !OWN_FIELDS.has(field) && field !== FORMER_MARK_FIELD),
  );
  return Object.keys(more).length > 0 ? more : null;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** JSON is YAML; a space behind each colon and comma makes it readable. */
function inFlowStyle(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlowStyle).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${inFlowStyle(field)}`);
  return `{${fields.join(', ')}}`;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function afterLine(text: string, at: number): number {
  // A block text (`|`) ends behind its own line end.
  if (text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
