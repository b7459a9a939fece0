import { isStreamUrlAllowed } from '../core/hosts.js';
import { parseStreamUrl } from '../core/streamUrl.js';
import type { OpenedStream } from './cloudApi.js';
import { ownError } from './errorTable.js';
import { expiryOf, type AskedLife } from './expiry.js';
import { unreadable } from './protocol.js';

/** What a live address reply says, in our shape: the same for both clouds. */
export interface LiveAddress {
  readonly url: string | undefined;
  readonly id: string | null;
  /** As the reply has it: vendors and regions differ in form and zone. */
  readonly expireTime: unknown;
}

/** The lease's URL, checked, and when it dies. */
export function openedStream(address: LiveAddress, extraHosts: readonly string[], asked: AskedLife): OpenedStream {
  if (address.url === undefined) throw unreadable('data.url');
  const parts = parseStreamUrl(address.url);
  if (parts === null) throw unreadable('data.url');
  if (!isStreamUrlAllowed(address.url, extraHosts)) {
    throw ownError('CLOUD_HOST_REFUSED', {
      message: 'The cloud gave a live address that is not RTMP on one of the vendor hosts.',
    });
  }
  const expiresAt = expiryOf(parts.expiresAt, address.expireTime, asked);
  return { url: address.url, expiresAt, urlId: address.id ?? parts.urlId };
}
