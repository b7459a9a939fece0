import { CameraError } from '../core/errors.js';
import { isStreamUrlAllowed } from '../core/hosts.js';
import { parseStreamUrl, withoutBlanksAround } from '../core/streamUrl.js';
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
  const url = withoutBlanksAround(address.url);
  const parts = parseStreamUrl(url);
  if (parts === null) throw unreadable('data.url');
  if (!isStreamUrlAllowed(url, extraHosts)) throw refusedAddress(new URL(url));
  const expiresAt = expiryOf(parts.expiresAt, address.expireTime, asked);
  return { url, expiresAt, urlId: address.id ?? parts.urlId };
}

/** A trusted host helps nobody whose address is of another kind. The host is not told: it stands in the address. */
function refusedAddress({ protocol }: URL): CameraError {
  if (['rtmp:', 'rtmps:'].includes(protocol)) {
    return ownError('CLOUD_HOST_REFUSED', {
      message: 'The cloud gave a live address that is not on a host of the vendor.',
    });
  }
  const { failureClass } = ownError('CLOUD_HOST_REFUSED');
  const kind = protocol.slice(0, 10).replace(':', '');
  const message = `The cloud gave a live address of another kind (${kind}) than the RTMP that was asked for.`;
  return new CameraError('CLOUD_HOST_REFUSED', failureClass, message, {
    cure: 'Nothing was sent there. Ask the vendor whether the plan of this account includes RTMP for this camera.',
  });
}
