import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CameraFault } from '../cloud/faults.js';
import { makeFleet, type Fleet, type Simulator } from '../index.js';
import {
  field,
  getJson,
  listField,
  logIn,
  postJson,
  startTestCloud,
  textField,
  type RawReply,
} from '../../test/support/clouds/simulatorClient.js';
import type { TurnedClock } from '../clock/turnedClock.js';

const LIVE = 'video/v1/live/address/get';
const CAMERAS = 'resource/v1/areas/cameras/get';

describe('the simulated Hik-Connect cloud', () => {
  let fleet: Fleet;
  let simulator: Simulator;
  let clock: TurnedClock;

  beforeEach(async () => {
    fleet = makeFleet({ cameras: 40 });
    ({ simulator, clock } = await startTestCloud(fleet));
  });
  afterEach(() => simulator.stop());

  const camera = () => fleet.cameras()[0] ?? expect.fail('no camera');
  const live = async (fields: Record<string, unknown> = {}): Promise<RawReply> => {
    const { call } = await logIn(simulator, 'hikconnect');
    const { id, serial } = camera();
    return call(LIVE, { resourceId: id, deviceSerial: serial, type: '1', protocol: 3, quality: 2, ...fields });
  };

  it('logs in on the login host and names another host for all later calls', async () => {
    const [login] = simulator.accounts;
    const url = `${login?.baseUrls[0] ?? ''}/api/hccgw/platform/v1`;
    const reply = await postJson(`${url}/token/get`, { appKey: login?.appKey, secretKey: login?.secret });
    const token = textField(reply.data, 'accessToken');
    expect(reply.status).toBe(200);
    expect(reply.code).toBe('0');
    expect(token).toMatch(/^hcc\.[0-9a-f]{32}$/);
    expect(field(reply.data, 'expireTime')).toBe(clock.now().getTime() / 1000 + 604_800);
    expect(reply.headers.get('date')).toBe(clock.now().toUTCString());
    const areaDomain = textField(reply.data, 'areaDomain');
    expect(areaDomain).not.toBe(login?.baseUrls[0]);
    expect((await getJson(`${url}/systemproperties`, { Token: token })).code).toBe('OPEN000006');
    expect((await getJson(`${areaDomain}/api/hccgw/platform/v1/systemproperties`, { Token: token })).code).toBe('0');
  });

  it('refuses a wrong secret, an unknown key and a key of another region, each with HTTP 200', async () => {
    const [login] = simulator.accounts;
    const path = '/api/hccgw/platform/v1/token/get';
    const here = simulator.loginUrl('hikconnect', 'isgp') + path;
    const wrongSecret = await postJson(here, { appKey: login?.appKey, secretKey: 'no' });
    expect(wrongSecret).toMatchObject({
      status: 200,
      code: 'OPEN300002',
      message: 'SECRET_KEY_NOT_EQUALS{OPEN300002}',
    });
    expect((await postJson(here, { appKey: 'nobody', secretKey: 'x' })).code).toBe('OPEN000001');
    const there = simulator.loginUrl('hikconnect', 'ieu') + path;
    const abroad = await postJson(there, { appKey: login?.appKey, secretKey: login?.secret });
    expect(abroad.message).toBe('AK_NOT_FOUND{OPEN000001}');
  });

  it('tells a missing token from an unknown one', async () => {
    const url = `${simulator.areaUrl('hikconnect', 'isgp')}/api/hccgw/platform/v1/systemproperties`;
    expect((await getJson(url)).message).toBe('TOKEN_ERROR{OPEN000007}');
    expect((await getJson(url, { Authorization: 'Bearer hcc.x' })).code).toBe('OPEN000007');
    expect((await getJson(url, { Token: 'hcc.x' })).message).toBe('TOKEN_NOT_FOUND{OPEN000006}');
  });

  it('pages from 1, ends with a short page and refuses pages over 500', async () => {
    const { call } = await logIn(simulator, 'hikconnect');
    const page = (pageIndex: unknown, pageSize: unknown) =>
      call(CAMERAS, { pageIndex, pageSize, filter: { areaID: '-1' } });
    const second = await page('2', '25');
    expect(field(second.data, 'totalCount')).toBe(40);
    expect(listField(second.data, 'camera')).toHaveLength(15);
    expect(listField((await page(3, 25)).data, 'camera')).toHaveLength(0);
    expect((await page(0, 25)).code).toBe('OPEN000010');
    expect((await page(1, 501)).code).toBe('OPEN000025');
  });

  it('lists cameras and devices with the fields of the real replies', async () => {
    fleet.setCameraFault(camera().ref, 'offline', true);
    const { call } = await logIn(simulator, 'hikconnect');
    const listed = await call(CAMERAS, { pageIndex: 1, pageSize: 1, filter: { areaID: '-1', includeSubArea: '1' } });
    const hex: unknown = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(listField(listed.data, 'camera')[0]).toEqual({
      id: camera().id,
      name: 'Camera 0001',
      abilitySet: '1,21,22,2002',
      online: '0',
      area: { id: hex, name: 'Site' },
      device: {
        devInfo: { id: hex, category: '0', serialNo: camera().serial, streamSecretKey: '' },
        channelInfo: { id: hex, no: '1' },
      },
    });
    const devices = await call('resource/v1/devices/get', { pageIndex: 1, pageSize: 500 });
    expect(listField(devices.data, 'device')).toHaveLength(3);
    const detail = await call('resource/v1/devicedetail/get', { deviceSerialNo: camera().serial });
    expect(field(field(field(detail.data, 'device'), 'baseInfo'), 'streamEncryptEnable')).toBe('0');
  });

  it('gives a new id and signature each call and an expiry of now plus the life asked for', async () => {
    const first = await live({ expireTime: 3600 });
    const second = await live({ expireTime: '3600' });
    const expire = clock.now().getTime() / 1000 + 3600;
    for (const { data } of [first, second]) {
      const name = `/v3/openlive/${camera().ref}_2`;
      const query = `expire=${expire}&id=${textField(data, 'id')}&c=[0-9a-f]{10}&t=[0-9a-f]{64}&ev=100`;
      expect(textField(data, 'url')).toMatch(new RegExp(`^rtmp://127\\.0\\.0\\.1:\\d+${name}\\?${query}$`));
      expect(field(data, 'expireTime')).toBe(expire * 1000);
    }
    expect(textField(first.data, 'id')).toMatch(/^\d{18,19}$/);
    expect(textField(first.data, 'id')).not.toBe(textField(second.data, 'id'));
  });

  it('takes lives from 30 s to 720 days, and 5 minutes when none is named', async () => {
    expect((await live({ expireTime: 29 })).code).toBe('OPEN000010');
    expect((await live({ expireTime: 62_208_001 })).code).toBe('OPEN000010');
    expect((await live({ expireTime: 30 })).code).toBe('0');
    expect((await live({ expireTime: 62_208_000 })).code).toBe('0');
    expect(field((await live()).data, 'expireTime')).toBe(clock.now().getTime() + 300_000);
  });

  it("does not take a channel's id for a camera's, nor a missing field, nor text that is no JSON", async () => {
    expect((await live({ resourceId: camera().channelId })).code).toBe('OPEN000503');
    expect((await live({ resourceId: undefined })).code).toBe('OPEN000010');
    expect((await live({ quality: 'best' })).code).toBe('OPEN000010');
    const url = `${simulator.areaUrl('hikconnect', 'isgp')}/api/hccgw/${LIVE}`;
    const broken = await fetch(url, { method: 'POST', body: '{', headers: { Token: 'x' } });
    expect(await broken.text()).toContain('{OPEN000008}');
  });

  it.each<[CameraFault, string]>([
    ['offline', 'EVZ20007'],
    ['encrypted', 'EVZ60019'],
    ['deleted', 'OPEN000503'],
    ['timeout', 'EVZ20008'],
    ['h265', '0'],
    ['error-clip', '0'],
    ['no-video', '0'],
  ])('answers a live address of a camera with fault %s with %s', async (fault, code) => {
    fleet.setCameraFault(camera().ref, fault, true);
    expect(await live()).toMatchObject({ status: 200, code });
    fleet.setCameraFault(camera().ref, fault, false);
    expect((await live()).code).toBe('0');
  });

  it('hides the true code in the braces when told to', async () => {
    fleet.setCameraFault(camera().ref, 'offline', true);
    fleet.setAccountFault('hikvision', 'wrapped-codes', true);
    expect(await live()).toMatchObject({ code: 'OPEN010001', message: 'DEVICE_OFFLINE{EVZ20007}' });
  });

  it('takes a picture that can be fetched without a token for 15 minutes', async () => {
    const { call } = await logIn(simulator, 'hikconnect');
    const reply = await call('resource/v1/device/capturePic', { deviceSerial: camera().serial, channelNo: 1 });
    expect(field(reply.data, 'isEncrypted')).toBe(0);
    const url = textField(reply.data, 'captureUrl');
    const picture = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(picture.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    await clock.advance(900_000);
    expect((await fetch(url)).status).toBe(403);
  });

  it('hands out a token of the EZVIZ platform that sees devices and no live addresses', async () => {
    const { areaUrl, token } = await logIn(simulator, 'hikconnect');
    const reply = await getJson(`${areaUrl}/api/hccgw/platform/v1/streamtoken/get`, { Token: token });
    expect(field(reply.data, 'expireTime')).toBe(String(clock.now().getTime() + 604_800_000));
    const accessToken = textField(reply.data, 'appToken');
    const ezviz = `${textField(reply.data, 'streamAreaDomain')}/api/lapp`;
    const body = new URLSearchParams({ accessToken, deviceSerial: camera().serial });
    const info = await (await fetch(`${ezviz}/device/info`, { method: 'POST', body })).json();
    expect(field(info, 'code')).toBe('200');
    const refused = await (await fetch(`${ezviz}/v2/live/address/get`, { method: 'POST', body })).json();
    expect(field(refused, 'code')).toBe('20018');
  });
});
