import { createHash } from 'node:crypto';

/** File systems allow 255 bytes for a name; the rest is for what callers append. */
const LONGEST = 180;

/**
 * The first part of a file's name for an id: unique for each id, and without a dot or slash that would lead to another
 * folder. An id that is too long for a file, or cannot be encoded, becomes its hash; it cannot equal an encoded id, since
 * none of those begins with `%s`.
 */
export function fileNameOf(id: string): string {
  const name = encoded(id);
  return name !== null && name.length <= LONGEST
    ? name
    : `%sha256-${createHash('sha256').update(id, 'utf16le').digest('hex')}`;
}

function encoded(id: string): string | null {
  try {
    // Dots alone name folders.
    return encodeURIComponent(id).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
  } catch {
    // Half of a pair of surrogates.
    return null;
  }
}
