import type { LiveUrlForm } from '../../../../src/core/camera/vendors.js';

/** `rtmp://host/watch/<SERIAL>-in<channel>-<high|low>?until=<epoch s, base 36>&ref=<id>&seal=<signature>` */
export const ACME_URLS: LiveUrlForm = {
  hosts: ['media.acme.test'],
  read({ pathname, searchParams }) {
    const [, deviceSerial = null, channel, grade] = /\/([A-Za-z0-9]+)-in(\d+)-(high|low)$/.exec(pathname) ?? [];
    const until = searchParams.get('until') ?? '';
    return {
      expiresAt: /^[0-9a-z]{6,8}$/.test(until) ? new Date(parseInt(until, 36) * 1000) : null,
      urlId: searchParams.get('ref'),
      deviceSerial,
      channel: channel === undefined ? null : Number(channel),
      quality: grade === undefined ? null : grade === 'high' ? 'main' : 'sub',
    };
  },
};
