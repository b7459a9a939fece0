import { describe, expect, it } from 'vitest';
import {
  CAMERA,
  EXPIRE_S,
  WANTED,
  ezviz,
  hik,
  listAll,
  rig,
  rtmp,
  type Answer,
} from '../../../test/support/clouds/cloudClientRig.js';

const url = rtmp(`expire=${EXPIRE_S}`);
const camera = (no: unknown): object => ({
  ...{ id: 'r1', name: 'n', online: '1' },
  device: { devInfo: { serialNo: 'AB1' }, channelInfo: { no } },
});

describe('a login', () => {
  it.each<[string, object]>([
    ['without a time of its own', { expireTime: undefined }],
    ['whose time is null', { expireTime: null }],
    ['whose time is nought', { expireTime: 0 }],
    ['whose time is a text', { expireTime: '2026-01-12T08:00:00Z' }],
    ['whose time is empty', { expireTime: '' }],
    ['whose time is a life', { expireTime: 604_800 }],
    ['that names no area', { areaDomain: '' }],
    ['whose area is null', { areaDomain: null }],
    ['whose area is no text', { areaDomain: {} }],
    ['with a blank behind its token', { accessToken: 'at.x \n' }],
  ])('%s works', async (_, login) => {
    for (const vendor of ['hikconnect', 'ezviz'] as const) {
      const answer = (): Answer => (vendor === 'ezviz' ? ezviz({ url }) : hik({ url }));
      const { run, cloud } = await rig(vendor, answer, login);
      for (let call = 0; call < 2; call++) await run((api) => api.openStream(CAMERA, WANTED));
      expect(cloud.requests).toHaveLength(3);
    }
  });

  it('that leads elsewhere names the host that is not trusted', async () => {
    const { failure } = await rig('ezviz', () => ezviz({ url }), { areaDomain: 'https://open.example.net/path' });
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      code: 'CLOUD_HOST_REFUSED',
      message: 'The cloud names open.example.net for later calls, which is not a host of the vendor.',
    });
  });
});

describe('harmless spellings', () => {
  it.each([' 3 ', '3.0', 3, '03', '3.000'])('channel %j is read', async (no) => {
    const { run } = await rig('hikconnect', () => hik({ totalCount: ' 1 ', camera: [camera(no)] }));
    expect(await run(listAll)).toMatchObject([{ channel: 3 }]);
  });

  it.each([3.5, '3.5', '3 4', '', '0x3'])('channel %j is odd', async (no) => {
    const { run } = await rig('hikconnect', () => hik({ camera: [camera(no)] }));
    expect(await run(listAll)).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['blanks around the code', { body: { code: ' 200 ', data: { url } } }],
    ['a number for a code', { body: { code: 200, data: { url } } }],
    ['blanks around the address', ezviz({ url: ` ${url}\n` })],
    ['an id that is none', ezviz({ url, id: { high: 1, low: 2 } })],
  ])('a live address with %s is read', async (_, answer) => {
    const { run } = await rig('ezviz', () => answer);
    expect(await run((api) => api.openStream(CAMERA, WANTED))).toMatchObject({ url });
  });
});

describe('what cannot be read is said as it is', () => {
  it.each<[string, Answer, object]>([
    [
      'JSON without a code',
      { body: { data: { url } } },
      { code: 'CLOUD_REPLY_UNREADABLE', message: /contains no code/ },
    ],
    [
      'a code that is no code',
      { body: { code: '<b>', data: { url } } },
      { message: /code is empty or holds more than letters/ },
    ],
    [
      'an address by https',
      ezviz({ url: 'https://open.ezvizlife.com/v3/openlive/C_1_1.m3u8' }),
      {
        failureClass: 'permanent',
        message: /of the kind https instead of RTMP/,
        cure: /plan of this account includes RTMP/,
      },
    ],
  ])('%s', async (_, answer, said) => {
    const { failure } = await rig('ezviz', () => answer);
    const error = (await failure((api) => api.openStream(CAMERA, WANTED))) as Record<string, unknown>;
    for (const [field, value] of Object.entries(said)) {
      if (value instanceof RegExp) expect(error[field]).toMatch(value);
      else expect(error[field]).toBe(value);
    }
  });
});

describe('a list of devices that this account may not have', () => {
  const cameras = [{ deviceSerial: 'A', channelNo: 1, channelName: 'Door', status: 0 }];

  it.each<[string, Answer]>([
    ['10013', { body: { code: '10013' } }],
    ['10031', { body: { code: '10031' } }],
    ['HTTP 404', { status: 404, body: '<html>' }],
  ])('(%s) leaves the cameras, and says of none that it is offline', async (_, answer) => {
    const { run } = await rig('ezviz', ({ path }) => (path.endsWith('/device/list') ? answer : ezviz(cameras)));
    expect(await run(listAll)).toMatchObject([{ name: 'Door', online: null }]);
  });

  it.each<[string, Answer]>([
    ['50000', { body: { code: '50000' } }],
    ['HTTP 503', { status: 503 }],
  ])('and a passing fault (%s) is one of the listing', async (_, answer) => {
    const { failure } = await rig('ezviz', ({ path }) => (path.endsWith('/device/list') ? answer : ezviz(cameras)));
    expect(await failure(listAll)).toMatchObject({ failureClass: 'retry' });
  });
});
