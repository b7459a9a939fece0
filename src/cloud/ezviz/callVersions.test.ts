import { describe, expect, it } from 'vitest';
import {
  CAMERA,
  EXPIRE_S,
  WANTED,
  ezviz,
  formOf,
  rig,
  rtmp,
  type Answer,
} from '../../../test/support/clouds/cloudClientRig.js';
import { cloudRig, firstCamera } from '../../../test/support/clouds/cloudRig.js';
import { vendorHosts } from '../../../test/support/clouds/vendorHosts.js';
import { CameraError } from '../../core/errors.js';
import { CallVersions } from './callVersions.js';

const OPEN = { older: '/api/lapp/live/address/get', newer: '/api/lapp/v2/live/address/get' };
const CLOSE = { older: '/api/lapp/live/address/disable', newer: '/api/lapp/v2/live/address/disable' };
const address = ezviz({ id: '7', url: rtmp(`expire=${EXPIRE_S}`) });
const page = '<html><title>404 – Not Found</title></html>';

const NOT_THERE: readonly [string, Answer][] = [
  ['404 as a page', { status: 404, body: page }],
  ['404 as JSON', { status: 404, body: { status: 404, error: 'Not Found' } }],
  ['405', { status: 405, body: { status: 405 } }],
  ['a page with 200', { body: page }],
  ['405 in the envelope', { body: { code: '405', msg: '' } }],
  ['10013', { body: { code: '10013', msg: '' } }],
  ['404 in the envelope', { body: { code: '404', msg: '' } }],
];

describe.each([
  ['the older call', OPEN.older, OPEN.newer, CLOSE.older, CLOSE.newer],
  ['the newer call', OPEN.newer, OPEN.older, CLOSE.newer, CLOSE.older],
])('an EZVIZ cloud that has only %s', (_, openThere, openAway, closeThere, closeAway) => {
  it.each(NOT_THERE)(
    'and answers the other with %s, opens and takes back, and is asked by it from then on',
    async (__, away) => {
      const { run, cloud } = await rig('ezviz', ({ path }) =>
        path === openThere ? address : path === closeThere ? ezviz({}) : away,
      );
      for (let time = 0; time < 2; time++) {
        await run((api) => api.openStream(CAMERA, WANTED));
        await run((api) => api.closeStream?.(CAMERA, '7') ?? Promise.reject(new Error('no way to close')));
      }
      const paths = cloud.requests.slice(1).map(({ path }) => path);
      expect(paths.filter((path) => path === openThere || path === closeThere)).toHaveLength(4);
      expect(paths.filter((path) => path === openAway).length).toBeLessThanOrEqual(1);
      expect(paths.filter((path) => path === closeAway).length).toBeLessThanOrEqual(1);
      expect(paths.slice(-2)).toEqual([openThere, closeThere]);
      expect(formOf(cloud.requests.at(-1))).toMatchObject({ urlId: '7', channelNo: '3' });
    },
  );
});

describe('which version is asked first', () => {
  const failing = (code: string): CameraError => new CameraError(code, 'permanent', 'No.', { cure: 'None.' });

  it.each([
    [true, ['/old', '/new']],
    [false, ['/new', '/old']],
  ])('abroad (%s)', async (isAbroad, order) => {
    const asked: string[] = [];
    const ask = new CallVersions('/new', '/old').ask(isAbroad, async (path) => {
      asked.push(path);
      throw failing('CLOUD_CALL_UNKNOWN');
    });
    await expect(ask).rejects.toMatchObject({ code: 'CLOUD_CALL_UNKNOWN' });
    expect(asked).toEqual(order);
  });

  it.each([
    ['open.ys7.com', OPEN.newer],
    ['isgpopen.ezvizlife.com', OPEN.older],
  ])('at %s', async (home, first) => {
    const data = { accessToken: 't', expireTime: 1_900_000_000_000, areaDomain: `https://${home}` };
    const { run, paths } = await vendorHosts(
      'ezviz',
      (_host, path) => (path.endsWith('/token/get') ? ezviz(data) : address),
      [`https://${home}`],
    );
    await run((api) => api.openStream(CAMERA, WANTED));
    expect(paths[1]).toBe(first);
  });

  it.each([
    ['the second one, when that one knows the camera', '60019', '60019'],
    ['the first one, when the second is another call under that name', '10001', '10013'],
    ['the first one, when neither is there', 'CLOUD_CALL_UNKNOWN', '10013'],
  ])('what is told is what %s', async (_, second, told) => {
    let calls = 0;
    const ask = new CallVersions('/new', '/old').ask(true, async () => {
      throw failing(calls++ === 0 ? '10013' : second);
    });
    await expect(ask).rejects.toMatchObject({ code: told });
  });

  it('a refusal of the camera is no reason to ask the other', async () => {
    let calls = 0;
    const ask = new CallVersions('/new', '/old').ask(true, async () => {
      calls += 1;
      throw failing('20007');
    });
    await expect(ask).rejects.toMatchObject({ code: '20007' });
    expect(calls).toBe(1);
  });
});

describe.each(['no-v1', 'no-v2'] as const)('the simulated cloud with %s', (fault) => {
  it('gives live addresses and takes them back', async () => {
    const { run, simulator, accountName } = await cloudRig('ezviz');
    simulator.fleet.setAccountFault(accountName, fault, true);
    const camera = await run(firstCamera);
    const { urlId } = await run((api) => api.openStream(camera, WANTED));
    await run((api) => api.closeStream?.(camera, urlId ?? '') ?? Promise.reject(new Error('no way to close')));
    expect(simulator.calls('disable-address').at(-1)).toMatchObject({ code: '200', urlId });
  });
});
