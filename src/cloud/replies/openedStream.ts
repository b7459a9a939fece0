import { isStreamUrlAllowed } from '../../core/camera/hosts.js';
import { comparedSerial } from '../../core/camera/leftOut.js';
import { streamUrlOf, withoutBlanksAround, type StreamUrlParts } from '../../core/camera/streamUrl.js';
import type { LiveUrlForm } from '../../core/camera/vendors.js';
import { CameraError } from '../../core/errors.js';
import type { OpenedStream, StreamAddress } from '../cloudApi.js';
import { ownError } from './errorTable.js';
import { expiryOf, type AskedLife } from './expiry.js';
import { unreadable } from './protocol.js';

/** The reply to a call for a live URL, in the shape that both clouds share. */
export interface LiveAddress {
  readonly url: string | undefined;
  readonly id: string | null;
  /** As the reply has it: vendors and regions differ in form and time zone. */
  readonly expireTime: unknown;
}

/** The stream that the request asked for. */
export type AskedStream = AskedLife & { readonly camera: Pick<StreamAddress, 'deviceSerial' | 'channel'> };

/** Checks the reply's URL, and works out when it expires. */
export function openedStream(
  address: LiveAddress,
  form: LiveUrlForm,
  extraHosts: readonly string[],
  asked: AskedStream,
): OpenedStream {
  if (address.url === undefined) throw unreadable('data.url');
  const url = withoutBlanksAround(address.url);
  const parsed = streamUrlOf(url);
  if (parsed === null) throw unreadable('data.url');
  if (!isStreamUrlAllowed(url, form.hosts, extraHosts)) throw refusedAddress(new URL(url));
  const parts = form.read(parsed);
  refuseOther(parts, asked.camera);
  const expiresAt = expiryOf(parts.expiresAt, address.expireTime, asked);
  return { url, expiresAt, urlId: address.id ?? parts.urlId };
}

/**
 * Throws CLOUD_OTHER_CAMERA when the URL names another camera than asked for: viewers must never see one camera under another's
 * name.
 */
function refuseOther(told: StreamUrlParts, { deviceSerial, channel }: AskedStream['camera']): void {
  if (told.deviceSerial === null || told.channel === null) return;
  const [asked, given] = [comparedSerial(deviceSerial), comparedSerial(told.deviceSerial)];
  // A sticker's long form ends with the short serial; a camera behind a hub may be called by both serials.
  const isSame = asked.endsWith(given) || given.endsWith(asked) || asked.split(':').includes(given);
  if (!isSame) {
    throw ownError('CLOUD_OTHER_CAMERA', {
      message: 'The cloud gave the live URL of another device.',
    });
  }
  if (told.channel === channel) return;
  const message = `The cloud gave the live URL of channel ${told.channel} of the device instead of channel ${channel}.`;
  throw ownError('CLOUD_OTHER_CAMERA', { message });
}

/**
 * A URL of another kind is refused even on a trusted host, so the cure differs. The message does not show the host, which is
 * part of the URL.
 */
function refusedAddress({ protocol }: URL): CameraError {
  if (['rtmp:', 'rtmps:'].includes(protocol)) {
    return ownError('CLOUD_HOST_REFUSED', {
      message: 'The cloud gave a live URL that is not on a host of the vendor.',
    });
  }
  const { failureClass } = ownError('CLOUD_HOST_REFUSED');
  const kind = protocol.slice(0, 10).replace(':', '');
  const message = `The cloud gave a live URL of the kind ${kind} instead of RTMP.`;
  return new CameraError('CLOUD_HOST_REFUSED', failureClass, message, {
    cure: 'camlease does not use it. Ask the vendor whether the plan of this account includes RTMP for this camera.',
  });
}
