import { pathSource } from '../../src/engine/mediamtx/paths/pathSource.js';
import { json } from './json.js';

const ATTEMPTS = 20;
/** Pause between calls: the cloud accepts five calls a second from an account. */
const RATE_MS = 450;

interface Reply<T> {
  /** Absent in a refusal. */
  readonly data?: T;
}

/** Asks the simulated cloud for a new live URL of a camera, as any client would; returns it in MediaMTX's form. */
export async function freshUrl(...asked: Parameters<typeof askOnce>): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const source = await askOnce(...asked);
    if (source !== null) return source;
    if (attempt === ATTEMPTS) throw new Error('The cloud gave no address that MediaMTX would take.');
    await new Promise((resolve) => setTimeout(resolve, RATE_MS));
  }
}

/** null: the cloud refused the call, mostly because of its rate limit. */
async function askOnce(
  env: Readonly<Record<string, string>>,
  camera: { readonly hikvisionDeviceSerial: string; readonly hikvisionResourceId: string },
): Promise<string | null> {
  const login = { appKey: env['HIKVISION_APP_KEY'], secretKey: env['HIKVISION_SECRET'] };
  const { data } = await json<Reply<{ accessToken: string; areaDomain: string }>>(
    `${env['HIKVISION_BASE_URL'] ?? ''}/api/hccgw/platform/v1/token/get`,
    'POST',
    login,
  );
  if (!data) return null;
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
  return address.data ? pathSource(address.data.url) : null;
}
