import { describe, expect, it } from 'vitest';
import { hik, KEYS, type Answer } from '../../../test/support/clouds/cloudClientRig.js';
import { vendorHosts } from '../../../test/support/clouds/vendorHosts.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

const good = (host: string): Answer =>
  hik({ accessToken: 't', expireTime: 1_900_000_000, areaDomain: `https://${host}` });
const unknownKey: Answer = { body: { errorCode: 'OPEN000001', message: 'AK_NOT_FOUND{OPEN000001}' } };
const INDIA = 'isgp.hikcentralconnect.com';
const AMERICA = 'ius.hikcentralconnect.com';
const RUSSIA = 'hikcentralconnectru.com';

describe('the search for the login host of Hik-Connect', () => {
  it.each<[string, Answer]>([
    ['does not answer', 'hang'],
    ['closes the connection', 'drop'],
    ['reports an internal error', { status: 503, body: '<html>' }],
    ['answers with a page', { body: '<html>Welcome</html>' }],
    ['does not know the call', { status: 404 }],
    ['redirects', { status: 302, headers: { Location: '/x' } }],
    ['does not know the key', unknownKey],
    ['does not know the key, in other words', { body: { errorCode: 'LAP300001', message: '' } }],
    ['says so within another code', { body: { errorCode: 'OPEN010001', message: 'FAILED{LAP300001}' } }],
    [
      'says so within a text',
      { body: { errorCode: 'LAP500004', message: 'Inner call failed: AK_NOT_FOUND OPEN000001' } },
    ],
    [
      'says so within the text of a code that would end the search',
      { body: { errorCode: 'OPEN000010', message: 'Inner call failed: AK_NOT_FOUND OPEN000001' } },
    ],
    ['says so in the number of the other platform', { body: { errorCode: 'EVZ10017', message: '' } }],
    ['has a code that nobody knows', { body: { errorCode: 'VMS999999', message: '' } }],
    ['has a passing fault', { body: { errorCode: 'OPEN000009', message: '' } }],
  ])('goes on when a host %s', async (_, answer) => {
    const { asked, check } = await vendorHosts('hikconnect', (host) => (host === AMERICA ? good(host) : answer));
    expect(await check()).toBe(AMERICA);
    expect(asked.at(-1)).toBe(AMERICA);
    expect(asked).not.toContain(RUSSIA);
    // The client remembers the host that accepted the key.
    await check();
    expect(asked.slice(-2)).toEqual([AMERICA, AMERICA]);
  });

  it.each<[string, string]>([
    ['OPEN300002', 'SECRET_KEY_NOT_EQUALS{OPEN300002}'],
    ['OPEN000005', ''],
  ])('ends at a host that knows the key and refuses it (%s), and names the code', async (errorCode, message) => {
    const { asked, check } = await vendorHosts('hikconnect', () => ({ body: { errorCode, message } }));
    expect(await check()).toMatchObject({
      code: errorCode,
      accountWide: true,
      message: expect.stringContaining(errorCode) as string,
    });
    expect(asked).toEqual([INDIA]);
  });

  it('lists what each host said when none knows the key, and asks the Russian one last', async () => {
    const { asked, check } = await vendorHosts('hikconnect', (host) => (host === RUSSIA ? 'hang' : unknownKey));
    const error = await check();
    expect(error).toMatchObject({ code: 'OPEN000001', failureClass: 'permanent', accountWide: true });
    const { message } = error as Error;
    for (const host of [INDIA, AMERICA]) expect(message).toMatch(new RegExp(`${host}: [^;]*\\(OPEN000001\\)`));
    expect(message).toMatch(new RegExp(`${RUSSIA}: [^;]*did not answer`));
    expect(asked.at(-1)).toBe(RUSSIA);
    expect(message).not.toContain(KEYS.appKey);
  });

  it('calls no key unknown as long as one host could not be asked', async () => {
    const { check } = await vendorHosts('hikconnect', (host) => (host === AMERICA ? 'hang' : unknownKey));
    const error = await check();
    expect(error).toMatchObject({ code: 'CLOUD_TIMEOUT', failureClass: 'retry', accountWide: false });
    expect((error as Error).message).toContain('OPEN000001');
  });

  it('is not decided by the Russian host, whatever it says', async () => {
    const refusal: Answer = { body: { errorCode: 'OPEN300002', message: '' } };
    const { check } = await vendorHosts('hikconnect', (host) => (host === RUSSIA ? refusal : unknownKey));
    expect(await check()).toMatchObject({ code: 'OPEN000001' });
  });

  it('believes the Russian host where it is the only one that was named, and where it took the key', async () => {
    const url = `https://${RUSSIA}`;
    const alone = await vendorHosts('hikconnect', () => unknownKey, [url]);
    expect(await alone.check()).toMatchObject({ code: 'OPEN000001' });
    const found = await vendorHosts('hikconnect', (host) => (host === RUSSIA ? good(host) : unknownKey));
    expect(await found.check()).toBe(RUSSIA);
  });

  it('takes less than 40 s though no host answers', async () => {
    const { check, clock } = await vendorHosts('hikconnect', () => 'hang');
    expect(await check()).toMatchObject({ code: 'CLOUD_TIMEOUT', failureClass: 'retry' });
    expect(clock.monotonicMs()).toBeLessThan(40_000);
  });
});

describe('the search for the login host of EZVIZ', () => {
  const notHere: Answer = { body: { code: '10017', msg: 'AppKey does not exist' } };

  it('asks the regions themselves, the Russian one last', async () => {
    const { asked, check } = await vendorHosts('ezviz', () => notHere);
    const error = await check();
    expect(error).toMatchObject({ code: '10017', failureClass: 'permanent', accountWide: true });
    expect(asked).toEqual(expect.arrayContaining(['open.ezvizlife.com', 'open.ys7.com', 'iindiaopen.ezvizlife.com']));
    expect(asked.at(-1)).toBe('irusopen.ezvizru.com');
    for (const host of asked) expect((error as Error).message).toContain(host);
  });

  it.each([
    ['an Indian', 'iindiaopen.ezvizlife.com'],
    ['a Russian', 'irusopen.ezvizru.com'],
  ])('finds %s account', async (_, home) => {
    const data = { accessToken: 't', expireTime: 1_900_000_000_000, areaDomain: `https://${home}` };
    const { check } = await vendorHosts('ezviz', (host) => (host === home ? { body: { code: '200', data } } : notHere));
    expect(await check()).toBe(home);
  });

  it('trusts the Russian hosts for calls and streams', () => {
    expect(vendorsWith().isApiUrlAllowed('https://irusopen.ezvizru.com', 'ezviz')).toBe(true);
    expect(vendorsWith().isStreamUrlAllowed('rtmp://vtmrus.ezvizru.com:1935/v3/openlive/X_1_1?expire=1')).toBe(true);
    expect(vendorsWith().isApiUrlAllowed('https://irusopen.ezvizru.com.evil.example', 'ezviz')).toBe(false);
  });
});
