import { describe, expect, it } from 'vitest';
import {
  CAMERA,
  EXPIRE_S,
  WANTED,
  ezviz,
  hik,
  rig,
  rtmp,
  type Answer,
} from '../../../test/support/clouds/cloudClientRig.js';
import type { FakeRequest } from '../../../test/support/clouds/cloudHarness.js';

const OTHER = { deviceSerial: 'C00000002', channel: 1, resourceId: 'resource-2' };
const isAbout = ({ body }: FakeRequest, { deviceSerial }: typeof CAMERA): boolean => body.includes(deviceSerial);
const isLive = ({ path }: FakeRequest): boolean => path.includes('/live/address/get');

/** A cloud that serves all cameras but one; for that one it answers `refusal`. */
const allButOne =
  (refusal: Answer, ok: (data: object) => Answer) =>
  (request: FakeRequest): Answer => {
    if (!isLive(request)) return ok(request.path.includes('hccgw') ? { camera: [] } : []);
    return isAbout(request, CAMERA)
      ? refusal
      : ok({ id: '1', url: rtmp(`expire=${EXPIRE_S}`).replace('C00000001_3', 'C00000002_1') });
  };

describe('a refusal of the account that one camera gives', () => {
  it.each<['hikconnect' | 'ezviz', string, Answer, string]>([
    ['hikconnect', 'OPEN000007', { body: { errorCode: 'OPEN000007', message: '' } }, 'retry'],
    ['hikconnect', 'OPEN000001', { body: { errorCode: 'OPEN000001', message: '' } }, 'permanent'],
    ['hikconnect', 'CLOUD_LOGIN_EXPIRED', { status: 401 }, 'retry'],
    ['ezviz', '10002', { body: { code: '10002' } }, 'retry'],
    ['ezviz', '10017', { body: { code: '10017' } }, 'permanent'],
    ['ezviz', '10018', { body: { code: 10018 } }, 'permanent'],
  ])("of %s (%s) is that camera's while the cloud serves the others", async (vendor, code, refusal, failureClass) => {
    const { run, failure } = await rig(vendor, allButOne(refusal, vendor === 'ezviz' ? ezviz : hik));
    await run((api) => api.openStream(OTHER, WANTED));
    expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
      ...{ code, failureClass, accountWide: false },
      message: expect.stringMatching(new RegExp(`refuses this camera, with.*${code}`)) as string,
    });
    await run((api) => api.openStream(OTHER, WANTED));
  });

  it.each(['hikconnect', 'ezviz'] as const)(
    "of %s is the account's when nothing else is served either",
    async (vendor) => {
      let isDead = false;
      const refusal: Answer = { body: { errorCode: 'OPEN000007', code: '10002' } };
      const serve = allButOne(refusal, vendor === 'ezviz' ? ezviz : hik);
      const { run, failure, cloud } = await rig(vendor, (request) => (isDead ? refusal : serve(request)));
      await run((api) => api.openStream(OTHER, WANTED));
      isDead = true;
      const before = cloud.requests.length;
      expect(await failure((api) => api.openStream(OTHER, WANTED))).toMatchObject({
        failureClass: 'reauth',
        accountWide: true,
      });
      // Four calls: refused, login, refused again, and one question whether the cloud serves anything.
      expect(cloud.requests.length - before).toBe(4);
      expect(await failure((api) => api.openStream(OTHER, WANTED))).toMatchObject({ accountWide: true });
      expect(cloud.requests.length - before).toBe(7);
    },
  );

  it('is asked about once, however many calls are refused together', async () => {
    const refusal: Answer = { body: { code: '10005' } };
    const { run, cloud } = await rig('ezviz', allButOne(refusal, ezviz));
    await run((api) => api.openStream(OTHER, WANTED));
    const outcomes = await run((api) => Promise.allSettled([1, 2, 3].map(() => api.openStream(CAMERA, WANTED))));
    expect(
      outcomes.map((one) => one.status === 'rejected' && (one.reason as { accountWide: boolean }).accountWide),
    ).toEqual([false, false, false]);
    expect(cloud.requests.filter(({ path }) => path.endsWith('/camera/list')).length).toBeLessThan(4);
  });
});
