import { createHash } from 'node:crypto';
import type { CameraId, CloudVendor } from './camera.js';

/**
 * The id of a discovered camera: 24 hex digits from vendor, serial and channel. The same after the loss of the database,
 * so that links stay valid. It is no secret: anybody who knows the serial, which is on the camera's sticker, can compute
 * it.
 */
export function cameraId(vendor: CloudVendor, deviceSerial: string, channel: number): CameraId {
  return createHash('sha256').update(`${vendor}/${deviceSerial}/${channel}`).digest('hex').slice(0, 24);
}
