import { allFields, OWN_FIELDS, type PathConfig } from '../paths/pathConfig.js';
import { flowAt, pairsOf, type FlowPair } from '../yaml/flow.js';
import { entriesOf, type BlockEntry } from '../yaml/outline.js';
import { asBytes, isEnd, scalarValue, type ByteText } from '../yaml/scalar.js';

/** Carried the mark once, on one of our paths. */
const FORMER_MARK_FIELD = 'rpiCameraTextOverlay';

/**
 * What stands in a path of ours that is not ours: fields, anchors and remarks that an operator added. `before` and `after` are his
 * bytes around the fields of ours.
 */
export interface Keepsake {
  readonly before: ByteText;
  readonly after: ByteText;
  /** How our fields are written between them. */
  readonly style: 'flow' | { readonly indent: ByteText };
  /** The fields that it has. */
  readonly names: ReadonlySet<string>;
  /** Fields come from elsewhere in the file (`<<: *x`), so that each of ours has to be said. */
  readonly merges: boolean;
}

export interface OwnEntry {
  /** null: nothing but what is ours. */
  readonly keepsake: Keepsake | null;
  readonly source: string | null;
  readonly slate: string | null;
}

interface Field {
  readonly name: string;
  /** Its whole text, and that of its value. */
  readonly written: ByteText;
  readonly value: ByteText;
}

/** Takes apart a path of ours that stands on lines of its own. */
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

/** The same for one that stands in braces with others. `written`: the whole pair; `value`: its value. */
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

/** The fields of ours, as they are written into the file. */
export function ownFields(config: PathConfig, keepsake: Keepsake | null): readonly ByteText[] {
  const fields = keepsake?.merges === true ? allFields(config) : config;
  // Two fields of one name end MediaMTX: what its operator wrote by hand stands.
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

/** True when remarks stand between the pairs of these braces, or around them. */
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
 * The bytes of braces with remarks, before and behind the place of our fields: behind the last field of somebody else, since a merge
 * would win over a field before it.
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

/** Each field has lines of its own: ours are cut out, all else stays with its remarks. */
function onLines(text: ByteText, { line, below, end }: BlockEntry): OwnEntry {
  const entries = entriesOf(text, below);
  const fields = entries.map(({ name, line: { value }, start, end: fieldEnd }) => ({
    name,
    written: text.slice(start, fieldEnd),
    value: text.slice(value.start, value.end),
  }));
  const merges = fields.some(({ name }) => name === '<<');
  const ours = entries.filter(({ name }) => !isExtraName(name));
  // Ours go where the first of them stood; behind all others when a merge would win over a field before it.
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

/** JSON is YAML; a space behind each colon and comma makes it readable. */
function inFlowStyle(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlowStyle).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${inFlowStyle(field)}`);
  return `{${fields.join(', ')}}`;
}
