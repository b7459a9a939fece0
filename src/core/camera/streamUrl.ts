import type { StreamQuality } from './lease.js';

/** What a vendor's live URL says about itself. Absent parts are null. */
export interface StreamUrlParts {
  readonly expiresAt: Date | null;
  readonly urlId: string | null;
  readonly deviceSerial: string | null;
  readonly channel: number | null;
  readonly quality: StreamQuality | null;
}

/** A longer text is not parsed: no live URL is nearly as long. */
const LONGEST_URL = 4_096;
/** Blanks, line ends, control and zero-width characters: what a copy from a chat or a web page leaves around an address. */
const BLANK = /[\p{Z}\p{Cc}\p{Cf}\s]/u;
const RTMP_WITH_FRAGMENT = /^(rtmps?:\/\/[^/?#]+\/[^?#]*)#([^#]+)$/i;

/**
 * The live URL as the cloud gave it, from a text that a person or a program stored: without blanks around it, and without
 * the fragment in which camlease (and MediaMTX v1.20) writes the stream's name, with each percent sign encoded once more.
 * Other text comes back trimmed.
 */
export function plainStreamUrl(text: string): string {
  const trimmed = withoutBlanksAround(text);
  if (trimmed.length > LONGEST_URL) return trimmed;
  const [, app, name] = RTMP_WITH_FRAGMENT.exec(trimmed) ?? [];
  if (app === undefined || name === undefined) return trimmed;
  return `${app}${app.endsWith('/') ? '' : '/'}${name.replaceAll('%25', '%')}`;
}

/** The text without blanks, control and zero-width characters at its ends. */
export function withoutBlanksAround(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text.charAt(start))) start++;
  while (end > start && BLANK.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The same as a URL; null when the text is none. */
export function streamUrlOf(text: string): URL | null {
  const plain = plainStreamUrl(text);
  return plain.length > LONGEST_URL || !URL.canParse(plain) ? null : new URL(plain);
}
