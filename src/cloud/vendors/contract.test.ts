import { describe, expect, it } from 'vitest';
import type { Simulator } from '../../../simulator/index.js';
import { cloudRig, firstCamera, listAll, refOf } from '../../../test/support/clouds/cloudRig.js';
import type { ListedCamera } from '../cloudApi.js';
import { TEST_VENDORS, testVendorsWith } from '../../../test/support/clouds/vendors.js';

const LIFE_SECONDS = 604_800;
const WANTED = { quality: 'main', lifetimeSeconds: LIFE_SECONDS } as const;

/** What differs between the clouds. */
interface Said {
  /** Success, and a login in the wrong region. */
  readonly ok: string;
  readonly wrongRegion: string;
  readonly pages: readonly [cameras: number, numbers: readonly number[]];
  readonly deadToken: string;
  readonly refused: Readonly<Record<'offline' | 'encrypted' | 'timeout' | 'deleted', string>>;
}

const SAID: Readonly<Record<string, Said>> = {
  hikconnect: {
    ok: '0',
    wrongRegion: 'OPEN000001',
    pages: [1200, [1, 2, 3]],
    deadToken: 'OPEN000006',
    refused: { offline: 'EVZ20007', encrypted: 'EVZ60019', timeout: 'EVZ20008', deleted: 'OPEN000503' },
  },
  ezviz: {
    ok: '200',
    wrongRegion: '10017',
    pages: [130, [0, 1, 2]],
    deadToken: '10002',
    refused: { offline: '20007', encrypted: '60019', timeout: '20008', deleted: '20002' },
  },
  acme: {
    ok: 'ok',
    wrongRegion: 'E-100',
    pages: [230, [1, 2, 3]],
    deadToken: 'E-102',
    refused: { offline: 'E-201', encrypted: 'E-202', timeout: 'E-203', deleted: 'E-200' },
  },
};

describe.each(TEST_VENDORS.map(({ name }) => name))('%s client against the simulated cloud', (vendor) => {
  const said = SAID[vendor] ?? expect.fail(`what ${vendor} says is not described`);

  it('logs in, follows the area host and tells the time of the cloud', async () => {
    const { simulator, clock, run } = await cloudRig(vendor);
    const check = await run((api) => api.check());
    expect(check.areaDomain).toBe(new URL(simulator.areaUrl(vendor, 'isgp')).host);
    expect(check.cloudTime).toEqual(clock.now());
  });

  it('lists every camera once, page by page to the end, and says who is offline', async () => {
    const [cameras, pages] = said.pages;
    const { simulator, run } = await cloudRig(vendor, { cameras });
    const offline = simulator.fleet.cameras()[7];
    simulator.fleet.setCameraFault(offline?.ref ?? '', 'offline', true);
    const listed = await run(listAll);
    expect(listed.map(refOf).toSorted()).toEqual(
      simulator.fleet
        .cameras()
        .map(({ ref }) => ref)
        .toSorted(),
    );
    expect(listed.filter(({ online }) => online === false).map(refOf)).toEqual([offline?.ref]);
    expect(
      listed.every(({ name, resourceId }) => name !== '' && (resourceId !== '') === (vendor === 'hikconnect')),
    ).toBe(true);
    expect(simulator.calls('camera-list').map(({ page }) => page)).toEqual(pages);
  });

  it('opens main and sub streams that live exactly as long as was asked', async () => {
    const { simulator, clock, run } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    const main = await run((api) => api.openStream(camera, WANTED));
    const askedAt = Math.floor(clock.now().getTime() / 1000) * 1000;
    const sub = await run((api) => api.openStream(camera, { quality: 'sub', lifetimeSeconds: 90 }));
    expect(main.expiresAt.getTime()).toBe(askedAt + LIFE_SECONDS * 1000);
    expect(sub.expiresAt.getTime() - main.expiresAt.getTime()).toBeLessThan(-(LIFE_SECONDS - 92) * 1000);
    expect(testVendorsWith().parseStreamUrl(main.url)).toMatchObject({
      ...pick(camera),
      quality: 'main',
      urlId: main.urlId,
    });
    expect(testVendorsWith().parseStreamUrl(sub.url)).toMatchObject({ quality: 'sub', urlId: sub.urlId });
    expect(new URL(main.url).protocol).toBe('rtmp:');
    expect(sub.urlId).not.toBe(main.urlId);
    expect(simulator.calls('live-address').map(({ quality }) => quality)).toEqual([1, 2]);
  });

  it.each([
    ['offline', 'camera-state'],
    ['encrypted', 'permanent'],
    ['timeout', 'retry'],
    ['deleted', 'permanent'],
  ] as const)('gives a camera that is %s its own code, class and cure', async (fault, failureClass) => {
    const { simulator, run, failure } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    simulator.fleet.setCameraFault(refOf(camera), fault, true);
    const error = await failure((api) => api.openStream(camera, WANTED));
    expect(error.code).toBe(said.refused[fault]);
    expect(error).toMatchObject({ failureClass, accountWide: false });
    expect(error.cure).toMatch(/^(?:camlease|[A-Z]).*\.$/);
  });

  it('logs in once and repeats once when the token dies early, for all calls that meet it', async () => {
    const { simulator, run, accountName } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    simulator.fleet.setAccountFault(accountName, 'token-dead', true);
    simulator.fleet.setAccountFault(accountName, 'token-dead', false);
    const before = simulator.calls('token').length;
    const opened = await run((api) => Promise.all([1, 2, 3].map(() => api.openStream(camera, WANTED))));
    expect(new Set(opened.map(({ urlId }) => urlId)).size).toBe(3);
    expect(simulator.calls('token').length - before).toBe(1);
  });

  it('gives up after one fresh login when every token is refused', async () => {
    const { simulator, run, failure, accountName } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    simulator.fleet.setAccountFault(accountName, 'token-rejected', true);
    const error = await failure((api) => api.openStream(camera, WANTED));
    expect(error).toMatchObject({ failureClass: 'reauth', accountWide: true });
    expect(simulator.calls('token')).toHaveLength(2);
    expect(
      simulator.calls('live-address').concat(simulator.calls().filter(({ code }) => code === said.deadToken)).length,
    ).toBeGreaterThan(1);
  });

  it('keeps its token through a fault of the cloud and a reply that is a web page', async () => {
    const { simulator, run, failure, accountName } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    simulator.fleet.setAccountFault(accountName, 'busy', true);
    expect(await failure((api) => api.openStream(camera, WANTED))).toMatchObject({
      code: 'CLOUD_SERVER_ERROR',
      failureClass: 'retry',
    });
    simulator.fleet.setAccountFault(accountName, 'busy', false);
    simulator.fleet.setAccountFault(accountName, 'unreadable', true);
    expect(await failure((api) => api.openStream(camera, WANTED))).toMatchObject({
      code: 'CLOUD_REPLY_UNREADABLE',
      failureClass: 'retry',
    });
    simulator.fleet.setAccountFault(accountName, 'unreadable', false);
    await run((api) => api.openStream(camera, WANTED));
    expect(simulator.calls('token')).toHaveLength(1);
  });

  it('waits 15 seconds for a reply and no longer, without holding up others', async () => {
    const { simulator, clock, run, failure } = await cloudRig(vendor);
    const [hanging, other] = await run(listAll);
    if (!hanging || !other) throw new Error('too few cameras');
    simulator.fleet.setCameraFault(refOf(hanging), 'hang', true);
    const startMs = clock.monotonicMs();
    const failing = failure((api) => api.openStream(hanging, WANTED));
    await run((api) => api.openStream(other, WANTED));
    expect(clock.monotonicMs() - startMs).toBeLessThan(2000);
    expect(await failing).toMatchObject({ code: 'CLOUD_TIMEOUT', failureClass: 'retry' });
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(15_000);
    expect(clock.monotonicMs() - startMs).toBeLessThan(17_000);
  });

  it('marks refused keys as a matter of the whole account and never shows them', async () => {
    const { simulator, failure, accountName } = await cloudRig(vendor);
    simulator.fleet.setAccountFault(accountName, 'refused', true);
    const error = await failure((api) => api.check());
    expect(error).toMatchObject({ failureClass: 'permanent', accountWide: true });
    const { appKey, secret } = simulator.fleet.account(accountName);
    for (const word of [appKey, secret, '127.0.0.1'])
      expect(`${error.message} ${error.cure} ${error.stack ?? ''}`).not.toContain(word);
    expect(error.cause).toBeUndefined();
  });

  it('goes to the next login host only when one does not know the key', async () => {
    const both = (simulator: Simulator): string[] => [
      simulator.loginUrl(vendor, 'isgp'),
      simulator.loginUrl(vendor, 'ieu'),
    ];
    const { simulator, run, failure, accountName } = await cloudRig(vendor, { region: 'ieu', baseUrls: both });
    expect((await run((api) => api.check())).areaDomain).toBe(new URL(simulator.areaUrl(vendor, 'ieu')).host);
    expect(simulator.calls('token').map(({ code }) => code)).toEqual([said.wrongRegion, said.ok]);
    // From now on the client begins where the key was accepted.
    simulator.fleet.setAccountFault(accountName, 'refused', true);
    const before = simulator.calls('token').length;
    await failure((api) => api.check());
    expect(simulator.calls('token').length - before).toBe(1);
  });

  it('says that the keys are unknown when no region knows them', async () => {
    const { simulator, failure, accountName } = await cloudRig(vendor);
    simulator.fleet.setAccountFault(accountName, 'wrong-region', true);
    expect(await failure((api) => api.check())).toMatchObject({
      code: said.wrongRegion,
      failureClass: 'permanent',
      accountWide: true,
    });
  });

  it('stays away for ten minutes when the calls are used up, and tells everybody at once', async () => {
    const { simulator, clock, run, failure, accountName } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    simulator.fleet.setAccountFault(accountName, 'quota', true);
    expect(await failure((api) => api.openStream(camera, WANTED))).toMatchObject({
      failureClass: 'quota',
      accountWide: true,
      retryAfterMs: 600_000,
    });
    simulator.fleet.setAccountFault(accountName, 'quota', false);
    const calls = simulator.calls().length;
    expect(await failure((api) => api.openStream(camera, WANTED))).toMatchObject({ failureClass: 'quota' });
    expect(simulator.calls()).toHaveLength(calls);
    await clock.advance(700_000);
    await run((api) => api.openStream(camera, WANTED));
  });

  it('takes a picture, and none of an encrypted camera', async () => {
    const { simulator, run, failure, clock } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    const picture = await run((api) => api.capture(camera));
    expect(picture.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    simulator.fleet.setCameraFault(refOf(camera), 'encrypted', true);
    await clock.advance(5000);
    expect(await failure((api) => api.capture(camera))).toMatchObject({
      code: 'CLOUD_PICTURE_ENCRYPTED',
      failureClass: 'permanent',
    });
  });

  it('never makes more than five calls in 950 ms, and stays within 3 % of the floor', async () => {
    const { simulator, clock, run } = await cloudRig(vendor, { cameras: 100 });
    const startMs = clock.monotonicMs();
    await run(async (api) => {
      const opening: Promise<unknown>[] = [];
      for await (const { cameras } of api.listCameras())
        opening.push(...cameras.map((camera) => api.openStream(camera, WANTED)));
      await Promise.all(opening);
    });
    const calls = simulator.arrivals(simulator.fleet.accounts[0]?.name ?? '').length;
    expect(simulator.calls('live-address').filter(({ code }) => code === said.ok)).toHaveLength(100);
    expect(simulator.maxCallsWithin(950)).toBeLessThanOrEqual(5);
    expect(clock.monotonicMs() - startMs).toBeLessThan((calls / 5) * 1030);
  });

  it('counts who waits and stops at once when it is told to', async () => {
    const { api, run } = await cloudRig(vendor);
    const camera = await run(firstCamera);
    const stop = new AbortController();
    const waiting = [1, 2, 3].map(() => api.openStream(camera, WANTED, stop.signal));
    const outcomes = Promise.allSettled(waiting);
    await new Promise((resolve) => setImmediate(resolve));
    expect(api.queued().renew).toBeGreaterThan(0);
    stop.abort(new Error('shutting down'));
    expect((await outcomes).map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'ok'))).toEqual([
      'Error: shutting down',
      'Error: shutting down',
      'Error: shutting down',
    ]);
    expect(api.queued().renew).toBe(0);
  });
});

describe('what only one of the clouds has', () => {
  it('finds the true code in the braces when hccgw wraps it', async () => {
    const { simulator, run, failure, accountName } = await cloudRig('hikconnect');
    const camera = await run(firstCamera);
    simulator.fleet.setAccountFault(accountName, 'wrapped-codes', true);
    simulator.fleet.setCameraFault(refOf(camera), 'encrypted', true);
    expect((await failure((api) => api.openStream(camera, WANTED))).code).toBe('EVZ60019');
  });

  it('lists to the end when hccgw counts pages instead of cameras', async () => {
    const { simulator, run, accountName } = await cloudRig('hikconnect', { cameras: 1001 });
    simulator.fleet.setAccountFault(accountName, 'page-totals', true);
    expect(await run(listAll)).toHaveLength(1001);
  });

  it('takes an EZVIZ address back, twice without complaint', async () => {
    const { simulator, run, api } = await cloudRig('ezviz');
    const camera = await run(firstCamera);
    const { urlId } = await run((each) => each.openStream(camera, WANTED));
    await run(async (each) => each.closeStream?.(camera, urlId ?? ''));
    await run(async (each) => each.closeStream?.(camera, urlId ?? ''));
    expect(simulator.calls('disable-address').map((call) => call.urlId)).toContain(urlId);
    expect('closeStream' in api).toBe(true);
  });

  it('waits a minute when EZVIZ says that it is called too often', async () => {
    const { simulator, clock, run, failure, accountName } = await cloudRig('ezviz');
    const camera = await run(firstCamera);
    simulator.fleet.account(accountName).rateLimit.code = '10029';
    simulator.fleet.setAccountFault(accountName, 'rate-limited', true);
    expect(await failure((api) => api.openStream(camera, WANTED))).toMatchObject({
      code: '10029',
      failureClass: 'retry',
      retryAfterMs: 60_000,
    });
    simulator.fleet.setAccountFault(accountName, 'rate-limited', false);
    const startMs = clock.monotonicMs();
    await run((api) => api.openStream(camera, WANTED));
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(60_000);
  });

  it('has no call that takes an hccgw address back', async () => {
    const { api } = await cloudRig('hikconnect');
    expect('closeStream' in api).toBe(false);
  });
});

function pick({ deviceSerial, channel }: ListedCamera): Pick<ListedCamera, 'deviceSerial' | 'channel'> {
  return { deviceSerial, channel };
}
