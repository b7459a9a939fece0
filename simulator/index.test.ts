import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtmpClient } from '../test/support/relay/rtmpClient.js';
import { makeFleet, startSimulator, type Fleet, type Simulator } from './index.js';
import { logIn, postJson, textField } from '../test/support/clouds/simulatorClient.js';
import { TurnedClock } from './clock/turnedClock.js';

describe('clouds and origin together', () => {
  let fleet: Fleet;
  let simulator: Simulator;
  let clock: TurnedClock;
  const clients: RtmpClient[] = [];

  beforeEach(async () => {
    // No picture is sent: these tests are about which plays are accepted, not about pictures.
    fleet = makeFleet({ cameras: 2 });
    fleet.cameras().forEach(({ ref }) => fleet.setCameraFault(ref, 'no-video', true));
    clock = new TurnedClock();
    simulator = await startSimulator({ fleet, clock, control: true });
  });
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await simulator.stop();
  });

  const player = async (url: URL): Promise<RtmpClient> => {
    const client = await RtmpClient.connect(Number(url.port));
    clients.push(client);
    const cut = url.pathname.lastIndexOf('/');
    client.play(url.pathname.slice(1, cut), url.pathname.slice(cut + 1) + url.search);
    return client;
  };
  const liveUrl = async (at = 0): Promise<URL> => {
    const { call } = await logIn(simulator, 'hikconnect');
    const camera = fleet.cameras()[at];
    const wanted = { resourceId: camera?.id, deviceSerial: camera?.serial, type: '1', protocol: 3, expireTime: 90 };
    return new URL(textField((await call('video/v1/live/address/get', wanted)).data, 'url'));
  };
  const started = (client: RtmpClient) => client.until(() => client.statuses.includes('NetStream.Play.Start'));
  const closed = (client: RtmpClient) => client.until(() => client.isClosed);

  it('plays the address that the cloud gave, counts its viewers and cuts them at expiry', async () => {
    const url = await liveUrl();
    const client = await player(url);
    await started(client);
    expect(simulator.origin?.pulls()).toBe(1);
    expect(simulator.gate.viewers(fleet.cameras()[0]?.ref ?? '')).toBe(1);
    await clock.advance(89_000);
    expect(client.isClosed).toBe(false);
    await clock.advance(1000);
    await closed(client);
    const late = await player(url);
    await closed(late);
    expect(late.statuses).toEqual(['NetStream.Play.StreamNotFound']);
  });

  it('cuts who plays a camera that goes offline, and nobody else', async () => {
    const client = await player(await liveUrl());
    await started(client);
    const [first, second] = fleet.cameras();
    fleet.setCameraFault(second?.ref ?? '', 'offline', true);
    expect(simulator.gate.viewers(first?.ref ?? '')).toBe(1);
    fleet.setCameraFault(first?.ref ?? '', 'offline', true);
    await closed(client);
  });

  it('cuts who plays one camera, or all of them, when it is told to; the addresses stay good', async () => {
    const urls = [await liveUrl(0), await liveUrl(1)];
    const [one, other] = await Promise.all(urls.map(player));
    if (!one || !other) return expect.fail('no player');
    await Promise.all([one, other].map(started));
    const cut = (what: object) => postJson(`${simulator.controlUrl ?? ''}/control/cut`, what);
    expect(JSON.parse((await cut({ camera: fleet.cameras()[0]?.ref })).text)).toEqual({ success: true, cut: 1 });
    await closed(one);
    expect(other.isClosed).toBe(false);
    const again = await Promise.all([...urls, ...urls].map(player));
    await Promise.all(again.map(started));
    expect(JSON.parse((await cut({ all: true })).text)).toEqual({ success: true, cut: 5 });
    await Promise.all([other, ...again].map(closed));
  });

  it('cuts at expiry too when the clock is put forward', async () => {
    const client = await player(await liveUrl());
    await started(client);
    simulator.clock.shift(88_000);
    await clock.advance(1000);
    expect(client.isClosed).toBe(false);
    simulator.clock.shift(604_800_000);
    await clock.advance(100);
    await closed(client);
  });

  it('logs every call and no key, token or URL', async () => {
    const { token } = await logIn(simulator, 'hikconnect');
    const url = await liveUrl();
    const [login] = simulator.accounts;
    const logged = JSON.stringify(simulator.calls());
    for (const secret of [token, login?.appKey, login?.secret, url.searchParams.get('t'), 'rtmp://']) {
      expect(logged).not.toContain(secret);
    }
    expect(simulator.calls().map(({ kind }) => kind)).toEqual(['token', 'token', 'live-address']);
    expect(simulator.calls('live-address')[0]).toMatchObject({
      account: 'hikvision',
      camera: fleet.cameras()[0]?.ref,
      quality: 1,
      urlId: url.searchParams.get('id'),
      code: '0',
    });
  });

  it('says in a sentence that a port is taken, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const start = startSimulator({ fleet, clock, origin: null, ports: { ezvizArea: port } });
    await expect(start).rejects.toThrow(`Port ${port} is in use; choose another one.`);
    taken.close();
  });
});
