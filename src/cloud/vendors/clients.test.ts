import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import {
  CAMERA,
  EXPIRE_S,
  KEYS,
  TOKEN,
  WANTED,
  ezviz,
  formOf,
  hik,
  jsonOf,
  listAll,
  rig,
  rtmp,
} from '../../../test/support/clouds/cloudClientRig.js';
import { axiosHolding, startFakeCloud, type FakeReply } from '../../../test/support/clouds/cloudHarness.js';
import type { CloudVendor } from '../../core/camera/camera.js';
import { createCloudApi } from './createCloudApi.js';

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
      expireTime: WANTED.lifetimeSeconds,
    };
    expect(jsonOf(live)).toEqual(asked);
  });

  it('to EZVIZ is a form with the token among its fields', async () => {
    const { run, cloud } = await rig('ezviz', () => ezviz({ id: '7', url: rtmp(`expire=${EXPIRE_S}&id=7`) }));
    await run((api) => api.openStream(CAMERA, WANTED));
    const [login, live] = cloud.requests;
    expect(formOf(login)).toEqual({ appKey: KEYS.appKey, appSecret: KEYS.secret });
    expect(live?.path).toBe('/api/lapp/live/address/get');
    const asked = {
      deviceSerial: 'c00000001',
      channelNo: '3',
      protocol: '3',
      quality: '2',
      expireTime: String(WANTED.lifetimeSeconds),
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
    ['a text of the reply, in UTC', 'ezviz', { url: bare, expireTime: '2026-01-06 11:46:40' }],
    ['a text of the reply, in the time of China', 'ezviz', { url: bare, expireTime: '2026-01-06 19:46:40' }],
    ['the asked life, when nothing else tells', 'hikconnect', { url: bare }],
    ['the asked life, when the reply says ten years', 'hikconnect', { url: bare, expireTime: 2_082_844_800 }],
    ['the asked life, when the address says ten years', 'ezviz', { url: rtmp('expire=2082844800') }],
  ])('is told by %s (%s)', async (_, vendor, data) => {
    const { run } = await rig(vendor, () => (vendor === 'hikconnect' ? hik(data) : ezviz(data)));
    expect((await run((api) => api.openStream(CAMERA, WANTED))).expiresAt).toEqual(expiresAt);
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

  it.each(['hikconnect', 'ezviz'] as const)(
    'a live address of another camera is refused by %s, in words',
    async (vendor) => {
      const name = { other: '' };
      const address = (): object => ({ url: rtmp(`expire=${EXPIRE_S}`).replace('C00000001_3_2', name.other) });
      const { failure, run } = await rig(vendor, () => (vendor === 'ezviz' ? ezviz(address()) : hik(address())));
      for (const [other, message] of [
        ['C00000001_4_2', /channel 4 of the device instead of channel 3/],
        ['C00000002_3_2', /another device/],
        ['rec_C00000001_1_1.flv', /channel 1/],
      ] as const) {
        name.other = other;
        const told = {
          code: 'CLOUD_OTHER_CAMERA',
          failureClass: 'retry',
          message: expect.stringMatching(message) as string,
        };
        expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject(told);
      }
      // A URL that names no camera, or names it by its long serial, is accepted.
      for (const same of ['a1b2c3', 'c00000001_3_1', 'X_C00000001_3_1']) {
        name.other = same;
        expect(await run((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
          url: expect.stringContaining(same) as string,
        });
      }
      const long = { ...CAMERA, deviceSerial: 'DS-2CD2043G0-I20190101AAWRC00000001' };
      for (const deviceSerial of [long.deviceSerial, 'C00000001:D00000009']) {
        expect(await run((api) => api.openStream({ ...CAMERA, deviceSerial }, WANTED))).toHaveProperty('url');
      }
    },
  );

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
    const { failure } = await rig('hikconnect', () => hik({ camera: 'secret-value' }));
    const error = await failure(listAll);
    expect(error).toMatchObject({
      code: 'CLOUD_REPLY_UNREADABLE',
      message: expect.stringContaining('data.camera') as string,
    });
    expect(inspect(error, { depth: 10 })).not.toContain('secret-value');
  });

  it('a text of the vendor is never repeated', async () => {
    const { failure } = await rig('ezviz', () => ({ body: { code: '10001', msg: `wrong ${TOKEN}` } }));
    expect(inspect(await failure((api) => api.openStream(CAMERA, WANTED)), { depth: 10 })).not.toContain(TOKEN);
  });

  it('a picture whose address begins with http is asked for by https, and never in clear', async () => {
    const { failure, cloud } = await rig('ezviz', ({ path }): FakeReply =>
      path.endsWith('/capture') ? ezviz({ picUrl: 'http://pictures.invalid:8444/x.jpeg' }) : {},
    );
    // Nothing listens there, but the address was not refused.
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject({ code: 'CLOUD_UNREACHABLE' });
    expect(cloud.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
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

  it.each([
    ['a page', Buffer.from('<html>'), 'CLOUD_PICTURE_UNREADABLE', 'retry', /is not a picture/],
    ['nothing', Buffer.alloc(0), 'CLOUD_PICTURE_UNREADABLE', 'retry', /is not a picture/],
    ['a PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10]), 'CLOUD_PICTURE_UNREADABLE', 'retry', /gave a PNG/],
    ['bytes of no kind', Buffer.from([1, 2, 3, 4]), 'CLOUD_PICTURE_UNREADABLE', 'retry', /is not a picture/],
    ['an encrypted picture', Buffer.from('hikencodepicture0123'), 'CLOUD_PICTURE_ENCRYPTED', 'permanent', /encrypted/],
  ])('%s in place of a picture is told as it is', async (_what, body, code, failureClass, message) => {
    const { failure, cloud } = await rig('ezviz', ({ path, method }): FakeReply =>
      method === 'GET' ? { body } : path.endsWith('/capture') ? ezviz({ picUrl: `${cloud.url}/x.jpeg` }) : {},
    );
    const told = expect.stringMatching(message) as string;
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject({ code, failureClass, message: told });
    expect(formOf(cloud.requests[1])).toMatchObject({ deviceSerial: 'C00000001', channelNo: '3' });
  });
});
