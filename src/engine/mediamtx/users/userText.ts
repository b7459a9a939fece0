import { flowAt, type FlowNode } from '../yaml/flow.js';
import { isEmptyEntry, itemsOf, outlineOf, type BlockEntry, type Outline } from '../yaml/outline.js';
import { scalarValue, type ByteText } from '../yaml/scalar.js';
import { UnreadableText } from '../yaml/unreadable.js';
import { entriesOf, namesOf, type MachineUsers, type UserEntry } from './machineUsers.js';

export interface WantedUsers {
  readonly users: MachineUsers;
  /** Names of former users of ours, whose entries are removed. */
  readonly former: ReadonlySet<string>;
  /** True: MediaMTX accepts RTSP logins by digest for a reason outside this text. */
  readonly isDigestElsewhere: boolean;
}

export interface UsersText {
  readonly text: ByteText;
  /** Why the entries could not be added, as the end of a sentence, with `text` unchanged; null: nothing prevented it. */
  readonly problem: string | null;
}

const KEY = 'authInternalUsers';

/** The users of MediaMTX (v1.20, `internal/conf`) when a file has no such list. */
const BUILT_IN = [
  '# The first two are what MediaMTX goes by where there is no such list: everybody may publish and watch, and this machine use the API.',
  "- {user: any, pass: '', ips: [], permissions: [{action: publish}, {action: read}, {action: playback}]}",
  "- {user: any, pass: '', ips: ['127.0.0.1', '::1'], permissions: [{action: api}, {action: metrics}, {action: pprof}]}",
];
/** Settings with which MediaMTX exits over any hashed password when they contain digest. */
const DIGEST_SETTINGS = ['rtspAuthMethods', 'authMethods'];
/** Old fields for users, over which MediaMTX exits when there is a list of users too. */
const FORMER_FIELDS = /^[^#\n]*\b(?:publish|read)(?:User|Pass|IPs)["']?[ \t]*:/m;

/**
 * The bytes of a `mediamtx.yml` with exactly these users of ours at the end of its list. Entries that hold one of our names, or one of
 * `former`, are ours; all other bytes stay. Returns the same bytes when our entries are there already, and when MediaMTX does not use
 * the list (`authMethod: http`, `jwt`).
 */
export function withUsers(text: ByteText, { users, former, isDigestElsewhere }: WantedUsers): UsersText {
  const names = [...namesOf(users), ...former];
  const isOurs = (bytes: ByteText): boolean => names.some((name) => bytes.includes(name));
  try {
    const outline = outlineOf(text);
    const method = settingOf(text, outline, 'authMethod') ?? 'internal';
    if (scalarValue(method) !== 'internal' || settingOf(text, outline, 'externalAuthenticationURL') !== null)
      return { text, problem: null };
    if (FORMER_FIELDS.test(text))
      return fail(
        text,
        'it names users in the old way (readUser, publishUser and the like), which MediaMTX takes alone only',
      );
    const isDigest = DIGEST_SETTINGS.some((name) => /digest/i.test(settingOf(text, outline, name) ?? ''));
    const entries = entriesOf(users, isDigestElsewhere || isDigest);
    const made =
      outline.style === 'block' ? onLines(text, outline, entries, isOurs) : inBraces(text, outline, entries, isOurs);
    return made === null ? fail(text, `its ${KEY} is no list`) : { text: made, problem: null };
  } catch (thrown) {
    if (thrown instanceof UnreadableText) return fail(text, thrown.message);
    throw thrown;
  }
}

/** The entries as lines to add below `authInternalUsers:` by hand. */
export function listLines(entries: readonly UserEntry[]): string {
  return entries.map((entry) => `  - ${inFlowStyle(entry)}\n`).join('');
}

function fail(text: ByteText, problem: string): UsersText {
  return { text, problem };
}

type IsOurs = (bytes: ByteText) => boolean;

function onLines(
  text: ByteText,
  { indent, entries: settings, end }: Extract<Outline, { style: 'block' }>,
  entries: readonly UserEntry[],
  isOurs: IsOurs,
): ByteText | null {
  const eol = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  const outer = ' '.repeat(indent);
  const lines = (inner: string): ByteText => entries.map((entry) => `${inner}- ${inFlowStyle(entry)}${eol}`).join('');
  const found = settings.find(({ name }) => name === KEY);
  if (!found) {
    const list = `${outer}${KEY}:${eol}${BUILT_IN.map((line) => `${outer}  ${line}${eol}`).join('')}`;
    return closed(text.slice(0, end), eol) + list + lines(`${outer}  `) + text.slice(end);
  }
  const { kind, start, end: valueEnd } = found.line.value;
  if (kind === 'flow') return text[start] === '[' ? inBrackets(text, flowAt(text, start), entries, isOurs) : null;
  if (isEmptyEntry(text, found)) {
    // The `~` of `authInternalUsers: ~` has to be removed before entries can follow.
    const head = kind === 'none' ? text.slice(0, found.end) : text.slice(0, start) + text.slice(valueEnd, found.end);
    return closed(head, eol) + lines(`${outer}  `) + text.slice(found.end);
  }
  if (found.below[0]?.isItem !== true) return null;
  return belowKey(text, found, lines(' '.repeat(found.below[0].indent)), isOurs, eol);
}

/** For a list in block style. Our entries stand together, so that one comparison tells whether anything has to change. */
function belowKey(text: ByteText, entry: BlockEntry, lines: ByteText, isOurs: IsOurs, eol: string): ByteText | null {
  const items = itemsOf(text, entry).map(({ start, end }) => ({ start, end, isOurs: isOurs(text.slice(start, end)) }));
  const ours = items.filter((item) => item.isOurs);
  const [first, last] = [ours[0], ours.at(-1)];
  if (first && last && text.slice(first.start, last.end) === lines) return text;
  let kept = '';
  let from = 0;
  for (const { start, end } of ours) {
    kept += text.slice(from, start);
    from = end;
  }
  const others = items.filter((item) => !item.isOurs);
  const place = Math.max(others.at(-1)?.end ?? entry.line.end, from);
  return closed(kept + text.slice(from, place), eol) + lines + text.slice(place);
}

function inBraces(
  text: ByteText,
  { node, pairs }: Extract<Outline, { style: 'flow' }>,
  entries: readonly UserEntry[],
  isOurs: IsOurs,
): ByteText | null {
  const found = pairs.find(({ name }) => name === KEY);
  if (found)
    return text[found.valueStart] === '[' ? inBrackets(text, flowAt(text, found.valueStart), entries, isOurs) : null;
  const users = BUILT_IN.filter((line) => line.startsWith('-')).map((line) => line.slice(2));
  const list = [...users, ...entries.map(inFlowStyle)].join(', ');
  const comma = pairs.length > 0 ? ', ' : '';
  return `${text.slice(0, node.open + 1)}"${KEY}": [${list}]${comma}${text.slice(node.open + 1)}`;
}

/** For a list in brackets, which may go over several lines. */
function inBrackets(text: ByteText, node: FlowNode, entries: readonly UserEntry[], isOurs: IsOurs): ByteText {
  const wanted = entries.map(inFlowStyle);
  const ours = node.items.filter(({ start, end }) => isOurs(text.slice(start, end)));
  const others = node.items.filter((item) => !ours.includes(item));
  const isThere =
    ours.length === wanted.length && ours.every(({ start, end }, at) => text.slice(start, end) === wanted[at]);
  if (isThere) return text;
  const added = wanted.join(', ');
  const last = others.at(-1);
  const behind = ours.filter(({ start }) => !last || start > last.start);
  if (!last) {
    const [from, to] = [behind[0]?.start ?? node.open + 1, behind.at(-1)?.end ?? node.open + 1];
    return text.slice(0, from) + added + text.slice(to);
  }
  let kept = '';
  let from = 0;
  for (const item of ours) {
    if (behind.includes(item)) break;
    kept += text.slice(from, item.start);
    from = item.afterComma ?? item.end;
  }
  return `${kept}${text.slice(from, last.end)}, ${added}${text.slice(behind.at(-1)?.end ?? last.end)}`;
}

/** The bytes of one setting's value; null: the setting is missing. */
function settingOf(text: ByteText, outline: Outline, wanted: string): ByteText | null {
  if (outline.style === 'flow') {
    const pair = outline.pairs.find(({ name }) => name === wanted);
    return pair ? text.slice(pair.valueStart, pair.end) : null;
  }
  const entry = outline.entries.find(({ name }) => name === wanted);
  if (!entry) return null;
  const { start, end } = entry.line.value;
  return entry.below.length > 0 ? text.slice(entry.line.end, entry.end) : text.slice(start, end);
}

/** A value as JSON, which is also YAML, with a space behind each colon and comma. */
function inFlowStyle(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlowStyle).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${inFlowStyle(field)}`);
  return `{${fields.join(', ')}}`;
}

function closed(text: ByteText, eol: string): ByteText {
  return text === '' || text.endsWith('\n') ? text : `${text}${eol}`;
}
