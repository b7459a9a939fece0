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

/**
 * Reads `rtmp://host:1935/v3/openlive/<SERIAL>_<channel>_<quality>?expire=<epoch s>&id=<digits>&…`, the form that both
 * clouds give, also with the name in a fragment; the same with `.m3u8` or `.flv` by https; and
 * `ezopen://[code@]host/<SERIAL>/<channel>[.hd].live`. Returns null when the text is no URL.
 */
export function parseStreamUrl(text: string): StreamUrlParts | null {
  const plain = plainStreamUrl(text);
  if (plain.length > LONGEST_URL || !URL.canParse(plain)) return null;
  const url = new URL(plain);
  return {
    expiresAt: epochMoment(url.searchParams.get('expire')),
    urlId: url.searchParams.get('id'),
    ...(url.protocol === 'ezopen:' ? ezopenName(url) : streamName(url)),
  };
}

const NAME = /^(?:.*_)?([^_]+)_(\d+)_([12])(?:\.[a-z0-9]+)?$/i;
const EZOPEN_NAME = /^\/([^/]+)\/(\d+)(\.hd)?\.(?:live|rec|local\.rec|cloud\.rec)$/i;

type Name = Pick<StreamUrlParts, 'deviceSerial' | 'channel' | 'quality'>;

function streamName({ pathname }: URL): Name {
  const [, deviceSerial, channel, quality] = NAME.exec(pathname.slice(pathname.lastIndexOf('/') + 1)) ?? [];
  return {
    deviceSerial: deviceSerial ?? null,
    channel: channel === undefined ? null : Number(channel),
    quality: quality === undefined ? null : quality === '1' ? 'main' : 'sub',
  };
}

function ezopenName({ pathname }: URL): Name {
  const [, deviceSerial, channel, hd] = EZOPEN_NAME.exec(pathname) ?? [];
  if (deviceSerial === undefined) return { deviceSerial: null, channel: null, quality: null };
  return { deviceSerial, channel: Number(channel), quality: hd === undefined ? 'sub' : 'main' };
}

/** Epoch seconds, or milliseconds. */
function epochMoment(text: string | null): Date | null {
  if (text === null || !/^\d{9,14}$/.test(text)) return null;
  return new Date(text.length > 11 ? Number(text) : Number(text) * 1000);
}
