import { allFields, OWN_FIELDS, type PathConfig } from '../paths/pathConfig.js';
import { flowAt, pairsOf, type FlowPair } from '../yaml/flow.js';
import { entriesOf, type BlockEntry } from '../yaml/outline.js';
import { asBytes, isEnd, scalarValue, type ByteText } from '../yaml/scalar.js';

/** The field that carried the mark in earlier versions, on one of our paths. */
const FORMER_MARK_FIELD = 'rpiCameraTextOverlay';

/**
 * What the operator added to a path of ours: fields, anchors and comments. `before` and `after` are the operator's bytes around our fields.
 */
export interface Keepsake {
  readonly before: ByteText;
  readonly after: ByteText;
  /** How our fields are written between `before` and `after`. */
  readonly style: 'flow' | { readonly indent: ByteText };
  /** Names of the operator's fields. */
  readonly names: ReadonlySet<string>;
  /** True: fields come from elsewhere in the file (`<<: *x`), so that each of our fields has to be written. */
  readonly merges: boolean;
}

/** What one of our paths in the file holds: the operator's additions, and the path's source and slate. */
export interface OwnEntry {
  /** null: the operator added nothing. */
  readonly keepsake: Keepsake | null;
  readonly source: string | null;
  readonly slate: string | null;
}

interface Field {
  readonly name: string;
  /** The bytes of the whole field; `value`: those of its value. */
  readonly written: ByteText;
  readonly value: ByteText;
}

/** Takes apart a path of ours in block style, on lines of its own. */
export function ownBlockEntry(text: ByteText, entry: BlockEntry): OwnEntry {
  const { line, below, start, end } = entry;
  const { kind, start: valueStart, end: valueEnd, hasProperties } = line.value;
  const [first] = below;
  if (kind === 'flow' || (first && first.key === null && first.value.kind === 'flow' && below.length === 1)) {
    const value = kind === 'flow' ? line.value : (first ?? line).value;
    const after = text.slice(value.end, end);
    const isPlain = !hasProperties && kind === 'flow' && isEnd(after[0]);
    return inBraces(text.slice(start, value.start), text.slice(value.start, value.end), after, isPlain);
  }
  if (first?.key && !first.isItem) return onLines(text, entry);
  const alias = kind === 'alias' ? line.value : first?.value.kind === 'alias' ? first.value : null;
  if (alias) {
    const before = `${text.slice(start, alias.start)}{<<: ${text.slice(alias.start, alias.end)}, `;
    return withKeepsake({
      before,
      after: `}${text.slice(alias.end, end)}`,
      style: 'flow',
      names: new Set(),
      merges: true,
    });
  }
  const rest = text.slice(valueEnd, line.end);
  if (!hasProperties && isEnd(rest.trimStart()[0])) return { keepsake: null, source: null, slate: null };
  const space = kind === 'none' && !text.slice(start, valueStart).endsWith(' ') ? ' ' : '';
  return withKeepsake({
    before: `${text.slice(start, valueStart)}${space}{`,
    after: `}${kind === 'none' ? ' ' : ''}${rest}`,
    style: 'flow',
    names: new Set(),
    merges: false,
  });
}

/** Takes apart a path of ours in flow style, a pair in braces. `written`: the whole pair; `value`: its value. */
export function ownFlowEntry(written: ByteText, value: ByteText): OwnEntry {
  const before = written.slice(0, written.length - value.length);
  if (value.startsWith('{')) return inBraces(before, value, '', true);
  if (value.startsWith('*'))
    return withKeepsake({
      before: `${before}{<<: ${value}, `,
      after: '}',
      style: 'flow',
      names: new Set(),
      merges: true,
    });
  return { keepsake: null, source: null, slate: null };
}

/** Our fields as they are written into the file. */
export function ownFields(config: PathConfig, keepsake: Keepsake | null): readonly ByteText[] {
  const fields = keepsake?.merges === true ? allFields(config) : config;
  // MediaMTX exits over two fields of one name, so a field that the operator wrote by hand wins.
  const said = Object.entries(fields).filter(([name]) => keepsake?.names.has(name) !== true);
  return said.map(([name, value]) => asBytes(`${JSON.stringify(name)}: ${inFlowStyle(value)}`));
}

function inBraces(before: ByteText, braces: ByteText, after: ByteText, isPlain: boolean): OwnEntry {
  const node = flowAt(braces, 0);
  if (!node.isMap) return { keepsake: null, source: null, slate: null };
  const pairs = pairsOf(braces, node);
  const fields = pairs.map(({ name, start, end, valueStart }) => ({
    name,
    written: braces.slice(start, end),
    value: braces.slice(valueStart, end),
  }));
  const extras = fields.filter(({ name }) => isExtraName(name));
  const said = saidOf(fields);
  const hasRemarks = remarksIn(braces, pairs);
  if (isPlain && extras.length === 0 && !hasRemarks) return { ...said, keepsake: null };
  const [opening, closing] = hasRemarks
    ? aroundOurs(braces, pairs)
    : [`{${extras.map(({ written }) => `${written}, `).join('')}`, '}'];
  const merges = extras.some(({ name }) => name === '<<');
  const names = new Set(extras.map(({ name }) => name));
  return {
    ...said,
    keepsake: { before: `${before}${opening}`, after: `${closing}${after}`, style: 'flow', names, merges },
  };
}

/** True when a YAML comment stands between the pairs of these braces, or around them. */
function remarksIn(braces: ByteText, pairs: readonly FlowPair[]): boolean {
  let from = 1;
  let between = '';
  for (const { start, end } of pairs) {
    between += braces.slice(from, start);
    from = end;
  }
  return (between + braces.slice(from)).includes('#');
}

/**
 * The bytes of braces with comments, before and behind the place of our fields. Our fields go behind the operator's last one, since a
 * merge (`<<`) overrides the fields before it.
 */
function aroundOurs(braces: ByteText, pairs: readonly FlowPair[]): readonly [ByteText, ByteText] {
  const last = pairs.findLast(({ name }) => isExtraName(name));
  let opening = '';
  let closing = '';
  let from = 0;
  const keep = (to: number): void => {
    const bytes = braces.slice(from, to);
    if (last && from < last.end) opening += bytes;
    else closing += bytes;
    from = to;
  };
  if (!last) {
    opening = braces.slice(0, 1);
    from = 1;
  }
  for (const pair of pairs) {
    if (pair === last) {
      keep(pair.end);
      opening += ', ';
      from = pair.afterComma ?? pair.end;
    } else if (!isExtraName(pair.name)) {
      let start = pair.start;
      while (start > from && /[ \t\r\n]/.test(braces[start - 1] ?? '')) start -= 1;
      keep(start);
      from = pair.afterComma ?? pair.end;
    }
  }
  keep(braces.length);
  return [opening, closing];
}

/** For a path whose fields have lines of their own: cuts ours out, and keeps all others with their comments. */
function onLines(text: ByteText, { line, below, end }: BlockEntry): OwnEntry {
  const entries = entriesOf(text, below);
  const fields = entries.map(({ name, line: { value }, start, end: fieldEnd }) => ({
    name,
    written: text.slice(start, fieldEnd),
    value: text.slice(value.start, value.end),
  }));
  const merges = fields.some(({ name }) => name === '<<');
  const ours = entries.filter(({ name }) => !isExtraName(name));
  // Our fields go where the first of them stood; behind all others when there is a merge, which overrides the fields before it.
  const kept: ByteText[] = [];
  let from = line.start;
  for (const entry of ours) {
    kept.push(text.slice(from, entry.start));
    from = entry.end;
  }
  kept.push(text.slice(from, end));
  const place = merges || ours.length === 0 ? kept.length : 1;
  const [before, after] = [kept.slice(0, place).join(''), kept.slice(place).join('')];
  const first = below[0];
  const indent = first ? text.slice(first.start, first.start + first.indent) : '    ';
  const names = new Set(entries.flatMap(({ name }) => (isExtraName(name) ? [name] : [])));
  return { ...saidOf(fields), keepsake: { before, after, style: { indent }, names, merges } };
}

function withKeepsake(keepsake: Keepsake): OwnEntry {
  return { keepsake, source: null, slate: null };
}

function isExtraName(name: string): boolean {
  return !OWN_FIELDS.has(name) && name !== FORMER_MARK_FIELD;
}

function saidOf(fields: readonly Field[]): { readonly source: string | null; readonly slate: string | null } {
  const said = (wanted: string): string | null => {
    const field = fields.find(({ name }) => name === wanted);
    return field ? scalarValue(field.value) : null;
  };
  return { source: said('source'), slate: said('alwaysAvailableFile') };
}

/** A value as JSON, which is also YAML, with a space behind each colon and comma. */
function inFlowStyle(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlowStyle).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${inFlowStyle(field)}`);
  return `{${fields.join(', ')}}`;
}
