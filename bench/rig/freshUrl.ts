import { pathSource } from '../../src/engine/mediamtx/pathSource.js';
import { json } from './json.js';

interface Reply<T> {
  readonly data: T;
}

/** Asks the simulated cloud for another live address of a camera, as any integration would; in MediaMTX's form. */
export async function freshUrl(
  env: Readonly<Record<string, string>>,
  camera: { readonly hikvisionDeviceSerial: string; readonly hikvisionResourceId: string },
): Promise<string> {
  const login = { appKey: env['HIKVISION_APP_KEY'], secretKey: env['HIKVISION_SECRET'] };
  const { data } = await json<Reply<{ accessToken: string; areaDomain: string }>>(
    `${env['HIKVISION_BASE_URL'] ?? ''}/api/hccgw/platform/v1/token/get`,
    'POST',
    login,
  );
  const wanted = {
    resourceId: camera.hikvisionResourceId,
    deviceSerial: camera.hikvisionDeviceSerial,
    type: '1',
    protocol: 3,
    expireTime: 604_800,
  };
  const address = await json<Reply<{ url: string }>>(
    `${data.areaDomain}/api/hccgw/video/v1/live/address/get`,
    'POST',
    wanted,
    { Token: data.accessToken },
  );
  const source = pathSource(address.data.url);
  if (source === null) throw new Error('The cloud gave an address that MediaMTX would not take.');
  return source;
}
