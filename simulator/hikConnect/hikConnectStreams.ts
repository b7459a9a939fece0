import { NoAnswer, type CloudCall, type Endpoint } from '../cloud/cloudServer.js';
import { Refusal } from '../cloud/fields.js';
import { LONGEST_LIFE_SECONDS, SHORTEST_LIFE_SECONDS } from '../cloud/liveUrls.js';
import { readProtocol } from '../cloud/streamProtocol.js';
import type { SimulatedCamera } from '../fleet.js';

const CAPTURE_LIFE_SECONDS = 900;

/** Live URLs and captures of hccgw. */
export const hikConnectStreams: Readonly<Record<string, Endpoint>> = {
  '/api/hccgw/video/v1/live/address/get': {
    method: 'POST',
    kind: 'live-address',
    tokens: ['hccgw'],
    run: liveAddress,
  },
  '/api/hccgw/resource/v1/device/capturePic': {
    method: 'POST',
    kind: 'capture',
    tokens: ['hccgw'],
    run: ({ world, account, fields, note }) => {
      const serial = fields.texts('deviceSerial')[0];
      if (serial === undefined) throw fields.refusal();
      const channel = fields.integerWithin('channelNo', 1, 10_000, null);
      const camera = world.fleet.cameraAt(`${serial}_${channel}`);
      if (camera?.account !== account.name) throw new Refusal('OPEN000501');
      note({ camera: camera.ref });
      if (camera.faults.has('deleted')) throw new Refusal('OPEN000501');
      if (camera.faults.has('offline')) throw new Refusal('OPEN000554');
      if (camera.faults.has('timeout')) throw new Refusal('OPEN000555');
      const path = world.pictures.take(camera, CAPTURE_LIFE_SECONDS);
      return {
        captureUrl: world.areaUrl('hikconnect', account.region) + path,
        isEncrypted: camera.faults.has('encrypted') ? 1 : 0,
      };
    },
  },
};

function liveAddress({ world, account, fields, note }: CloudCall): object {
  const resourceId = fields.requiredText('resourceId');
  const serial = fields.requiredText('deviceSerial', 32);
  fields.integerWithin('type', 1, 3, null);
  const protocol = readProtocol(fields, 4);
  const quality = fields.integerWithin('quality', 1, 2, 1) === 1 ? 1 : 2;
  const password = fields.text('code', 16);
  const lifetimeSeconds = fields.integerWithin(
    'expireTime',
    SHORTEST_LIFE_SECONDS,
    LONGEST_LIFE_SECONDS,
    account.defaultLifetimeSeconds,
  );
  const camera = world.fleet.cameraById(resourceId);
  if (camera?.account !== account.name) throw new Refusal('OPEN000503');
  note({ camera: camera.ref, quality });
  if (camera.serial !== serial) throw new Refusal('EVZ20002');
  refuseFaults(camera, protocol === 1 ? password : null);
  if (account.faults.has('quota')) throw new Refusal('EVZ10007');
  const mark = world.fleet.device(serial)?.mark ?? null;
  const { id, url, expiresAt } = world.urls.give({ camera, protocol, quality, lifetimeSeconds, mark });
  note({ urlId: id });
  return { id, url, expireTime: expiresAt.getTime() };
}

/** Refuses a live URL by the camera's faults. A password (`code`) helps EZOPEN alone; a wrong one of the right form is noticed only at playing. */
function refuseFaults({ faults }: SimulatedCamera, password: string | null): void {
  if (faults.has('hang')) throw new NoAnswer();
  if (faults.has('deleted')) throw new Refusal('OPEN000503');
  if (faults.has('offline')) throw new Refusal('EVZ20007');
  if (faults.has('timeout')) throw new Refusal('EVZ20008');
  if (!faults.has('encrypted')) return;
  if (password === null) throw new Refusal('EVZ60019', 'Encryption is enabled and parameter code is empty');
  if (password.length < 6) throw new Refusal('EVZ10001');
}
