import { boundedText } from '../boundedText.js';
import { CAMERA_MODES, type CameraMode } from '../camera/camera.js';
import { cleanName, UNPRINTABLE } from '../camera/cameraName.js';

/** The fields of an entry that the camera takes over as they are; what an entry leaves out stays as the camera has it. */
export interface FeedSettings {
  readonly name: string;
  readonly mode?: CameraMode;
  readonly labels?: readonly string[];
  readonly enabled?: boolean;
}

/** One camera as a list names it. */
export interface FeedEntry {
  /** What the list calls it; the camera of a key stays the same camera. */
  readonly key: string;
  /** As the list has it; may hold a login. Secret. */
  readonly url: string;
  /** What the list gives apart from the address; null: nothing. Secret. */
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly settings: FeedSettings;
}

/** An entry that cannot be taken. Holds no value that may be secret. */
export interface EntryFault {
  /** null: the entry does not say which camera it is. */
  readonly key: string | null;
  /** Where it stands: `entry 3 (line 12)`. */
  readonly place: string;
  /** The rest of a sentence, without its full stop: `has no name`. */
  readonly message: string;
}

/** One entry as it was read, or why it cannot be. */
export type FeedRow =
  | { readonly place: string; readonly entry: FeedEntry; readonly fault: null }
  | { readonly place: string; readonly entry: null; readonly fault: EntryFault };

export const LONGEST_KEY = 200;
const LONGEST_URL = 2_048;
const LONGEST_LOGIN = 256;
const LONGEST_LABEL = 64;
const MOST_LABELS = 20;

/** The names that a field of an entry may have; `key` and `name` stand for each other where only one is given. */
export const ENTRY_FIELDS = ['key', 'name', 'url', 'user', 'password', 'mode', 'labels', 'enabled'] as const;
export type EntryField = (typeof ENTRY_FIELDS)[number];

class Unreadable extends Error {}

/**
 * Reads an entry of any list; values may be text (CSV) or of their own type (YAML, JSON), and an empty text counts as absent.
 * A field that no list knows is a fault, since it is a slip of the pen mostly.
 */
export function readEntry(raw: unknown, place: string): FeedRow {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { place, entry: null, fault: { key: null, place, message: 'is no set of fields such as name and url' } };
  const fields = new Map(
    Object.entries(raw).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
  let key: string | null = null;
  try {
    key = keyOf(fields);
    const unknown = [...fields.keys()].find((name) => !(ENTRY_FIELDS as readonly string[]).includes(name));
    if (unknown !== undefined)
      throw new Unreadable(`has the field ${shownField(unknown)}, which camlease does not know`);
    return { place, entry: entryOf(fields, key), fault: null };
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    return { place, entry: null, fault: { key, place, message: thrown.message } };
  }
}

function entryOf(fields: ReadonlyMap<string, unknown>, key: string): FeedEntry {
  const name = cleanName(fields.has('name') ? textOf(fields, 'name', LONGEST_URL) : key);
  if (name === '') throw new Unreadable('has no name that can be read');
  const url = textOf(fields, 'url', LONGEST_URL).trim();
  return { key, url, login: loginOf(fields), settings: { name, ...settingsOf(fields) } };
}

/** The key, or the name where there is no key. */
function keyOf(fields: ReadonlyMap<string, unknown>): string {
  const from = fields.has('key') ? 'key' : 'name';
  if (!fields.has(from)) throw new Unreadable('has no name');
  const text = textOf(fields, from, LONGEST_KEY);
  const key = from === 'name' ? cleanName(text) : text.normalize('NFC').trim();
  if (key === '' || UNPRINTABLE.test(key)) throw new Unreadable(`has a ${from} that cannot be read`);
  return key;
}

function loginOf(fields: ReadonlyMap<string, unknown>): FeedEntry['login'] {
  if (!fields.has('user')) {
    if (fields.has('password')) throw new Unreadable('has a password and no user');
    return null;
  }
  const password = fields.has('password') ? textOf(fields, 'password', LONGEST_LOGIN) : '';
  return { user: textOf(fields, 'user', LONGEST_LOGIN), password };
}

function settingsOf(fields: ReadonlyMap<string, unknown>): Omit<FeedSettings, 'name'> {
  const mode = fields.get('mode');
  if (mode !== undefined && !CAMERA_MODES.some((one) => one === mode))
    throw new Unreadable(`has a mode that is none of ${CAMERA_MODES.join(', ')}`);
  return {
    ...(mode !== undefined && { mode: mode as CameraMode }),
    ...(fields.has('labels') && { labels: labelsOf(fields.get('labels')) }),
    ...(fields.has('enabled') && { enabled: flagOf(fields.get('enabled'), 'enabled') }),
  };
}

/** A list of texts, or one text with commas or semicolons between them. */
function labelsOf(value: unknown): string[] {
  const parts = typeof value === 'string' ? value.split(/[;,]/) : value;
  if (!Array.isArray(parts)) throw new Unreadable('has labels that are no list of words');
  const labels = parts.map((part: unknown) => (typeof part === 'number' ? String(part) : part));
  const words = labels.map((label) => (typeof label === 'string' ? label.trim() : null)).filter((word) => word !== '');
  const isFine = words.every((word) => word !== null && word.length <= LONGEST_LABEL && !UNPRINTABLE.test(word));
  if (!isFine || words.length > MOST_LABELS)
    throw new Unreadable(
      `has labels that cannot be read: at most ${MOST_LABELS}, each of at most ${LONGEST_LABEL} characters`,
    );
  return [...new Set(words as string[])];
}

function flagOf(value: unknown, name: string): boolean {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (['true', 'yes', '1', true, 1].includes(word as never)) return true;
  if (['false', 'no', '0', false, 0].includes(word as never)) return false;
  throw new Unreadable(`has an ${name} that is neither true nor false`);
}

function textOf(fields: ReadonlyMap<string, unknown>, name: EntryField, longest: number): string {
  const value = fields.get(name);
  if (value === undefined) throw new Unreadable(`has no ${name}`);
  // YAML and JSON read 12 as a number; a key or a password of digits is meant as text.
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string') throw new Unreadable(`has a ${name} that is no text: put it in quotes`);
  if (text.length > longest) throw new Unreadable(`has a ${name} of more than ${longest} characters`);
  return text;
}

/** A name of a field that may be a secret in the wrong place is not repeated. */
function shownField(name: string): string {
  return /^[A-Za-z][A-Za-z0-9 _-]{0,23}$/.test(name) ? `"${name}"` : '(a name that is not shown)';
}

/** The fault as a sentence for people: `Entry 3 (line 12), "gate", has no url.` */
export function faultSentence({ place, key, message }: EntryFault): string {
  const named = key === null ? '' : `, "${boundedText(key, 40)}",`;
  return `${place.charAt(0).toUpperCase()}${place.slice(1)}${named} ${message}${message.endsWith('.') ? '' : '.'}`;
}
