import type { CloudCall, Endpoint } from '../cloud/cloudServer.js';
import type { SimulatedCamera, SimulatedDevice } from '../fleet.js';
import { deviceOf } from './ezvizDevices.js';

const LARGEST_PAGE_SIZE = 50;
const HIGHEST_PAGE = 400;
const UPDATED_MS = Date.parse('2025-06-20T11:12:10Z');

/** The listings of EZVIZ: pages count from 0, at most 50 a page. */
export const ezvizListings: Readonly<Record<string, Endpoint>> = {
  '/api/lapp/device/list': {
    method: 'POST',
    kind: 'device-list',
    tokens: ['ezviz'],
    run: (call) => {
      const { page, shown } = paged(call, call.account.devices);
      return { page, data: shown.map(deviceRow) };
    },
  },
  '/api/lapp/camera/list': {
    method: 'POST',
    kind: 'camera-list',
    tokens: ['ezviz'],
    run: (call) => {
      const cameras = call.account.devices.flatMap((device) => device.cameras);
      const { page, shown } = paged(
        call,
        cameras.filter(({ faults }) => !faults.has('unlisted')),
      );
      return { page, data: shown.map((camera) => ({ ...cameraRow(camera), permission: -1, isAdd: 1 })) };
    },
  },
  '/api/lapp/device/camera/list': {
    method: 'POST',
    kind: 'camera-list',
    tokens: ['ezviz'],
    run: (call) => {
      const device = deviceOf(call);
      const shown = device.cameras.filter(({ faults }) => !faults.has('unlisted'));
      return {
        data: shown.map((camera) => ({ ...cameraRow(camera), ipcSerial: camera.serial, deviceName: device.name })),
      };
    },
  },
  '/api/lapp/device/info': {
    method: 'POST',
    kind: 'device-detail',
    tokens: ['ezviz', 'teams'],
    run: (call) => {
      const device = deviceOf(call);
      return {
        data: {
          deviceSerial: device.serial,
          deviceName: device.name,
          model: device.model,
          status: online(device),
          defence: 0,
          isEncrypt: device.cameras.some(({ faults }) => faults.has('encrypted')) ? 1 : 0,
          category: 'IPC',
          parentCategory: 'IPC',
          updateTime: UPDATED_MS,
          netType: 'wire',
          signal: '100%',
          riskLevel: 0,
        },
      };
    },
  },
};

function paged<T>(call: CloudCall, all: readonly T[]) {
  const page = call.fields.integerWithin('pageStart', 0, HIGHEST_PAGE, 0);
  const size = call.fields.integerWithin('pageSize', 1, LARGEST_PAGE_SIZE, 10);
  call.note({ page });
  return { page: { total: all.length, page, size }, shown: all.slice(page * size, (page + 1) * size) };
}

function deviceRow(device: SimulatedDevice): object {
  return {
    id: device.id,
    deviceSerial: device.serial,
    deviceName: device.name,
    deviceType: device.model,
    status: online(device),
    defence: 0,
    deviceVersion: 'V5.2.1 build 210331',
    addTime: UPDATED_MS,
    updateTime: UPDATED_MS,
    parentCategory: 'IPC',
    riskLevel: 0,
    netAddress: '127.0.0.1',
  };
}

function cameraRow({ serial, channel, name, faults }: SimulatedCamera): object {
  return {
    deviceSerial: serial,
    channelNo: faults.has('odd-record') ? null : channel,
    channelName: name,
    status: faults.has('offline') ? 0 : 1,
    isShared: '0',
    picUrl: '',
    isEncrypt: faults.has('encrypted') ? 1 : 0,
    videoLevel: 2,
  };
}

/** 0 offline, 1 online. A device is offline when all its channels are. */
function online(device: SimulatedDevice): 0 | 1 {
  return device.cameras.every(({ faults }) => faults.has('offline')) ? 0 : 1;
}
