import { onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { CloudApi, ListedCamera } from '../../../src/cloud/cloudApi.js';
import { createCloudApi } from '../../../src/cloud/vendors/createCloudApi.js';
import type { CloudVendor } from '../../../src/core/camera/camera.js';
import { axiosHolding, startFakeCloud, type FakeReply, type FakeRequest } from './cloudHarness.js';

export const CAMERA = { deviceSerial: 'c00000001', channel: 3, resourceId: 'resource-1' };
/** A request for a live URL; EXPIRE_S is its end when it is made at the start of the turned clock. */
export const WANTED = { quality: 'sub', lifetimeSeconds: 100_000 } as const;
export const KEYS = { appKey: 'the-app-key', secret: 'the-secret' };
export const TOKEN = 'at.the-token';
export const EXPIRE_S = 1_767_700_000;

export type Answer = FakeReply | 'hang' | 'drop';

/** A client and a fake cloud, which accepts every login and answers other calls as the test says. */
export async function rig(vendor: CloudVendor, answer: (request: FakeRequest) => Answer, login: object = {}) {
  const clock = new TurnedClock();
  const weekLater = (clock.now().getTime() + 604_800_000) / (vendor === 'hikconnect' ? 1000 : 1);
  const data = { accessToken: TOKEN, expireTime: weekLater, ...login };
  const cloud = await startFakeCloud((request) => {
    if (!request.path.endsWith('/token/get')) return answer(request);
    return { body: vendor === 'hikconnect' ? { errorCode: '0', data } : { code: '200', data } };
  }, clock);
  const api = createCloudApi(
    { name: vendor, vendor, ...KEYS, baseUrls: [`${cloud.url}/`] },
    { clock, random: () => 0, http: axiosHolding(clock), extraHosts: ['127.0.0.1'] },
  );
  onTestFinished(() => api.close());
  const run = <T>(work: (api: CloudApi) => Promise<T>): Promise<T> => clock.runUntil(work(api));
  const failure = (work: (api: CloudApi) => Promise<unknown>): Promise<unknown> =>
    run(work).then(
      () => 'it did not fail',
      (thrown: unknown) => thrown,
    );
  return { clock, cloud, api, run, failure };
}

export const hik = (data: object): FakeReply => ({ body: { errorCode: '0', data } });
export const ezviz = (data: object, more: object = {}): FakeReply => ({ body: { code: '200', data, ...more } });
export const rtmp = (query: string, host = 'vtm.ezvizlife.com'): string =>
  `rtmp://${host}:1935/v3/openlive/C00000001_3_2?${query}`;
export const jsonOf = (request: FakeRequest | undefined): unknown => JSON.parse(request?.body ?? '');
export const formOf = (request: FakeRequest | undefined): object =>
  Object.fromEntries(new URLSearchParams(request?.body));

export async function listAll(api: CloudApi): Promise<ListedCamera[]> {
  const all: ListedCamera[] = [];
  for await (const { cameras } of api.listCameras()) all.push(...cameras);
  return all;
}
