import { createHash } from 'node:crypto';

/** File systems allow 255 bytes; some of them are for what is put behind the name. */
const LONGEST = 180;

/**
 * The beginning of a file's name for an id, without a dot or a slash that would lead elsewhere; another one for each id. One that is too
 * long for a file, or that cannot be encoded, is told by its hash: `%s` begins no encoded text.
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
