import { readSourceUrl } from '../camera/sourceUrl.js';
import { readEntry, type EntryField, type FeedRow } from './feedEntry.js';

/** How the answer of a master list is read. */
export interface ItemsForm {
  /** Where the list stands in the answer, names with dots between them; null: the answer is the list. */
  readonly items: string | null;
  /** Which field of an item each field of an entry is, names with dots between them; `key` and `url` at least. */
  readonly fields: Readonly<Partial<Record<EntryField, string>>>;
  /** The login of every item that names none; null: none. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** An address that is asked for a list of cameras, again and again. Holds secrets: the address, its headers, the login. */
export interface MasterList extends ItemsForm {
  readonly name: string;
  readonly url: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MasterItems {
  readonly rows: readonly FeedRow[];
  /** Items without a key or without an address: a list of other things beside cameras has such. */
  readonly skipped: number;
}

export const MOST_ITEMS = 10_000;

/** Reads the text of a master list's answer; `problem` (the rest of a sentence) says why it is no list at all. */
export function readMasterItems(
  text: string,
  form: ItemsForm,
): (MasterItems & { readonly problem: null }) | { readonly problem: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { problem: 'answered something that is no JSON' };
  }
  const list = form.items === null ? answer : valueAt(answer, form.items);
  if (!Array.isArray(list)) {
    const where = form.items === null ? 'is no list' : `has no list at "${form.items}"`;
    return { problem: `answered JSON that ${where}` };
  }
  if (list.length > MOST_ITEMS) return { problem: `answered ${list.length} items, more than ${MOST_ITEMS}` };
  const rows: FeedRow[] = [];
  let skipped = 0;
  for (const [index, item] of (list as readonly unknown[]).entries()) {
    const raw = mapped(item, form);
    const place = `item ${index + 1}`;
    if (isBlank(raw.key)) skipped += 1;
    else if (!isBlank(raw.url)) rows.push(readEntry(raw, place));
    else {
      // Its camera is still listed, so it is not missing; but there is nothing to open.
      skipped += 1;
      rows.push({ place, entry: null, fault: { key: String(raw.key), place, message: 'has no url' } });
    }
  }
  return { problem: null, rows, skipped };
}

function mapped(item: unknown, { fields, login }: ItemsForm): Partial<Record<EntryField, unknown>> {
  const found = Object.entries(fields).map(([name, path]) => {
    const value = valueAt(item, path);
    // What other systems keep beside their cameras has any type; only what can be a key or an address is taken for one.
    return [name, (name === 'key' || name === 'url') && !isText(value) ? undefined : value] as const;
  });
  const raw: Partial<Record<EntryField, unknown>> = Object.fromEntries(found);
  const hasOwn = !isBlank(raw.user) || !isBlank(raw.password) || hasLogin(raw.url);
  return login === null || hasOwn ? raw : { ...raw, ...login };
}

function hasLogin(url: unknown): boolean {
  const address = typeof url === 'string' ? readSourceUrl(url) : null;
  return address?.kind === 'address' && address.logins.length > 0;
}

const isText = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';
const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** Own fields alone: `constructor` in a path finds nothing. */
function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}
