import { createHash } from 'node:crypto';
import type { CameraId, CloudVendor } from './camera.js';

/**
 * The id of a discovered camera: 24 hex digits from vendor, serial and channel. The same after the loss of the database, so
 * links survive. It is no secret: whoever knows the serial, which is on the camera's sticker, can work it out.
 */
export function cameraId(vendor: CloudVendor, deviceSerial: string, channel: number): CameraId {
  return createHash('sha256').update(`${vendor}/${deviceSerial}/${channel}`).digest('hex').slice(0, 24);
}
