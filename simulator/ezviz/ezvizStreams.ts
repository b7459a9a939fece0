import { NoAnswer, NoSuchPath, type CloudCall, type Endpoint } from '../cloud/cloudServer.js';
import { Refusal } from '../cloud/fields.js';
import { LONGEST_LIFE_SECONDS, SHORTEST_LIFE_SECONDS } from '../cloud/liveUrls.js';
import { readProtocol } from '../cloud/streamProtocol.js';
import type { SimulatedCamera } from '../fleet.js';
import { cameraOf, deviceOf } from './ezvizDevices.js';

const CAPTURE_LIFE_SECONDS = 7200;
const UTC_PLUS_8_MS = 8 * 3_600_000;

type Version = 'v1' | 'v2';

function liveAddressOf(version: Version): Endpoint {
  const run = (call: CloudCall): object => {
    refuseVersion(call, version);
    return liveAddress(call);
  };
  return { method: 'POST', kind: 'live-address', tokens: ['ezviz'], run };
}

function disableOf(version: Version): Endpoint {
  const run = (call: CloudCall): object => {
    refuseVersion(call, version);
    cameraOf(call);
    // Without an id, the older call of the real cloud takes back all addresses of the camera; nothing here needs that.
    const urlId = call.fields.requiredText('urlId');
    if (!/^\d+$/.test(urlId)) throw new Refusal('404');
    call.world.urls.disable(urlId);
    call.note({ urlId });
    return {};
  };
  return { method: 'POST', kind: 'disable-address', tokens: ['ezviz'], run };
}

function refuseVersion({ account }: CloudCall, version: Version): void {
  if (version === 'v1' && account.faults.has('no-v1')) throw new Refusal('10013');
  if (version === 'v2' && account.faults.has('no-v2')) throw new NoSuchPath();
}

/** Live URLs, captures and the encryption switch of EZVIZ. Outside China the older calls accept the fields of the newer ones. */
export const ezvizStreams: Readonly<Record<string, Endpoint>> = {
  '/api/lapp/v2/live/address/get': liveAddressOf('v2'),
  '/api/lapp/live/address/get': liveAddressOf('v1'),
  '/api/lapp/v2/live/address/disable': disableOf('v2'),
  '/api/lapp/live/address/disable': disableOf('v1'),
  '/api/lapp/device/capture': {
    method: 'POST',
    kind: 'capture',
    tokens: ['ezviz', 'teams'],
    run: (call) => {
      const camera = cameraOf(call);
      refuseUnreachable(camera);
      const { world, account } = call;
      if (!world.pictures.mayTake(camera)) throw new Refusal('10028');
      const path = world.pictures.take(camera, CAPTURE_LIFE_SECONDS);
      return { data: { picUrl: world.areaUrl('ezviz', account.region) + path } };
    },
  },
  '/api/lapp/device/encrypt/off': {
    method: 'POST',
    kind: 'encrypt-off',
    tokens: ['ezviz', 'teams'],
    run: (call) => {
      const device = deviceOf(call);
      if (call.fields.requiredText('validateCode') !== device.validateCode) throw new Refusal('20010');
      for (const camera of device.cameras) camera.faults.delete('encrypted');
      return {};
    },
  },
};

function liveAddress(call: CloudCall): object {
  const { world, account, fields, note } = call;
  const protocol = readProtocol(fields, 5);
  const quality = fields.integerWithin('quality', 1, 2, 1) === 1 ? 1 : 2;
  const password = fields.text('code');
  const lifetimeSeconds = fields.integerWithin(
    'expireTime',
    SHORTEST_LIFE_SECONDS,
    LONGEST_LIFE_SECONDS,
    account.defaultLifetimeSeconds,
  );
  note({ quality });
  const camera = cameraOf(call);
  if (camera.faults.has('hang')) throw new NoAnswer();
  refuseUnreachable(camera);
  if (camera.faults.has('encrypted') && (protocol !== 1 || password === null)) throw new Refusal('60019');
  if (account.faults.has('quota')) throw new Refusal('10007');
  const mark = account.region === 'cn' ? null : (world.fleet.device(camera.serial)?.mark ?? null);
  const { id, url, expiresAt } = world.urls.give({ camera, protocol, quality, lifetimeSeconds, mark });
  note({ urlId: id });
  return { data: { id, url, expireTime: localTime(expiresAt, account.region === 'cn' ? UTC_PLUS_8_MS : 0) } };
}

function refuseUnreachable({ faults }: SimulatedCamera): void {
  if (faults.has('offline')) throw new Refusal('20007');
  if (faults.has('timeout')) throw new Refusal('20008');
}

/** `YYYY-MM-DD HH:MM:SS`, in UTC+8 in China, elsewhere in UTC. */
function localTime(moment: Date, offsetMs: number): string {
  return new Date(moment.getTime() + offsetMs).toISOString().slice(0, 19).replace('T', ' ');
}
