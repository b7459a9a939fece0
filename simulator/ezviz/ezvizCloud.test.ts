import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CameraFault } from '../cloud/faults.js';
import { makeFleet, type Fleet, type Simulator } from '../index.js';
import {
  field,
  logIn,
  postForm,
  startTestCloud,
  textField,
  type RawReply,
} from '../../test/support/clouds/simulatorClient.js';
import type { TurnedClock } from '../clock/turnedClock.js';

const LIVE = 'v2/live/address/get';

describe('the simulated EZVIZ cloud', () => {
  let fleet: Fleet;
  let simulator: Simulator;
  let clock: TurnedClock;

  beforeEach(async () => {
    fleet = makeFleet({ cameras: 60, vendor: 'ezviz' });
    ({ simulator, clock } = await startTestCloud(fleet));
  });
  afterEach(() => simulator.stop());

  const camera = () => fleet.cameras()[0] ?? expect.fail('no camera');
  const live = async (fields: Record<string, unknown> = {}): Promise<RawReply> => {
    const { call } = await logIn(simulator, 'ezviz');
    return call(LIVE, { deviceSerial: camera().serial, channelNo: 1, protocol: 3, ...fields });
  };

  it('logs in with a form and gives several tokens that live side by side', async () => {
    const first = await logIn(simulator, 'ezviz');
    const second = await logIn(simulator, 'ezviz');
    expect(first.token).toMatch(/^at\.[0-9a-f]{32}$/);
    expect(first.token).not.toBe(second.token);
    expect((await first.call('camera/list')).code).toBe('200');
    expect((await second.call('camera/list')).code).toBe('200');
    expect(first.areaUrl).not.toBe(simulator.loginUrl('ezviz', 'isgp'));
  });

  it('gives the life of a token in milliseconds', async () => {
    const [login] = simulator.accounts;
    const url = `${simulator.loginUrl('ezviz', 'isgp')}/api/lapp/token/get`;
    const reply = await postForm(url, { appKey: login?.appKey ?? '', appSecret: login?.secret ?? '' });
    expect(field(reply.data, 'expireTime')).toBe(clock.now().getTime() + 604_800_000);
    expect((await postForm(url, { appKey: login?.appKey ?? '', appSecret: 'no' })).code).toBe('10030');
    expect((await postForm(url, { appKey: 'nobody', appSecret: 'no' })).code).toBe('10017');
  });

  it('pages from 0, at most 50 a page', async () => {
    const { call } = await logIn(simulator, 'ezviz');
    const last = await call('camera/list', { pageStart: 1, pageSize: 50 });
    expect(last.page).toEqual({ total: 60, page: 1, size: 50 });
    expect(last.data).toHaveLength(10);
    expect((await call('camera/list', { pageStart: 2, pageSize: 50 })).data).toEqual([]);
    expect((await call('camera/list', { pageStart: 0, pageSize: 51 })).code).toBe('10001');
    expect((await call('device/list')).data).toHaveLength(10);
  });

  it('gives a live address whose expiry is told in UTC, for it is abroad', async () => {
    const { data } = await live({ expireTime: 3600, quality: 1 });
    expect(clock.now().toISOString()).toBe('2026-01-05T08:00:00.000Z');
    expect(field(data, 'expireTime')).toBe('2026-01-05 09:00:00');
    const url = new URL(textField(data, 'url'));
    expect(url.pathname).toBe(`/v3/openlive/${camera().serial}_1_1`);
    expect(url.searchParams.get('expire')).toBe(String(clock.now().getTime() / 1000 + 3600));
    expect(url.searchParams.get('id')).toBe(textField(data, 'id'));
  });

  it('refuses lives under 30 s and over 720 days', async () => {
    expect((await live({ expireTime: 29 })).code).toBe('10001');
    expect((await live({ expireTime: 62_208_001 })).code).toBe('10001');
    expect((await live({ expireTime: 30 })).code).toBe('200');
  });

  it.each<[CameraFault, string]>([
    ['offline', '20007'],
    ['encrypted', '60019'],
    ['deleted', '20002'],
    ['timeout', '20008'],
    ['h265', '200'],
  ])('answers a live address of a camera with fault %s with %s', async (fault, code) => {
    fleet.setCameraFault(camera().ref, fault, true);
    expect(await live()).toMatchObject({ status: 200, code });
  });

  it('tells unknown serials, unknown channels and dead tokens apart', async () => {
    expect((await live({ deviceSerial: 'C99999999' })).code).toBe('20002');
    expect((await live({ deviceSerial: 'c-1' })).code).toBe('20014');
    expect((await live({ channelNo: 2 })).code).toBe('20001');
    expect(await live({ accessToken: 'at.x' })).toMatchObject({
      code: '10002',
      message: 'AccessToken expired or error.',
    });
  });

  it('switches encryption off by the code on the label', async () => {
    fleet.setCameraFault(camera().ref, 'encrypted', true);
    const { call } = await logIn(simulator, 'ezviz');
    const deviceSerial = camera().serial;
    expect((await call('device/encrypt/off', { deviceSerial, validateCode: 'WRONG1' })).code).toBe('20010');
    const validateCode = fleet.device(deviceSerial)?.validateCode;
    expect((await call('device/encrypt/off', { deviceSerial, validateCode })).code).toBe('200');
    expect((await live()).code).toBe('200');
  });

  it('takes a live address back by its id', async () => {
    const { data } = await live();
    const { call } = await logIn(simulator, 'ezviz');
    const url = textField(data, 'url');
    const stream = url.slice(url.lastIndexOf('/') + 1);
    expect(simulator.gate.lookup('v3/openlive', stream).play).toBe('camera');
    const urlId = textField(data, 'id');
    expect((await call('v2/live/address/disable', { deviceSerial: camera().serial, urlId })).code).toBe('200');
    expect(simulator.gate.lookup('v3/openlive', stream).play).toBe('refuse');
    expect(simulator.calls('disable-address')).toMatchObject([{ camera: camera().ref, urlId, code: '200' }]);
  });

  it('wants 4 seconds between two captures of a camera', async () => {
    const { call } = await logIn(simulator, 'ezviz');
    const capture = () => call('device/capture', { deviceSerial: camera().serial, channelNo: 1 });
    const { data } = await capture();
    expect((await fetch(textField(data, 'picUrl'))).headers.get('content-type')).toBe('image/jpeg');
    expect((await capture()).code).toBe('10028');
    await clock.advance(4000);
    expect((await capture()).code).toBe('200');
  });

  it('in China gives no areaDomain and serves all calls on one host', async () => {
    const china = makeFleet({ vendor: 'ezviz', region: 'cn' });
    const { simulator: there } = await startTestCloud(china);
    try {
      const [login] = there.accounts;
      const base = `${login?.baseUrls[0] ?? ''}/api/lapp`;
      const reply = await postForm(`${base}/token/get`, {
        appKey: login?.appKey ?? '',
        appSecret: login?.secret ?? '',
      });
      expect(field(reply.data, 'areaDomain')).toBeUndefined();
      const accessToken = textField(reply.data, 'accessToken');
      const deviceSerial = china.cameras()[0]?.serial ?? '';
      const address = await postForm(`${base}/${LIVE}`, { accessToken, deviceSerial, protocol: 3 });
      expect(new URL(textField(address.data, 'url')).searchParams.has('c')).toBe(false);
    } finally {
      await there.stop();
    }
  });
});
