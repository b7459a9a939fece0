import { boundedText } from '../boundedText.js';
import { cleanName, UNPRINTABLE } from '../camera/cameraName.js';
import { SETTING_FIELDS, settingsOf, type FeedSettings } from './entrySettings.js';
import { textOf, Unreadable, type EntryValues } from './entryValues.js';

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

/** The names that a field of an entry may have; `key` and `name` stand for each other where only one is given. */
export const ENTRY_FIELDS = ['key', 'name', 'url', 'user', 'password', ...SETTING_FIELDS] as const;
export type EntryField = (typeof ENTRY_FIELDS)[number];

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

function entryOf(fields: EntryValues, key: string): FeedEntry {
  const name = cleanName(fields.has('name') ? textOf(fields, 'name', LONGEST_URL) : key);
  if (name === '') throw new Unreadable('has no name that can be read');
  const url = textOf(fields, 'url', LONGEST_URL).trim();
  return { key, url, login: loginOf(fields), settings: { name, ...settingsOf(fields) } };
}

/** The key, or the name where there is no key. */
function keyOf(fields: EntryValues): string {
  const from = fields.has('key') ? 'key' : 'name';
  if (!fields.has(from)) throw new Unreadable('has no name');
  const text = textOf(fields, from, LONGEST_KEY);
  const key = from === 'name' ? cleanName(text) : text.normalize('NFC').trim();
  if (key === '' || UNPRINTABLE.test(key)) throw new Unreadable(`has a ${from} that cannot be read`);
  return key;
}

function loginOf(fields: EntryValues): FeedEntry['login'] {
  if (!fields.has('user')) {
    if (fields.has('password')) throw new Unreadable('has a password and no user');
    return null;
  }
  const password = fields.has('password') ? textOf(fields, 'password', LONGEST_LOGIN) : '';
  return { user: textOf(fields, 'user', LONGEST_LOGIN), password };
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
