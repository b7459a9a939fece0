import { describe, expect, it } from 'vitest';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';

const PATH = '/api/discovery/network';
const headers = { prefer: 'respond-async' };

describe('a search of the network', () => {
  it('asks all devices, or those of typed addresses with a login', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    expect(await client.send('POST', PATH, { headers })).toMatchObject({ status: 202 });
    const body = {
      addresses: ['192.168.1.64', '[fd00::64]:8000', 'https://cam.test/onvif/x?a=1', '192.168.1.64'],
      user: 'admin',
    };
    await client.send('POST', PATH, { headers, body });
    expect(house.searches).toEqual([
      { addresses: [], asksAll: true, login: null },
      { addresses: body.addresses.slice(0, 3), asksAll: false, login: { user: 'admin', password: '' } },
    ]);
  });

  it.each([
    { addresses: [] },
    { addresses: ['file:///etc/passwd'] },
    { addresses: ['192.168.1.64/path'] },
    { addresses: ['http://admin:geheim99@192.168.1.64/'] },
    { addresses: ['a b'] },
    { password: 'geheim99' },
    { addresses: Array.from({ length: 65 }, (_none, at) => `10.0.0.${at}`) },
  ])('refuses %j', async (body) => {
    const house = fakeHouse();
    const reply = await (await serve(house)).send('POST', PATH, { headers, body });
    expect(reply).toMatchObject({ status: 400, json: { error: { code: 'REQUEST_INVALID' } } });
    expect(reply.text).not.toContain('geheim99');
    expect(house.searches).toEqual([]);
  });
});
