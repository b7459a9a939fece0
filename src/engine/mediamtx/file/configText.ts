import { isPathName, type PathConfigs } from '../paths/pathConfig.js';
import { flowAt, pairsOf, type FlowPair } from '../yaml/flow.js';
import { entriesOf, isEmptyEntry, outlineOf, type BlockEntry } from '../yaml/outline.js';
import { isBlank, isNull, type ByteText } from '../yaml/scalar.js';
import { UnreadableText } from '../yaml/unreadable.js';
import { isMarkPath, MARK_PATH, markConfig, markOf, type FileMark } from './fileMark.js';
import { ownBlockEntry, ownFields, ownFlowEntry, type Keepsake, type OwnEntry } from './ownEntry.js';

/** The operator's bytes, or the place of one of our paths. */
type Piece = ByteText | { readonly own: string };

/**
 * A `mediamtx.yml` taken apart: the operator's bytes as they are, and between them the places of our paths. So a rewrite with 10,000
 * paths is a string join, and no byte of the operator's can change.
 */
export interface ConfigText {
  /** The pieces before the point where new paths of ours are added; `after`: the pieces behind it. */
  readonly before: readonly Piece[];
  readonly after: readonly Piece[];
  /** How our paths are written: each on its own line, or as pairs in braces (`isLast`: none of the operator's pairs follows them). */
  readonly style:
    | { readonly kind: 'block'; readonly indent: ByteText }
    | { readonly kind: 'flow'; readonly isLast: boolean; readonly around: readonly [ByteText, ByteText] };
  readonly eol: ByteText;
  /** Names of the text's top settings, `paths` too. */
  readonly settings: ReadonlySet<string>;
  /** Names of our paths in the text. */
  readonly own: ReadonlySet<string>;
  /** Names of the operator's paths in the text. */
  readonly foreign: ReadonlySet<string>;
  /** What the operator added to our paths, by name. */
  readonly keepsakes: ReadonlyMap<string, Keepsake>;
  /** Anchors in our paths that other lines use, by path name: such a path cannot be removed. */
  readonly needed: ReadonlyMap<string, readonly string[]>;
  /** The mark that the text carries; null: none. */
  readonly mark: FileMark | null;
  /** The slate files that our paths in the text name. */
  readonly slates: readonly string[];
}

/**
 * Takes the file's bytes (see `ByteText`) apart. Throws `UnreadableText` when it is not certain which bytes are ours; its message says why
 * and quotes nothing of the text, which may hold secrets.
 */
export function takeApart(text: ByteText, isOwn: (name: string) => boolean): ConfigText {
  const outline = outlineOf(text);
  const eol = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  const settings = outline.style === 'flow' ? outline.pairs : outline.entries;
  const parts = new Parts(text, eol, new Set(settings.map(({ name }) => name)), isOwn);
  if (outline.style === 'flow') {
    const pair = outline.pairs.find(({ name }) => name === 'paths');
    if (!pair) {
      const comma = outline.pairs.length > 0 ? ',' : '';
      return parts.inBraces(outline.node.open + 1, outline.node.open + 1, ['"paths": {', `}${comma}`]);
    }
    return parts.inValue(pair.valueStart, pair.end, pair.keyEnd);
  }
  const entry = outline.entries.find(({ name }) => name === 'paths');
  const outer = ' '.repeat(outline.indent);
  if (!entry) return parts.below(outline.end, `${outer}paths:${eol}`, `${outer}  `);
  const { kind, start, end } = entry.line.value;
  if (kind === 'flow') return parts.inValue(start, end, start);
  if (entry.below.length > 0) return parts.onLines(entriesOf(text, entry.below));
  if (!isEmptyEntry(text, entry))
    throw new UnreadableText("its 'paths' is not a list of named paths", text, entry.start);
  // The `~` of `paths: ~` has to be removed before entries can follow.
  return parts.below(entry.end, '', `${outer}  `, kind === 'none' ? null : [start, end]);
}

/**
 * The whole file with exactly these paths of ours: each in its old place, new ones behind them sorted by name. Throws `UnreadableText`
 * when that would remove an anchor that the operator's lines use.
 */
export function putTogether(parts: ConfigText, paths: PathConfigs, mark: FileMark | null): ByteText {
  const wanted = mark === null ? paths : new Map([[MARK_PATH, markConfig(mark)], ...paths]);
  const placed = new Set(
    [...parts.before, ...parts.after].flatMap((piece) => (typeof piece === 'string' ? [] : piece.own)),
  );
  const fresh = [...wanted.keys()].filter((name) => !placed.has(name)).sort();
  const write = (name: string): ByteText => written(parts, wanted, name);
  const put = (piece: Piece): ByteText => (typeof piece === 'string' ? piece : write(piece.own));
  const before = parts.before.map(put).join('');
  const after = parts.after.map(put).join('');
  const { style, eol } = parts;
  if (style.kind === 'block') {
    const isOpen = before !== '' && !before.endsWith('\n') && (fresh.length > 0 || after !== '');
    return before + (isOpen ? eol : '') + fresh.map(write).join('') + after;
  }
  const [opening, closing] = style.around;
  const pairs = fresh.map((name) => `${eol}  ${write(name)}`).join(',');
  return before + opening + pairs + (fresh.length > 0 && !style.isLast ? ',' : '') + closing + after;
}

function written(parts: ConfigText, wanted: PathConfigs, name: string): ByteText {
  if (!isPathName(name)) throw new Error(`a path name that MediaMTX would refuse: ${name}`);
  const config = wanted.get(name);
  const keepsake = parts.keepsakes.get(name) ?? null;
  const text = config ? entryText(parts, name, ownFields(config, keepsake), keepsake) : '';
  const lost = parts.needed.get(name)?.find((anchor) => !new RegExp(`&${escaped(anchor)}(?![^\\s,\\]}])`).test(text));
  if (lost === undefined) return text;
  throw new UnreadableText(`other lines use the anchor &${lost} of path ${name}, which has to change`);
}

function entryText(
  { style, eol }: ConfigText,
  name: string,
  fields: readonly ByteText[],
  keepsake: Keepsake | null,
): ByteText {
  const isBlock = style.kind === 'block';
  if (!keepsake) {
    const entry = `${JSON.stringify(name)}: {${fields.join(', ')}}`;
    return isBlock ? `${style.indent}${entry}${eol}` : entry;
  }
  const { before, after, style: how } = keepsake;
  if (how === 'flow') return closedLine(`${before}${fields.join(', ')}${after}`, isBlock ? eol : null);
  return closedLine(before, eol) + fields.map((field) => `${how.indent}${field}${eol}`).join('') + after;
}

function closedLine(text: ByteText, eol: ByteText | null): ByteText {
  return eol === null || text.endsWith('\n') ? text : `${text}${eol}`;
}

/** Collects the parts of one text. */
class Parts {
  readonly #text: ByteText;
  readonly #eol: ByteText;
  readonly #settings: ReadonlySet<string>;
  readonly #isOwn: (name: string) => boolean;
  readonly #own = new Set<string>();
  readonly #foreign = new Set<string>();
  readonly #keepsakes = new Map<string, Keepsake>();
  readonly #needed = new Map<string, readonly string[]>();
  readonly #slates: string[] = [];
  #mark: FileMark | null = null;

  constructor(text: ByteText, eol: ByteText, settings: ReadonlySet<string>, isOwn: (name: string) => boolean) {
    this.#text = text;
    this.#eol = eol;
    this.#settings = settings;
    this.#isOwn = isOwn;
  }

  /** For a text without paths: ours are added at `at`, under `heading`. `without`: start and end of bytes to leave out. */
  below(at: number, heading: ByteText, indent: ByteText, without: readonly [number, number] | null = null): ConfigText {
    const text = this.#text;
    const before = without ? text.slice(0, without[0]) + text.slice(without[1], at) : text.slice(0, at);
    const open = heading !== '' && before !== '' && !before.endsWith('\n') ? this.#eol : '';
    return this.#whole([`${before}${open}${heading}`], [text.slice(at)], { kind: 'block', indent });
  }

  onLines(entries: readonly BlockEntry[]): ConfigText {
    const text = this.#text;
    const before: Piece[] = [];
    let [after, from] = [[] as Piece[], 0];
    for (const entry of entries) {
      const isOurs = this.#see(entry.name, entry, () => ownBlockEntry(text, entry));
      if (!isOurs) continue;
      before.push(text.slice(from, entry.start), { own: entry.name });
      from = entry.end;
    }
    const last = entries.at(-1)?.end ?? from;
    if (before.length === 0) before.push(text.slice(0, last));
    else [after, from] = [[text.slice(from)], from];
    if (after.length === 0) after = [text.slice(last)];
    const first = entries[0];
    const indent = first ? text.slice(first.start, first.start + first.line.indent) : '  ';
    return this.#whole(before, after, { kind: 'block', indent });
  }

  /** For a `paths` whose value, in braces or null, stands between `start` and `end`; `from`: where the key or the value begins. */
  inValue(start: number, end: number, from: number): ConfigText {
    const text = this.#text;
    const value = text.slice(start, end);
    if (isNull(value)) {
      const colon = text.slice(from, start).includes(':') ? '' : ':';
      return this.inBraces(start, end, [`${colon} {`, '}']);
    }
    const open = start;
    if (text[open] !== '{') throw new UnreadableText("its 'paths' is not a list of named paths", text, start);
    const pairs = pairsOf(text, flowAt(text, open));
    const foreign: FlowPair[] = [];
    let [kept, at] = ['', open + 1];
    const seen = new Set<string>();
    for (const pair of pairs) {
      if (seen.has(pair.name)) throw new UnreadableText('a name stands twice', text, pair.start);
      seen.add(pair.name);
      const [written, inner] = [text.slice(pair.start, pair.end), text.slice(pair.valueStart, pair.end)];
      if (!this.#see(pair.name, pair, () => ownFlowEntry(written, inner))) {
        foreign.push(pair);
        continue;
      }
      const [cutFrom, cutTo] = this.#cut(pair);
      kept += text.slice(at, Math.max(at, cutFrom));
      at = cutTo;
    }
    const style = { kind: 'flow', isLast: foreign.length === 0, around: ['', ''] } as const;
    return this.#whole([text.slice(0, open + 1)], [kept + text.slice(at)], style);
  }

  /** Replaces the bytes between `start` and `end` by braces of ours with our paths in them. */
  inBraces(start: number, end: number, around: readonly [ByteText, ByteText]): ConfigText {
    const { style, ...rest } = this.#whole([this.#text.slice(0, start)], [this.#text.slice(end)], {
      kind: 'flow',
      isLast: true,
      around,
    });
    return { ...rest, style };
  }

  #whole(before: readonly Piece[], after: readonly Piece[], style: ConfigText['style']): ConfigText {
    return {
      before,
      after,
      style,
      eol: this.#eol,
      settings: this.#settings,
      own: this.#own,
      foreign: this.#foreign,
      keepsakes: this.#keepsakes,
      needed: this.#needed,
      mark: this.#mark,
      slates: this.#slates,
    };
  }

  /** True: the entry is ours; its source, slate and additions are recorded. */
  #see(name: string, { start, end }: { readonly start: number; readonly end: number }, read: () => OwnEntry): boolean {
    if (isMarkPath(name)) {
      this.#mark ??= markOf(read().source);
      return true;
    }
    if (!this.#isOwn(name)) {
      this.#foreign.add(name);
      return false;
    }
    this.#own.add(name);
    const { keepsake, slate } = read();
    if (slate !== null) this.#slates.push(slate);
    if (!keepsake) return true;
    this.#keepsakes.set(name, keepsake);
    const rest = this.#text.slice(0, start) + this.#text.slice(end);
    const anchors = anchorsIn(this.#text.slice(start, end)).filter((anchor) => isUsed(rest, anchor));
    if (anchors.length > 0) this.#needed.set(name, anchors);
    return true;
  }

  /** A pair of ours is cut out together with the line end before it and the comma behind it. */
  #cut({ start, end, afterComma }: FlowPair): readonly [number, number] {
    const text = this.#text;
    let from = start;
    while (isBlank(text[from - 1])) from -= 1;
    if (text[from - 1] !== '\n') return [start, afterComma ?? end];
    from -= text[from - 2] === '\r' ? 2 : 1;
    return [from, afterComma ?? end];
  }
}

const ANCHOR = /(?:^|[\s[{,:-])&([^\s,[\]{}]+)/g;

function anchorsIn(text: ByteText): readonly string[] {
  return [...text.matchAll(ANCHOR)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

function isUsed(text: ByteText, anchor: string): boolean {
  return new RegExp(`(?:^|[\\s[{,:-])\\*${escaped(anchor)}(?=$|[\\s,\\]}])`).test(text);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
