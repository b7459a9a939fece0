import type { StreamUrlParts } from '../../core/camera/streamUrl.js';
import type { LiveUrlForm } from '../../core/camera/vendors.js';

/**
 * Live URLs of EZVIZ and of Hik-Connect, whose streams come from EZVIZ media servers:
 * `rtmp://host:1935/v3/openlive/<SERIAL>_<channel>_<quality>?expire=<epoch s>&id=<digits>&…`, the same with `.m3u8` or `.flv` by
 * https, and `ezopen://[code@]host/<SERIAL>/<channel>[.hd].live`.
 */
export const PLATFORM_URLS: LiveUrlForm = {
  hosts: ['ezvizlife.com', 'ezvizru.com', 'ys7.com', 'hikcentralconnect.com', 'hikcentralconnectru.com'],
  read: (url) => ({
    expiresAt: epochMoment(url.searchParams.get('expire')),
    urlId: url.searchParams.get('id'),
    ...(url.protocol === 'ezopen:' ? ezopenName(url) : streamName(url)),
  }),
};

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
