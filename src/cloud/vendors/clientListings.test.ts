import { describe, expect, it } from 'vitest';
import {
  CAMERA,
  EXPIRE_S,
  WANTED,
  ezviz,
  hik,
  jsonOf,
  listAll,
  rig,
  rtmp,
} from '../../../test/support/clouds/cloudClientRig.js';
import { type FakeReply, type FakeRequest } from '../../../test/support/clouds/cloudHarness.js';
import { isApiUrlAllowed } from '../../core/camera/hosts.js';
import { VENDORS } from './registry.js';

describe('listings', () => {
  const page = (from: number, count: number): object[] =>
    Array.from({ length: count }, (_, at) => ({
      id: `r${from + at}`,
      name: 'n',
      online: '1',
      device: { devInfo: { serialNo: 'S' }, channelInfo: { no: `${from + at}` } },
    }));
  const indexOf = (request: FakeRequest): number => (jsonOf(request) as { pageIndex: number }).pageIndex;

  it.each([
    ['the cloud puts fewer on a page than asked', [100, 100, 50], { pageSize: 100 }, 250],
    ['a page in the middle is short but the total says more', [500, 400, 300], { totalCount: 1200 }, 1200],
    ['the total is wrong and the last page is full', [500, 500, 0], { totalCount: 1 }, 1000],
    ['the total promises cameras that never come', [10, 0, 0], { totalCount: 99 }, 10],
    ['a page in the middle is empty and the total says more', [500, 0, 300], { totalCount: 800 }, 800],
  ])('end rightly when %s', async (_, sizes, more, expected) => {
    const { run, cloud } = await rig('hikconnect', (request) => {
      const index = indexOf(request) - 1;
      const before = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
      return hik({ ...more, camera: page(before, sizes[index] ?? 0) });
    });
    expect(await run(listAll)).toHaveLength(expected);
    expect(cloud.requests).toHaveLength(1 + sizes.length);
  });

  it('end when the cloud answers the same page for ever', async () => {
    const { run, cloud } = await rig('hikconnect', () => hik({ camera: page(0, 500) }));
    expect(await run(listAll)).toHaveLength(500);
    expect(cloud.requests).toHaveLength(3);
  });

  it('fail when they never end, for half a listing would make cameras look missing', async () => {
    const { failure } = await rig('hikconnect', (request) => hik({ pageSize: 1, camera: page(indexOf(request), 1) }));
    expect(await failure(listAll)).toMatchObject({ code: 'CLOUD_LISTING_ENDLESS', failureClass: 'retry' });
  });

  it('of EZVIZ take the status from the device, not from the camera', async () => {
    const { run } = await rig('ezviz', ({ path }) =>
      path.endsWith('/device/list')
        ? ezviz([{ deviceSerial: 'A', status: 0 }])
        : ezviz([
            { deviceSerial: 'A', channelNo: 1, channelName: 'Door', status: 1 },
            { deviceSerial: 'B', channelNo: 2, status: 7 },
          ]),
    );
    expect(await run(listAll)).toEqual([
      { deviceSerial: 'A', channel: 1, resourceId: '', name: 'Door', online: false },
      { deviceSerial: 'B', channel: 2, resourceId: '', name: '', online: null },
    ]);
  });
});

describe('limits and second chances', () => {
  it('a login that does not fit the key is renewed once and then permanent', async () => {
    const { failure, cloud } = await rig('ezviz', () => ({ body: { code: '10018', msg: '' } }));
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      code: '10018',
      failureClass: 'permanent',
      accountWide: true,
    });
    expect(cloud.requests).toHaveLength(4);
  });

  it('captures that are used up do not hold up renewals', async () => {
    const { failure, run, cloud } = await rig('ezviz', ({ path }): FakeReply =>
      path.endsWith('/capture') ? { body: { code: '10028' } } : ezviz({ id: '7', url: rtmp(`expire=${EXPIRE_S}`) }),
    );
    const usedUp = { code: '10028', failureClass: 'quota', accountWide: false };
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject(usedUp);
    await run((api) => api.openStream(CAMERA, WANTED));
    expect(await failure((api) => api.capture(CAMERA))).toMatchObject(usedUp);
    expect(cloud.requests.filter(({ path }) => path.endsWith('/capture'))).toHaveLength(1);
  });

  it('HTTP 429 holds the whole account for as long as the cloud says', async () => {
    let busy = true;
    const { failure, run, clock } = await rig('hikconnect', (): FakeReply => {
      const reply: FakeReply = busy
        ? { status: 429, headers: { 'Retry-After': '30' } }
        : hik({ url: rtmp(`expire=${EXPIRE_S}`) });
      busy = false;
      return reply;
    });
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      failureClass: 'quota',
      retryAfterMs: 30_000,
    });
    const startMs = clock.monotonicMs();
    await run((api) => api.openStream(CAMERA, WANTED));
    expect(clock.monotonicMs() - startMs).toBe(30_000);
  });
});

describe('login hosts', () => {
  it.each(VENDORS)('of $name are all on hosts that it is trusted on', ({ apiHosts, protocol: { regions } }) => {
    expect(regions.length).toBeGreaterThan(1);
    for (const region of regions) expect(isApiUrlAllowed(region, apiHosts, [])).toBe(true);
  });
});
