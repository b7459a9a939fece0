/** The text, or its first `most` characters with a word about how many more there were. */
export function boundedText(text: string, most: number): string {
  if (text.length <= most) return text;
  // Never half of a surrogate pair: JSON would carry it as an escape that nobody can read.
  const cut = /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, cut)}… (${text.length - cut} more characters)`;
}

/** The text without the characters `end` at its end: an address without its closing slashes, say. */
export function withoutTrailing(text: string, end: string): string {
  let length = text.length;
  while (length > 0 && text[length - 1] === end) length -= 1;
  return text.slice(0, length);
}
