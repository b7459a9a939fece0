import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFleet, type Fleet, type Simulator } from '../index.js';
import { getJson, logIn, postJson, startTestCloud } from '../../test/support/clouds/simulatorClient.js';
import type { TurnedClock } from '../clock/turnedClock.js';

const CHECK = '/api/hccgw/platform/v1/systemproperties';

describe('faults of a whole account', () => {
  let fleet: Fleet;
  let simulator: Simulator;
  let clock: TurnedClock;

  beforeEach(async () => {
    fleet = makeFleet({ cameras: 4, accountsPerVendor: 2 });
    ({ simulator, clock } = await startTestCloud(fleet));
  });
  afterEach(() => simulator.stop());

  const check = async (token: string) => getJson(simulator.areaUrl('hikconnect', 'isgp') + CHECK, { Token: token });

  it('lets tokens die early, and a new login heals', async () => {
    const { token } = await logIn(simulator, 'hikconnect');
    expect((await check(token)).code).toBe('0');
    fleet.setAccountFault('hikvision', 'token-dead', true);
    expect(await check(token)).toMatchObject({ status: 200, message: 'TOKEN_EXPIRED{OPEN000006}' });
    expect((await check((await logIn(simulator, 'hikconnect')).token)).code).toBe('0');
  });

  it('can reject every token, or let a login kill the former ones', async () => {
    fleet.setAccountFault('hikvision', 'one-token', true);
    const first = await logIn(simulator, 'hikconnect');
    const second = await logIn(simulator, 'hikconnect');
    expect((await check(first.token)).code).toBe('OPEN000006');
    expect((await check(second.token)).code).toBe('0');
    fleet.setAccountFault('hikvision', 'token-rejected', true);
    expect((await check(second.token)).code).toBe('OPEN000006');
  });

  it('ends a token after seven days', async () => {
    const { token } = await logIn(simulator, 'hikconnect');
    await clock.advance(604_799_000);
    expect((await check(token)).code).toBe('0');
    await clock.advance(1000);
    expect((await check(token)).code).toBe('OPEN000006');
  });

  it('answers HTTP 503 or a web page when told to', async () => {
    const { token } = await logIn(simulator, 'hikconnect');
    fleet.setAccountFault('hikvision', 'busy', true);
    expect((await check(token)).status).toBe(503);
    fleet.setAccountFault('hikvision', 'busy', false);
    fleet.setAccountFault('hikvision', 'unreadable', true);
    expect((await check(token)).text).toMatch(/^<html>/);
  });

  it('refuses the keys of one account and leaves the other alone', async () => {
    fleet.setAccountFault('hikvision', 'refused', true);
    const codes = await Promise.all(
      simulator.accounts.map(async ({ appKey, secret, baseUrls }) => {
        const url = `${baseUrls[0] ?? ''}/api/hccgw/platform/v1/token/get`;
        return (await postJson(url, { appKey, secretKey: secret })).code;
      }),
    );
    expect(codes).toEqual(['OPEN300002', '0']);
  });

  it('leaves a call hanging without time standing still', async () => {
    const { token } = await logIn(simulator, 'hikconnect');
    fleet.setAccountFault('hikvision', 'hang', true);
    const timeout = new AbortController();
    clock.after(15_000, () => timeout.abort(new Error('timed out after 15 s')));
    const release = clock.hold();
    const url = simulator.areaUrl('hikconnect', 'isgp') + CHECK;
    const call = fetch(url, { headers: { Token: token }, signal: timeout.signal }).finally(release);
    await expect(clock.runUntil(call)).rejects.toThrow('timed out after 15 s');
    expect(clock.monotonicMs()).toBe(15_000);
    expect(simulator.calls('system-properties')).toMatchObject([{ account: 'hikvision', code: 'HANG' }]);
  });

  it('refuses the sixth call in a second with the code that was set, and takes it a second later', async () => {
    const { token } = await logIn(simulator, 'hikconnect');
    const { rateLimit } = fleet.account('hikvision');
    rateLimit.strict = true;
    for (let call = 2; call <= 5; call++) expect((await check(token)).code).toBe('0');
    expect(await check(token)).toMatchObject({ status: 200, code: 'EVZ10029' });
    rateLimit.code = 'HTTP429';
    expect((await check(token)).status).toBe(429);
    rateLimit.code = 'DROP';
    await expect(check(token)).rejects.toThrow('fetch failed');
    await clock.advance(950);
    expect((await check(token)).code).toBe('0');
    expect(simulator.maxCallsWithin(950, 'hikvision')).toBe(8);
    expect(simulator.maxCallsWithin(950, 'hikvision-2')).toBe(0);
  });
});
