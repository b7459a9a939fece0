import { isStreamUrlAllowed } from '../core/hosts.js';
import { parseStreamUrl } from '../core/streamUrl.js';
import type { OpenedStream } from './cloudApi.js';
import { ownError } from './errorTable.js';
import { unreadable } from './protocol.js';

/** What a live address reply says, in our shape: the same for both clouds. */
export interface LiveAddress {
  readonly url: string | undefined;
  readonly id: string | null;
  readonly expiresAt: Date | null;
}

/** The lease's URL, checked. Its own `expire` says more reliably than the reply when it dies: the reply has no time zone. */
export function openedStream(address: LiveAddress, extraHosts: readonly string[]): OpenedStream {
  if (address.url === undefined) throw unreadable('data.url');
  const parts = parseStreamUrl(address.url);
  if (parts === null) throw unreadable('data.url');
  if (!isStreamUrlAllowed(address.url, extraHosts)) {
    throw ownError('CLOUD_HOST_REFUSED', {
      message: 'The cloud gave a live address that is not RTMP on one of the vendor hosts.',
    });
  }
  const expiresAt = parts.expiresAt ?? address.expiresAt;
  if (expiresAt === null) throw unreadable('data.expireTime');
  return { url: address.url, expiresAt, urlId: address.id ?? parts.urlId };
}
