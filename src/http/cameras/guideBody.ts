import type { Camera } from '../../core/camera/camera.js';
import { isUrlCamera } from '../../core/camera/cameraSource.js';
import { plainStreamUrl } from '../../core/camera/streamUrl.js';
import type { HttpDeps } from '../route/deps.js';

/**
 * A new camera as a client of the Hikvision guide sends it, in our words. Without a serial its `rtmpPath` decides: a vendor's URL
 * that names a device makes a camera of that cloud, and any other address a camera of its own.
 */
export function newFromGuide({ vendors }: Pick<HttpDeps, 'vendors'>, body: unknown): unknown {
  if (!isObject(body) || 'source' in body || typeof body['rtmpPath'] !== 'string') return body;
  const { rtmpPath, hikvisionDeviceSerial, hikvisionResourceId, ...rest } = body;
  if (typeof hikvisionDeviceSerial === 'string' && hikvisionDeviceSerial !== '') return body;
  const url = plainStreamUrl(rtmpPath);
  const parts = vendors.isStreamUrlAllowed(url) ? vendors.parseStreamUrl(url) : null;
  if (parts === null || parts.deviceSerial === null) return { ...rest, source: { url: rtmpPath } };
  return {
    ...{ channel: parts.channel ?? 1, ...rest, rtmpPath, hikvisionDeviceSerial: parts.deviceSerial },
    ...(hikvisionResourceId !== undefined && hikvisionResourceId !== '' && { hikvisionResourceId }),
  };
}

/** A change as such a client sends it: of a camera with an address of its own, `rtmpPath` is that address. */
export function changeFromGuide(camera: Camera, body: unknown): unknown {
  if (!isObject(body) || 'source' in body || !isUrlCamera(camera) || typeof body['rtmpPath'] !== 'string') return body;
  const { rtmpPath, ...rest } = body;
  return rtmpPath === '' ? rest : { ...rest, source: { url: rtmpPath } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
