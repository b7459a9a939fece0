import { describe, expect, it } from 'vitest';
import { cameraLogin, DIGEST, type CameraLoginOptions } from '../../../test/support/rtsp/cameraLogin.js';
import { plays, pullOdd, type PulledCamera, type PullingOptions } from '../../../test/support/rtsp/rtspPulling.js';

const LOGIN = 'admin:pass@';
const BASIC = 'Basic realm="camera"';

interface Asked {
  readonly pulled: PulledCamera;
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

async function asking(options: CameraLoginOptions, more: PullingOptions = {}): Promise<Asked> {
  const { manner, accepted, refused } = cameraLogin(options);
  const pulled = await pullOdd({ login: LOGIN, manners: { '*': manner }, ...more });
  return { pulled, accepted, refused };
}

describe('a login', () => {
  it.each<[string, string, CameraLoginOptions]>([
    ['by Digest alone', 'Digest', {}],
    ['by Digest with qop', 'Digest', { offers: (nonce) => [DIGEST(nonce, ', qop="auth"')] }],
    ['by Digest with two kinds of qop', 'Digest', { offers: (nonce) => [DIGEST(nonce, ', qop="auth-int,auth"')] }],
    ['by SHA-256', 'Digest', { offers: (nonce) => [DIGEST(nonce, ', algorithm=SHA-256, opaque="x"')] }],
    ['by a quoted algorithm', 'Digest', { offers: (nonce) => [DIGEST(nonce, ', algorithm="MD5", stale="FALSE"')] }],
    ['by Basic alone', 'Basic', { offers: () => [BASIC] }],
    ['by Basic without a realm', 'Basic', { offers: () => ['Basic'] }],
    ['by Basic and Digest in two headers', 'Digest', { offers: (nonce) => [BASIC, DIGEST(nonce)] }],
    ['by Digest and Basic in two headers', 'Digest', { offers: (nonce) => [DIGEST(nonce), BASIC] }],
    ['by Digest and Basic in one header', 'Digest', { offers: (nonce) => [`${DIGEST(nonce)}, ${BASIC}`] }],
    ['by Basic and Digest in one header', 'Digest', { offers: (nonce) => [`${BASIC}, ${DIGEST(nonce)}`] }],
    [
      'by Basic beside a digest that nobody knows',
      'Basic',
      { offers: (nonce) => [DIGEST(nonce, ', algorithm=SHA-512-256'), BASIC] },
    ],
    [
      'at a realm with odd characters',
      'Digest',
      { offers: (nonce) => [`Digest realm="Cam, Basic \\"1\\" é = x", nonce="${nonce}"`] },
    ],
    ['at an empty realm', 'Digest', { offers: (nonce) => [`Digest realm="", nonce="${nonce}"`] }],
    ['with odd white space', 'Digest', { offers: (nonce) => [`digest  realm = "c" ,nonce = "${nonce}",`] }],
  ])('%s is made once and holds for the session', async (_name, scheme, options) => {
    const { pulled, accepted, refused } = await asking(options);
    await plays(pulled);
    expect(new Set(accepted)).toEqual(new Set([scheme]));
    expect(refused).toEqual([]);
    expect(pulled.camera.requests.filter(({ headers }) => !headers.has('authorization'))).toHaveLength(1);
  });

  it.each([
    ['of odd characters', 'ad%40m%3Ain:p%40%23%3F%25%2F%5E%21%26%20%22s', 'ad@m:in', 'p@#?%/^!& "s'],
    ['that looks encoded, decoded once', 'admin:100%2525', 'admin', '100%25'],
    ['that was never encoded', 'admin:100%', 'admin', '100%'],
    ['in other letters', 'j%C3%BCrgen:%E5%AF%86', 'jürgen', '密'],
    ['without a password', 'admin:', 'admin', ''],
    ['of a user alone', 'admin', 'admin', ''],
    ['with raw signs before the last one', 'admin:p@ss', 'admin', 'p@ss'],
  ])('%s reaches the camera', async (_name, login, user, password) => {
    const digest = await asking({ user, password }, { login: `${login}@` });
    await plays(digest.pulled);
    const basic = await asking({ user, password, offers: () => [BASIC] }, { login: `${login}@` });
    // Basic cannot carry a user with a colon.
    if (!user.includes(':')) await plays(basic.pulled);
    expect(digest.refused).toEqual([]);
  });

  it('answers for the address of each request, as it is sent', async () => {
    const { pulled, refused } = await asking(
      {},
      { path: '/Streaming/Channels/101?transportmode=unicast&a=%2B b?c=d&&' },
    );
    await plays(pulled);
    expect(refused).toEqual([]);
    expect(pulled.camera.requests[0]?.url).toBe(
      `rtsp://127.0.0.1:${pulled.camera.port}/Streaming/Channels/101?transportmode=unicast&a=%2B%20b?c=d&&`,
    );
  });

  it('is never sent to a camera that does not ask', async () => {
    const pulled = await pullOdd({ login: LOGIN });
    await plays(pulled);
    expect(pulled.camera.requests.filter(({ headers }) => headers.has('authorization'))).toEqual([]);
  });

  it('that is wrong is tried once', async () => {
    const { pulled, refused } = await asking({}, { login: 'admin:wrong@' });
    expect(await pulled.ended).toMatchObject({ why: 'login', code: 'RTSP_401' });
    expect(refused).toEqual(['Digest']);
    expect(pulled.camera.connections).toBe(1);
  });

  it('that is wrong is not tried by Basic after Digest, nor with each new nonce', async () => {
    const { pulled, refused } = await asking(
      { changesAt: () => true, offers: (nonce) => [DIGEST(nonce), BASIC] },
      { login: 'admin:wrong@' },
    );
    expect(await pulled.ended).toMatchObject({ why: 'login' });
    expect(refused).toHaveLength(1);
  });

  it('that is forbidden to watch ends like a wrong one', async () => {
    const { manner } = cameraLogin();
    const pulled = await pullOdd({
      login: LOGIN,
      manners: { DESCRIBE: (request, usual) => manner(request, { ...usual, status: 403 }) },
    });
    expect(await pulled.ended).toMatchObject({ why: 'login', code: 'RTSP_403' });
  });

  it('that is missing is told', async () => {
    const { pulled } = await asking({}, { login: '' });
    expect(await pulled.ended).toMatchObject({ why: 'login', code: 'RTSP_401' });
    const unknown = await asking({ offers: () => ['NTLM'] });
    expect(await unknown.pulled.ended).toMatchObject({ why: 'login' });
    expect(unknown.refused).toEqual([]);
  });

  it('goes on with a new nonce that the camera calls stale', async () => {
    const { pulled } = await asking({
      changesAt: ({ method, headers }) => method === 'DESCRIBE' && headers.has('authorization') && first(),
      saysStale: true,
      offers: (nonce, isStale) => [DIGEST(nonce, isStale ? ', stale=TRUE' : '')],
    });
    await plays(pulled);
  });

  it.each(['SETUP', 'PLAY'])('goes on with a new nonce at %s, without a word of stale', async (method) => {
    const only = once();
    const { pulled, refused } = await asking({ changesAt: (request) => request.method === method && only() });
    await plays(pulled);
    expect(refused).toEqual(['Digest']);
  });

  it('goes on with another nonce for each request', async () => {
    const { pulled } = await asking({ changesAt: ({ headers }) => headers.get('authorization') === undefined });
    await plays(pulled);
  });

  it.each([
    ['closes the connection', { closes: true }],
    ['closes it and says so', { closes: true, lines: ['Connection: Close'] }],
  ])('is made on a second connection where the camera %s behind its 401', async (_name, options) => {
    const { pulled, refused } = await asking(options);
    await plays(pulled);
    expect(refused).toEqual([]);
    expect(pulled.camera.connections).toBe(2);
  });

  it('that is wrong is tried once by a camera that closes, too', async () => {
    const { pulled, refused } = await asking({ closes: true }, { login: 'admin:wrong@' });
    expect(await pulled.ended).toMatchObject({ why: 'login' });
    expect(refused).toHaveLength(1);
  });
});

const once = (): (() => boolean) => {
  let isFirst = true;
  return () => {
    const was = isFirst;
    isFirst = false;
    return was;
  };
};
const first = once();
