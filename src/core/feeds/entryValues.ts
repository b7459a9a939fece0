/** Why a value of an entry cannot be taken: the rest of a sentence, without a value that may be secret. */
export class Unreadable extends Error {}

/** The fields of an entry; those that are empty are left out. */
export type EntryValues = ReadonlyMap<string, unknown>;

/** Throws `Unreadable`. */
export function textOf(values: EntryValues, name: string, longest: number): string {
  const value = values.get(name);
  if (value === undefined) throw new Unreadable(`has no ${name}`);
  // YAML and JSON read 12 as a number; a key or a password of digits is meant as text. 1.50 would lose its zero.
  const text = typeof value === 'number' && !Number.isSafeInteger(value) ? null : plainText(value);
  if (text === null) throw new Unreadable(`has a ${name} that is no text: put it in quotes`);
  if (text.length > longest) throw new Unreadable(`has a ${name} of more than ${longest} characters`);
  return text;
}

/** null: neither text nor a number. */
export function plainText(value: unknown): string | null {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  return typeof text === 'string' ? text : null;
}

/** Throws `Unreadable`. */
export function flagOf(value: unknown, name: string): boolean {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (['true', 'yes', 'on', '1', true, 1].includes(word as never)) return true;
  if (['false', 'no', 'off', '0', false, 0].includes(word as never)) return false;
  throw new Unreadable(`has an ${name} that is neither true nor false`);
}
