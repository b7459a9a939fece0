import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFleet, startSimulator, type Fleet, type Simulator } from './index.js';
import { field, listField, logIn, postJson } from '../test/support/clouds/simulatorClient.js';
import { TurnedClock } from './clock/turnedClock.js';

describe('the control API', () => {
  let fleet: Fleet;
  let simulator: Simulator;
  let clock: TurnedClock;

  beforeEach(async () => {
    fleet = makeFleet({ cameras: 3 });
    clock = new TurnedClock();
    simulator = await startSimulator({ fleet, clock, control: true, origin: null });
  });
  afterEach(() => simulator.stop());

  const url = (path: string): string => `${simulator.controlUrl ?? ''}/control${path}`;
  const get = async (path: string): Promise<unknown> => (await fetch(url(path))).json();
  const post = async (path: string, body: unknown) => {
    const { status, text } = await postJson(url(path), body);
    const parsed: unknown = JSON.parse(text);
    return { status, body: parsed, error: field(parsed, 'error') };
  };
  const ref = (): string => fleet.cameras()[0]?.ref ?? expect.fail('no camera');

  it('lists cameras and accounts with their faults and counts, and no key', async () => {
    const { call } = await logIn(simulator, 'hikconnect');
    const { id, serial } = fleet.camera(ref());
    await call('video/v1/live/address/get', { resourceId: id, deviceSerial: serial, type: '1', protocol: 3 });
    expect(listField(await get('/cameras'), 'cameras')[0]).toMatchObject({
      camera: ref(),
      faults: [],
      liveAddressCalls: 1,
      viewers: 0,
    });
    const accounts = await get('/accounts');
    expect(listField(accounts, 'accounts')[0]).toMatchObject({
      name: 'hikvision',
      calls: { token: 1, 'live-address': 1 },
    });
    expect(JSON.stringify(accounts)).not.toContain(fleet.account('hikvision').secret);
    expect(await get('/counters')).toMatchObject({
      calls: { token: 1, 'live-address': 1 },
      mostCallsIn950Ms: 2,
      pulls: 0,
    });
  });

  it('switches faults on and off', async () => {
    await post(`/cameras/${ref()}`, { fault: 'offline', on: true });
    expect(fleet.camera(ref()).faults.has('offline')).toBe(true);
    const off = await post(`/cameras/${ref()}`, { fault: 'offline', on: false });
    expect(field(off.body, 'camera')).toMatchObject({ camera: ref(), faults: [] });
    await post('/accounts/hikvision', { fault: 'busy', on: true });
    expect(fleet.account('hikvision').faults.has('busy')).toBe(true);
    await post('/accounts/hikvision', { streamCap: 2, rateLimit: { code: 'HTTP429', strict: false } });
    expect(fleet.account('hikvision')).toMatchObject({ streamCap: 2, rateLimit: { code: 'HTTP429', calls: 5 } });
    await post('/media', { cutAtExpiry: false });
    expect(fleet.media.cutAtExpiry).toBe(false);
  });

  it('sets what a camera sends, and says what it is', async () => {
    await post(`/cameras/${ref()}`, { keyFrameSeconds: 4, sound: 'aac' });
    const { body } = await post(`/cameras/${ref()}`, { newAddressPlays: 'other-size' });
    const stream = { keyFrameSeconds: 4, sound: 'aac', newAddressPlays: 'other-size' };
    expect(field(body, 'camera')).toMatchObject(stream);
    expect(fleet.camera(ref()).stream).toEqual(stream);
    expect(field(await get(''), 'newAddressPlays')).toHaveProperty('other-size');
  });

  it('puts the wall clock forward, so that tokens and leases end', async () => {
    const { call } = await logIn(simulator, 'hikconnect');
    const before = simulator.clock.now().getTime();
    expect((await post('/clock', { advanceSeconds: 604_800 })).body).toMatchObject({ aheadSeconds: 604_800 });
    expect(simulator.clock.now().getTime() - before).toBe(604_800_000);
    expect((await call('video/v1/live/address/get')).code).toBe('OPEN000006');
    expect(clock.now().getTime()).toBe(before);
  });

  it.each([
    ['/cameras/X1_1', { fault: 'offline', on: true }, 404, /^There is no camera "X1_1"/],
    ['/accounts/nobody', { fault: 'busy', on: true }, 404, /^There is no account "nobody"/],
    ['/accounts/hikvision', { fault: 'sleepy', on: true }, 400, /^"sleepy" is not an account fault\. The faults are: /],
    ['/accounts/hikvision', { fault: 'busy' }, 400, /belong together/],
    ['/cut', { camera: 'X1_1' }, 404, /^There is no camera "X1_1"/],
    ['/cut', {}, 400, /^name a "camera", or say "all": true\.$/],
    ['/clock', { advanceSeconds: '1 day' }, 400, /^advanceSeconds: /],
    ['/clock', { hours: 1 }, 400, /hours/],
    ['/weather', {}, 404, /no such address/],
  ])('says in a sentence what is wrong with POST %s %j', async (path, body, status, sentence) => {
    const reply = await post(path, body);
    expect(reply.status).toBe(status);
    expect(reply.error).toMatch(sentence);
  });

  it.each([
    [{ newAddressPlays: 'jazz' }, /^A new live URL cannot play "jazz"\. It can play: camera, nothing, /],
    [{ keyFrameSeconds: 7 }, /^keyFrameSeconds: /],
    [{ fault: 'offline' }, /belong together/],
  ])('says in a sentence what is wrong with a camera that is to %j, and changes nothing', async (change, sentence) => {
    const before = structuredClone(fleet.camera(ref()).stream);
    const reply = await post(`/cameras/${ref()}`, { sound: 'aac', ...change });
    expect(reply.status).toBe(400);
    expect(reply.error).toMatch(sentence);
    expect(fleet.camera(ref()).stream).toEqual(before);
  });

  it('takes no orders from a web page elsewhere', async () => {
    const body = JSON.stringify({ advanceSeconds: 1 });
    expect((await fetch(url('/clock'), { method: 'POST', body })).status).toBe(415);
    expect(simulator.clock.offsetMs).toBe(0);
  });

  it('survives an address that cannot be decoded', async () => {
    expect((await post('/cameras/%E0%A4%A', { fault: 'offline', on: true })).status).toBe(404);
  });
});
