import type { CloudCall, Endpoint } from '../cloud/cloudServer.js';
import { type Fields, Refusal } from '../cloud/fields.js';
import { fingerprint } from '../cloud/fingerprint.js';
import type { SimulatedAccount, SimulatedCamera, SimulatedDevice } from '../fleet.js';

const RESOURCE = '/api/hccgw/resource/v1';
const LARGEST_PAGE = 500;
const ADDED_AT = '2025-06-20 11:12:10';

/** The listings of hccgw: pages count from 1, at most 500 a page. */
export const hikConnectListings: Readonly<Record<string, Endpoint>> = {
  [`${RESOURCE}/devices/get`]: {
    method: 'POST',
    kind: 'device-list',
    tokens: ['hccgw'],
    run: (call) => {
      const matchKey = call.fields.nested('filter').text('matchKey');
      const category = call.fields.text('deviceCategory');
      if (matchKey !== null && category === null) throw new Refusal('OPEN000010', 'Device category is request');
      const devices = call.account.devices.filter(
        (device) => matchKey === null || device.name.includes(matchKey) || device.serial.includes(matchKey),
      );
      const { shown, ...counts } = paged(call, category === null || category === 'encodingDevice' ? devices : []);
      return { ...counts, device: shown.map(deviceRow) };
    },
  },
  [`${RESOURCE}/devicedetail/get`]: {
    method: 'POST',
    kind: 'device-detail',
    tokens: ['hccgw'],
    run: ({ account, fields }) => {
      const device = account.devices.find(({ serial }) => serial === fields.requiredText('deviceSerialNo', 16));
      if (!device) throw new Refusal('OPEN000501');
      return {
        device: {
          baseInfo: {
            id: device.id,
            name: device.name,
            category: 'encodingDevice',
            serialNo: device.serial,
            version: 'V4.60.110 build 220303',
            type: device.model,
            streamEncryptEnable: device.cameras.some(({ faults }) => faults.has('encrypted')) ? '1' : '0',
            availableCameraChannelNum: device.cameras.length,
          },
          cameraChannel: device.cameras.map((camera) => ({
            id: camera.channelId,
            name: camera.name,
            no: String(camera.channel),
            online: onlineFlag(camera),
            area: areaOf(account),
          })),
          onlineStatus: deviceOnline(device),
          timeZoneID: '30',
        },
      };
    },
  },
  [`${RESOURCE}/areas/cameras/get`]: {
    method: 'POST',
    kind: 'camera-list',
    tokens: ['hccgw'],
    run: (call) => {
      const { shown, ...counts } = paged(call, camerasFor(call.account, call.fields.nested('filter')));
      return { ...counts, camera: shown.map(({ device, camera }) => cameraRow(call.account, device, camera)) };
    },
  },
};

interface Placed {
  readonly device: SimulatedDevice;
  readonly camera: SimulatedCamera;
}

function camerasFor(account: SimulatedAccount, filter: Fields): readonly Placed[] {
  const areaId = filter.text('areaID');
  if (areaId !== null && areaId !== '-1' && areaId !== areaOf(account).id) throw new Refusal('OPEN000031');
  const deviceId = filter.text('deviceID');
  const serial = filter.text('deviceSerialNo');
  const ids = filter.texts('cameraID');
  return account.devices
    .filter((device) => (deviceId === null || device.id === deviceId) && (serial === null || device.serial === serial))
    .flatMap((device) => device.cameras.map((camera) => ({ device, camera })))
    .filter(({ camera }) => !camera.faults.has('unlisted') && (ids.length === 0 || ids.includes(camera.id)));
}

function paged<T>(call: CloudCall, all: readonly T[]) {
  const pageIndex = call.fields.integerWithin('pageIndex', 1, 1_000_000, null);
  const pageSize = call.fields.integer('pageSize');
  if (pageSize === null) throw call.fields.refusal();
  if (pageSize < 1 || pageSize > LARGEST_PAGE) throw new Refusal('OPEN000025');
  call.note({ page: pageIndex });
  const pages = Math.ceil(all.length / pageSize);
  return {
    totalCount: call.account.faults.has('page-totals') ? pages : all.length,
    pageIndex,
    pageSize,
    shown: all.slice((pageIndex - 1) * pageSize, pageIndex * pageSize),
  };
}

function deviceRow(device: SimulatedDevice): object {
  return {
    id: device.id,
    name: device.name,
    category: 'encodingDevice',
    type: device.model,
    serialNo: device.serial,
    version: 'V4.60.110 build 220303',
    timeZone: '30',
    onlineStatus: deviceOnline(device),
    addTime: ADDED_AT,
  };
}

function cameraRow(account: SimulatedAccount, device: SimulatedDevice, camera: SimulatedCamera): object {
  return {
    id: camera.id,
    name: camera.name,
    abilitySet: '1,21,22,2002',
    online: onlineFlag(camera),
    area: areaOf(account),
    device: {
      devInfo: { id: device.id, category: '0', serialNo: device.serial, streamSecretKey: '' },
      ...(!camera.faults.has('odd-record') && { channelInfo: { id: camera.channelId, no: String(camera.channel) } }),
    },
  };
}

function areaOf(account: SimulatedAccount): { id: string; name: string } {
  return { id: fingerprint(32, account.appKey, 'area'), name: 'Site' };
}

function onlineFlag({ faults }: SimulatedCamera): '0' | '1' {
  return faults.has('offline') ? '0' : '1';
}

/** 0 offline, 1 online. A recorder is offline when all its channels are. */
function deviceOnline(device: SimulatedDevice): 0 | 1 {
  return device.cameras.every(({ faults }) => faults.has('offline')) ? 0 : 1;
}
