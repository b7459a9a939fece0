/** The text, or its first `most` characters and how many more there were. */
export function boundedText(text: string, most: number): string {
  if (text.length <= most) return text;
  // Never half of a surrogate pair: JSON would carry it as an escape that nobody can read.
  const cut = /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, cut)}… (${text.length - cut} more characters)`;
}

/** The text without any `end` (one character) at its end: an address without its closing slashes, for example. */
export function withoutTrailing(text: string, end: string): string {
  let length = text.length;
  while (length > 0 && text[length - 1] === end) length -= 1;
  return text.slice(0, length);
}
