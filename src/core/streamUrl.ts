import type { StreamQuality } from './lease.js';

/** What a vendor's live URL says about itself. Absent parts are null. */
export interface StreamUrlParts {
  readonly expiresAt: Date | null;
  readonly urlId: string | null;
  readonly deviceSerial: string | null;
  readonly channel: number | null;
  readonly quality: StreamQuality | null;
}

/**
 * Reads `rtmp://host:1935/v3/openlive/<SERIAL>_<channel>_<quality>?expire=<epoch s>&id=<digits>&…`, the form that both
 * clouds hand out. Returns null when the text is no URL at all.
 */
export function parseStreamUrl(text: string): StreamUrlParts | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const name = /([^/_]+)_(\d+)_([12])(?:\.[a-z0-9]+)?$/i.exec(url.pathname);
  return {
    expiresAt: epochSeconds(url.searchParams.get('expire')),
    urlId: url.searchParams.get('id'),
    deviceSerial: name?.[1] ?? null,
    channel: name?.[2] === undefined ? null : Number(name[2]),
    quality: name?.[3] === undefined ? null : name[3] === '1' ? 'main' : 'sub',
  };
}

function epochSeconds(text: string | null): Date | null {
  if (text === null || !/^\d{9,11}$/.test(text)) return null;
  return new Date(Number(text) * 1000);
}
