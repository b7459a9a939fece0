import { describe, expect, it } from 'vitest';
import { CAMERA, rig, WANTED } from '../../../test/support/clouds/cloudClientRig.js';

describe('EVZ10001, an illegal parameter', () => {
  it.each([
    ['illegal parameter code', /parameter code/, /encryption/],
    ['illegal parameter code{EVZ10001}', /parameter code/, /encryption/],
    ['illegal parameter startTime', /startTime/, /report/],
    ['Illegal parameter: channelNo', /channelNo/, /ind the cameras/],
    ['parameter expireTime is invalid', /expireTime/, /STREAM_LIFETIME_SECONDS/],
    ['PARAMETER_ERROR{EVZ10001}', /a value in the request/, /report/],
    ['illegal parameter at.abcdef0123456789', /a value in the request/, /report/],
    ['', /a value in the request/, /report/],
  ])('"%s": names it and has the right cure', async (message, said, cure) => {
    for (const vendor of ['hikconnect', 'ezviz'] as const) {
      const body = vendor === 'hikconnect' ? { errorCode: 'EVZ10001', message } : { code: '10001', msg: message };
      const { failure } = await rig(vendor, () => ({ body }));
      expect(await failure((api) => api.openStream(CAMERA, WANTED))).toMatchObject({
        code: vendor === 'hikconnect' ? 'EVZ10001' : '10001',
        failureClass: 'permanent',
        message: expect.stringMatching(said) as string,
        cure: expect.stringMatching(cure) as string,
      });
    }
  });
});
