import { expect, it, onTestFinished } from 'vitest';
import { makeFleet, startSimulator, TurnedClock } from '../../simulator/index.js';
import { axiosHolding } from '../../test/support/clouds/cloudHarness.js';
import { readConfig } from '../config/config.js';
import { createLog } from '../observe/logger.js';
import { createRedactor } from '../observe/redact.js';
import { createClouds } from './clouds.js';

async function ezvizClouds(beforeCall?: (account: string) => void) {
  const clock = new TurnedClock();
  const simulator = await startSimulator({ fleet: makeFleet({ cameras: 2, vendor: 'ezviz' }), clock, origin: null });
  const [account] = simulator.accounts;
  if (!account) throw new Error('no account');
  const { config } = readConfig(
    {
      EZVIZ_APP_KEY: account.appKey,
      EZVIZ_SECRET: account.secret,
      EZVIZ_BASE_URL: account.baseUrls.join(),
      CLOUD_EXTRA_HOSTS: simulator.extraHosts.join(),
    },
    null,
  );
  if (!config) throw new Error('no config');
  const log = createLog({ level: 'silent', redactor: createRedactor(), readable: false, write: () => undefined });
  const clouds = createClouds(config, {
    ...{ clock, random: () => 0.5, http: axiosHolding(clock), log },
    ...(beforeCall && { beforeCall }),
  });
  onTestFinished(async () => {
    clouds.close();
    await simulator.stop();
  });
  return { account, clock, clouds, simulator };
}

it('keys that are tried beside a running account never make six calls in 950 ms', async () => {
  const { account, clock, clouds, simulator } = await ezvizClouds();
  const { appKey, secret, baseUrls } = account;
  const keys = { vendor: 'ezviz' as const, appKey, secret, baseUrl: baseUrls[0] ?? '' };
  const tries = Array.from({ length: 12 }, () => clouds.tryKeys(keys));
  const checked = clouds.checkAll(new AbortController().signal, () => true);
  await clock.runUntil(Promise.all([checked, ...tries]));

  expect(simulator.calls('token').length).toBeGreaterThanOrEqual(13);
  expect(simulator.maxCallsWithin(950)).toBeLessThanOrEqual(5);
});

it('a call whose turn has come does not leave once the account is another replica’s', async () => {
  const lost = new Error('lost');
  let isOurs = true;
  const { clock, clouds, simulator } = await ezvizClouds((account) => {
    if (account === 'ezviz' && !isOurs) throw lost;
  });
  const cloud = clouds.accounts.get('ezviz')?.cloud;
  if (!cloud) throw new Error('no account');
  await clock.runUntil(cloud.check());
  const [before, address] = [simulator.calls().length, { deviceSerial: 'C00000001', channel: 1, resourceId: '' }];
  const opening = cloud.openStream(address, { quality: 'main', lifetimeSeconds: 600 });
  const failed = opening.catch((thrown: unknown) => thrown);
  isOurs = false;
  expect(await clock.runUntil(failed)).toBe(lost);
  expect(simulator.calls()).toHaveLength(before);
});
