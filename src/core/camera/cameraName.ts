/** Control characters, lone surrogates, line separators and marks that turn the direction of what follows. */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** In UTF-16 units, as for names that people give. */
export const LONGEST_NAME = 100;

const ALL_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');
/** Only this many characters of a name are read, because a vendor's listing may hold names of any length. */
const LONGEST_READ = 1_000;

/**
 * A vendor cloud's name for a camera, cleaned for people: composed (NFC, so that a search finds it), on one line, without
 * control characters and marks of direction, at most 100 characters. Empty when nothing is left.
 */
export function cleanName(text: string): string {
  const plain = text.slice(0, LONGEST_READ).replace(ALL_UNPRINTABLE, ' ').normalize('NFC');
  const oneLine = plain.replace(/\s+/gu, ' ').trim();
  // Zero-width characters alone look like no name at all.
  if (!/[^\p{Cf}\p{Zs}]/u.test(oneLine)) return '';
  let name = '';
  for (const character of oneLine) {
    if (name.length + character.length > LONGEST_NAME) break;
    name += character;
  }
  return name.trim();
}
