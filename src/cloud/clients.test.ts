import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../simulator/turnedClock.js';
import { axiosHolding, startFakeCloud, type FakeReply, type FakeRequest } from '../../test/support/cloudHarness.js';
import type { CloudVendor } from '../core/camera.js';
import { isApiUrlAllowed } from '../core/hosts.js';
import type { CloudApi, ListedCamera } from './cloudApi.js';
import { createCloudApi } from './createCloudApi.js';
import { EZVIZ_PROTOCOL } from './ezviz/ezvizProtocol.js';
import { HIK_PROTOCOL } from './hikConnect/hikProtocol.js';

const CAMERA = { deviceSerial: 'c00000001', channel: 3, resourceId: 'resource-1' };
const WANTED = { quality: 'sub', lifetimeSeconds: 600 } as const;
const KEYS = { appKey: 'the-app-key', secret: 'the-secret' };
const TOKEN = 'at.the-token';
const EXPIRE_S = 1_767_700_000;

type Answer = FakeReply | 'hang' | 'drop';

/** A client and a cloud that logs in everybody and answers the rest as the test says. */
async function rig(vendor: CloudVendor, answer: (request: FakeRequest) => Answer, login: object = {}) {
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

const hik = (data: object): FakeReply => ({ body: { errorCode: '0', data } });
const ezviz = (data: object, more: object = {}): FakeReply => ({ body: { code: '200', data, ...more } });
const rtmp = (query: string, host = 'vtm.ezvizlife.com'): string =>
  `rtmp://${host}:1935/v3/openlive/C00000001_3_2?${query}`;
const jsonOf = (request: FakeRequest | undefined): unknown => JSON.parse(request?.body ?? '');
const formOf = (request: FakeRequest | undefined): object => Object.fromEntries(new URLSearchParams(request?.body));

async function listAll(api: CloudApi): Promise<ListedCamera[]> {
  const all: ListedCamera[] = [];
  for await (const page of api.listCameras()) all.push(...page);
  return all;
}

describe('what is sent', () => {
  it('to hccgw is JSON with the token in a header', async () => {
    const { run, cloud } = await rig('hikconnect', () => hik({ id: '7', url: rtmp(`expire=${EXPIRE_S}&id=7`) }));
    await run((api) => api.openStream(CAMERA, WANTED));
    const [login, live] = cloud.requests;
    expect(jsonOf(login)).toEqual({ appKey: KEYS.appKey, secretKey: KEYS.secret });
    expect(login?.headers['token']).toBeUndefined();
    expect(live?.headers).toMatchObject({ token: TOKEN, 'content-type': 'application/json' });
    expect(live?.path).toBe('/api/hccgw/video/v1/live/address/get');
    const asked = {
      resourceId: 'resource-1',
      deviceSerial: 'c00000001',
      type: '1',
      protocol: 3,
      quality: 2,
      expireTime: 600,
    };
    expect(jsonOf(live)).toEqual(asked);
  });

  it('to EZVIZ is a form with the token among its fields', async () => {
    const { run, cloud } = await rig('ezviz', () => ezviz({ id: '7', url: rtmp(`expire=${EXPIRE_S}&id=7`) }));
    await run((api) => api.openStream(CAMERA, WANTED));
    const [login, live] = cloud.requests;
    expect(formOf(login)).toEqual({ appKey: KEYS.appKey, appSecret: KEYS.secret });
    expect(live?.path).toBe('/api/lapp/v2/live/address/get');
    const asked = {
      deviceSerial: 'c00000001',
      channelNo: '3',
      protocol: '3',
      quality: '2',
      expireTime: '600',
      type: '1',
    };
    expect(formOf(live)).toEqual({ ...asked, accessToken: TOKEN });
  });
});

describe('when a live address dies', () => {
  const url = rtmp(`expire=${EXPIRE_S}&id=7`);
  const bare = rtmp('t=1');
  const expiresAt = new Date(EXPIRE_S * 1000);

  it.each<[string, CloudVendor, object]>([
    ['its own `expire`, not the reply', 'hikconnect', { url, expireTime: 1 }],
    ['its own `expire`, when the reply has another form', 'ezviz', { url, expireTime: 'soon' }],
    ['milliseconds of the reply', 'hikconnect', { url: bare, expireTime: EXPIRE_S * 1000 }],
    ['seconds of the reply, as text', 'hikconnect', { playUrl: bare, expireTime: String(EXPIRE_S) }],
    ['a text of the reply, in the time of Beijing', 'ezviz', { url: bare, expireTime: '2026-01-06 19:46:40' }],
  ])('is told by %s (%s)', async (_, vendor, data) => {
    const { run } = await rig(vendor, () => (vendor === 'hikconnect' ? hik(data) : ezviz(data)));
    expect((await run((api) => api.openStream(CAMERA, WANTED))).expiresAt).toEqual(expiresAt);
  });

  it('is never guessed', async () => {
    const { failure } = await rig('hikconnect', () => hik({ url: bare }));
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      code: 'CLOUD_REPLY_UNREADABLE',
      message: expect.stringContaining('data.expireTime') as string,
    });
  });
});

describe('forged and broken replies', () => {
  it.each([
    ['a foreign host', rtmp(`expire=${EXPIRE_S}`, 'ezvizlife.com.evil.example')],
    ['another protocol', `https://vtm.ezvizlife.com/live.m3u8?expire=${EXPIRE_S}`],
  ])('a live address with %s is refused and not shown', async (_, url) => {
    const { failure } = await rig('hikconnect', () => hik({ url }));
    const error = await failure((api) => api.openStream(CAMERA, WANTED));
    expect(error).toMatchObject({ code: 'CLOUD_HOST_REFUSED', failureClass: 'permanent' });
    expect(inspect(error)).not.toMatch(/evil|vtm/);
  });

  it('an area host that is not the vendor gets nothing', async () => {
    const { failure } = await rig('hikconnect', () => hik({}), { areaDomain: 'http://localhost:1' });
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      code: 'CLOUD_HOST_REFUSED',
      accountWide: true,
    });
  });

  it('a base URL that is not the vendor gets nothing', async () => {
    const clock = new TurnedClock();
    const cloud = await startFakeCloud(() => ({}));
    const config = { name: 'a', vendor: 'ezviz', ...KEYS, baseUrls: [cloud.url] } as const;
    const api = createCloudApi(config, { clock, random: () => 0, http: axiosHolding(clock), extraHosts: [] });
    onTestFinished(() => api.close());
    await expect(api.check()).rejects.toMatchObject({ code: 'CLOUD_HOST_REFUSED' });
    expect(cloud.requests).toHaveLength(0);
  });

  it('a reply of another shape is told by the field, without its value', async () => {
    const camera = { id: 'x', device: { devInfo: { serialNo: 'S1' }, channelInfo: { no: 'secret-value' } } };
    const { failure } = await rig('hikconnect', () => hik({ camera: [camera] }));
    const error = await failure(listAll);
    expect(error).toMatchObject({
      code: 'CLOUD_REPLY_UNREADABLE',
      message: expect.stringContaining('data.camera.0.device.channelInfo.no') as string,
    });
    expect(inspect(error, { depth: 10 })).not.toContain('secret-value');
  });

  it('a text of the vendor is never repeated', async () => {
    const { failure } = await rig('ezviz', () => ({ body: { code: '10001', msg: `wrong ${TOKEN}` } }));
    expect(inspect(await failure((api) => api.openStream(CAMERA, WANTED)), { depth: 10 })).not.toContain(TOKEN);
  });

  it('a picture is not fetched from the local network', async () => {
    const { failure } = await rig('hikconnect', () =>
      hik({ captureUrl: 'https://169.254.169.254/x.jpeg', isEncrypted: 0 }),
    );
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject({ code: 'CLOUD_HOST_REFUSED' });
  });

  it('a Hik-Connect camera whose resource id nobody knows yet is not asked for', async () => {
    const { failure, cloud } = await rig('hikconnect', () => hik({}));
    expect(await failure((api) => api.openStream({ ...CAMERA, resourceId: '' }, WANTED))).toMatchObject({
      code: 'CLOUD_RESOURCE_UNKNOWN',
      failureClass: 'permanent',
    });
    expect(cloud.requests).toEqual([]);
  });

  it('a page in place of a picture is no picture', async () => {
    const { failure, cloud } = await rig('ezviz', ({ path, method }): FakeReply =>
      method === 'GET' ? { body: '<html>' } : path.endsWith('/capture') ? ezviz({ picUrl: `${cloud.url}/x.jpeg` }) : {},
    );
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject({
      code: 'CLOUD_PICTURE_UNREADABLE',
      failureClass: 'retry',
    });
    expect(formOf(cloud.requests[1])).toMatchObject({ deviceSerial: 'C00000001', channelNo: '3' });
  });
});

describe('listings', () => {
  const page = (from: number, count: number): object[] =>
    Array.from({ length: count }, (_, at) => ({
      id: `r${from + at}`,
      name: 'n',
      online: '1',
      device: { devInfo: { serialNo: 'S' }, channelInfo: { no: `${from + at}` } },
    }));
  const indexOf = (request: FakeRequest): number => (jsonOf(request) as { pageIndex: number }).pageIndex;

  it.each([
    ['the cloud puts fewer on a page than asked', [100, 100, 50], { pageSize: 100 }, 250],
    ['a page in the middle is short but the total says more', [500, 400, 300], { totalCount: 1200 }, 1200],
    ['the total is wrong and the last page is full', [500, 500, 0], { totalCount: 1 }, 1000],
    ['the total promises cameras that never come', [10, 0], { totalCount: 99 }, 10],
  ])('end rightly when %s', async (_, sizes, more, expected) => {
    const { run, cloud } = await rig('hikconnect', (request) => {
      const index = indexOf(request) - 1;
      const before = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
      return hik({ ...more, camera: page(before, sizes[index] ?? 0) });
    });
    expect(await run(listAll)).toHaveLength(expected);
    expect(cloud.requests).toHaveLength(1 + sizes.length);
  });

  it('end when the cloud answers the same page for ever', async () => {
    const { run, cloud } = await rig('hikconnect', () => hik({ camera: page(0, 500) }));
    expect(await run(listAll)).toHaveLength(500);
    expect(cloud.requests).toHaveLength(3);
  });

  it('fail when they never end, for half a listing would make cameras look missing', async () => {
    const { failure } = await rig('hikconnect', (request) => hik({ pageSize: 1, camera: page(indexOf(request), 1) }));
    expect(await failure(listAll)).toMatchObject({ code: 'CLOUD_LISTING_ENDLESS', failureClass: 'retry' });
  });

  it('of EZVIZ take the status from the device, not from the camera', async () => {
    const { run } = await rig('ezviz', ({ path }) =>
      path.endsWith('/device/list')
        ? ezviz([{ deviceSerial: 'A', status: 0 }])
        : ezviz([
            { deviceSerial: 'A', channelNo: 1, channelName: 'Door', status: 1 },
            { deviceSerial: 'B', channelNo: 2, status: 7 },
          ]),
    );
    expect(await run(listAll)).toEqual([
      { deviceSerial: 'A', channel: 1, resourceId: '', name: 'Door', online: false },
      { deviceSerial: 'B', channel: 2, resourceId: '', name: '', online: null },
    ]);
  });
});

describe('limits and second chances', () => {
  it('an EZVIZ cloud without the newer call is asked by the older one from then on', async () => {
    const { run, cloud } = await rig('ezviz', ({ path }): FakeReply =>
      path.includes('/v2/')
        ? { status: 404, body: { status: 404 } }
        : ezviz({ id: '7', url: rtmp(`expire=${EXPIRE_S}`) }),
    );
    await run((api) => api.openStream(CAMERA, WANTED));
    await run((api) => api.openStream(CAMERA, WANTED));
    expect(cloud.requests.slice(1).map(({ path }) => path)).toEqual([
      '/api/lapp/v2/live/address/get',
      '/api/lapp/live/address/get',
      '/api/lapp/live/address/get',
    ]);
  });

  it('a login that does not fit the key is renewed once and then permanent', async () => {
    const { failure, cloud } = await rig('ezviz', () => ({ body: { code: '10018', msg: '' } }));
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      code: '10018',
      failureClass: 'permanent',
      accountWide: true,
    });
    expect(cloud.requests).toHaveLength(4);
  });

  it('captures that are used up do not hold up renewals', async () => {
    const { failure, run, cloud } = await rig('ezviz', ({ path }): FakeReply =>
      path.endsWith('/capture') ? { body: { code: '10028' } } : ezviz({ id: '7', url: rtmp(`expire=${EXPIRE_S}`) }),
    );
    const usedUp = { code: '10028', failureClass: 'quota', accountWide: false };
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject(usedUp);
    await run((api) => api.openStream(CAMERA, WANTED));
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject(usedUp);
    expect(cloud.requests.filter(({ path }) => path.endsWith('/capture'))).toHaveLength(1);
  });

  it('HTTP 429 holds the whole account for as long as the cloud says', async () => {
    let busy = true;
    const { failure, run, clock } = await rig('hikconnect', (): FakeReply => {
      const reply: FakeReply = busy
        ? { status: 429, headers: { 'Retry-After': '30' } }
        : hik({ url: rtmp(`expire=${EXPIRE_S}`) });
      busy = false;
      return reply;
    });
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      failureClass: 'quota',
      retryAfterMs: 30_000,
    });
    const startMs = clock.monotonicMs();
    await run((api) => api.openStream(CAMERA, WANTED));
    expect(clock.monotonicMs() - startMs).toBe(30_000);
  });
});

describe('login hosts', () => {
  it.each([HIK_PROTOCOL, EZVIZ_PROTOCOL])(
    'of $vendor are all on hosts that it is trusted on',
    ({ regions, vendor }) => {
      expect(regions.length).toBeGreaterThan(1);
      for (const region of regions) expect(isApiUrlAllowed(region, vendor, [])).toBe(true);
    },
  );
});
