import { createSocket } from 'node:dgram';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeDevice } from '../../../test/support/onvif/fakeDevice.js';
import { sourceNetworks } from '../../core/camera/sourceNetworks.js';
import type { FoundDevice, NetworkWish } from '../../core/passes/networkReport.js';
import { systemClock } from '../../systemClock.js';
import { askDevice } from './device.js';
import { onvifSearch } from './onvifSearch.js';
import { addressesIn, probe } from './probe.js';
import { serviceOf } from './search.js';

const LOGIN = { user: 'admin', password: 'geheim99' };
const HERE = { clock: systemClock, networks: sourceNetworks('127.0.0.0/8') };
const ask = (addresses: readonly string[], login: NetworkWish['login'] = LOGIN, deps = HERE): Promise<FoundDevice> =>
  askDevice(addresses.map(serviceOf), login, deps);

describe('a camera that speaks ONVIF', () => {
  it.each(['ws-security', 'digest'] as const)(
    'shows main and sub stream to a login by %s, though its clock is hours off',
    async (checks) => {
      const { address } = await fakeDevice({ login: LOGIN, checks, aheadS: 9 * 3_600 });
      expect(await ask([address])).toEqual({
        ...{ address, name: 'Acme Bullet 2', maker: 'Acme', model: 'Bullet 2', problem: null, cure: null },
        clockAheadS: expect.closeTo(9 * 3_600, -1) as number,
        streams: [
          { profile: 'main stream', codec: 'H265', width: 2560, height: 1440, url: `rtsp://${address}/main` },
          { profile: 'sub stream', codec: 'H264', width: 640, height: 360, url: `rtsp://${address}/sub` },
        ],
      });
    },
  );

  it.each(['ws-security', 'digest'] as const)(
    'says that it refuses the login (%s), and repeats nothing of it',
    async (checks) => {
      const { address } = await fakeDevice({ login: LOGIN, checks });
      for (const login of [null, { ...LOGIN, password: 'falsch77' }]) {
        const found = await ask([address], login);
        expect(found).toMatchObject({ streams: [], problem: 'The device refuses this user or password for ONVIF.' });
        expect(JSON.stringify(found)).not.toMatch(/geheim99|falsch77/);
      }
    },
  );

  it('is found at the address that answers, whatever others it names', async () => {
    const { address } = await fakeDevice({ uriOf: (token) => `rtsp://admin:geheim99@10.9.9.9:8554/${token}?a=1&b=2` });
    const found = await ask(['127.0.0.1:1', address]);
    expect(found.address).toBe(address);
    expect(found.streams.map(({ url }) => url)).toEqual([
      'rtsp://127.0.0.1:8554/main?a=1&b=2',
      'rtsp://127.0.0.1:8554/sub?a=1&b=2',
    ]);
  });

  it('that is none, or stands where nothing may be dialled, is told as such', async () => {
    expect(await ask(['127.0.0.1:1'])).toMatchObject({
      problem: expect.stringContaining('Nothing that speaks ONVIF') as string,
    });
    const { address, calls } = await fakeDevice();
    const nowhere = { ...HERE, networks: sourceNetworks('') };
    expect(await ask([address], null, nowhere)).toMatchObject({
      problem: expect.stringContaining('may not connect') as string,
    });
    expect(calls).toEqual([]);
  });

  it('is asked in a process of its own', async () => {
    const { address } = await fakeDevice({ login: LOGIN });
    const wish = { addresses: [address, '127.0.0.1:1'], asksAll: false, login: LOGIN };
    const order = { wish, networks: '127.0.0.0/8' };
    const found = await onvifSearch(order, systemClock, new AbortController().signal);
    expect(found.map((one) => [one.address, one.streams.length])).toEqual([
      ['127.0.0.1:1', 0],
      [address, 2],
    ]);
  });
});

describe('a probe', () => {
  it('is sent twice, and understands what answers with odd white space', async () => {
    const device = createSocket('udp4');
    await new Promise<void>((resolve) => device.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => void device.close());
    let asked = 0;
    device.on('message', (message, { port, address }) => {
      asked += 1;
      // The first question is lost.
      if (asked === 1 || !message.includes('NetworkVideoTransmitter')) return;
      device.send(
        '\n\n <a:Envelope><d:ProbeMatch><d:XAddrs >\r\n\thttp://10.1.1.1/x \u00a0\n http://10.2.2.2:8000/onvif?a=1&amp;b=2\n</d:XAddrs></d:ProbeMatch></a:Envelope>',
        port,
        address,
      );
    });
    const found = await probe(systemClock, { address: '127.0.0.1', port: device.address().port });
    expect(found).toEqual([
      { from: '127.0.0.1', addresses: ['http://10.1.1.1/x', 'http://10.2.2.2:8000/onvif?a=1&b=2'] },
    ]);
    expect(asked).toBe(2);
  });

  it.each([
    '',
    '<x/>',
    '<d:XAddrs></d:XAddrs>',
    '<d:XAddrs>file:///etc/passwd javascript:1 nonsense</d:XAddrs>',
    '\0'.repeat(9),
  ])('finds no address in %j', (answer) => {
    expect(addressesIn(answer)).toEqual([]);
  });
});
