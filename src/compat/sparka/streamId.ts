/** Names files, addresses and labels: one word of letters and digits, and of `_`, `-`, `.`, `:`, `@` inside. */
const STREAM_ID = /^[\p{L}\p{N}_][\p{L}\p{N}_.:@-]{0,39}$/u;

/**
 * A client's id of a stream; null: it is none. Clients send texts and whole numbers, and mean the same stream by `7` and `"7"`. Two dots in
 * a row are refused, since the old server made a path of the id.
 */
export function readStreamId(given: unknown): string | null {
  const text = typeof given === 'number' && Number.isSafeInteger(given) ? String(given) : given;
  if (typeof text !== 'string') return null;
  return STREAM_ID.test(text) && !text.includes('..') ? text : null;
}
