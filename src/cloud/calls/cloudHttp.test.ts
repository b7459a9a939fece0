import { createServer } from 'node:http';
import { inspect } from 'node:util';
import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import {
  axiosHolding,
  startFakeCloud,
  type FakeReply,
  type FakeRequest,
} from '../../../test/support/clouds/cloudHarness.js';
import { CloudHttp, statusError } from './cloudHttp.js';
import { isNotPublic, isPictureUrlAllowed } from './pictureHost.js';

const SECRET = 'a-secret-that-must-not-show';

async function edge(answer: (request: FakeRequest, index: number) => FakeReply | 'hang' | 'drop') {
  const clock = new TurnedClock();
  const cloud = await startFakeCloud(answer, clock);
  const http = new CloudHttp(axiosHolding(clock), clock, ['127.0.0.1']);
  onTestFinished(() => http.close());
  const post = (more: { signal?: AbortSignal; departed?: () => void } = {}) =>
    http.post({ url: `${cloud.url}/call`, headers: { Token: SECRET }, body: SECRET, ...more });
  return { clock, cloud, http, post };
}

describe('CloudHttp', () => {
  it('gives status, parsed body, the time of the cloud and its waiting time', async () => {
    const headers = { Date: 'Mon, 05 Jan 2026 08:00:00 GMT', 'Retry-After': '7' };
    const { post, cloud } = await edge(() => ({ status: 503, headers, body: { a: 1 } }));
    expect(await post()).toEqual({
      status: 503,
      json: { a: 1 },
      date: new Date('2026-01-05T08:00:00Z'),
      retryAfterMs: 7000,
    });
    expect(cloud.requests[0]).toMatchObject({ method: 'POST', path: '/call', body: SECRET });
  });

  it('gives no body when it is not JSON, and no time when there is none', async () => {
    const { post } = await edge(() => ({ body: '<html>' }));
    expect(await post()).toEqual({ status: 200, json: undefined, date: null, retryAfterMs: null });
  });

  it('tells when the request has left, before there is a reply', async () => {
    const { post, clock } = await edge(() => 'hang');
    const left = new Promise<void>((resolve) => {
      post({ departed: resolve }).catch(() => undefined);
    });
    await clock.runUntil(left, 14_000);
    await clock.advance(16_000);
  });

  it('follows no redirect', async () => {
    const { post, cloud } = await edge(() => ({ status: 302, headers: { Location: '/elsewhere' } }));
    expect((await post()).status).toBe(302);
    expect(cloud.requests).toHaveLength(1);
  });

  it('uses one connection again', async () => {
    const sockets = new Set<unknown>();
    const server = createServer((request, response) => {
      sockets.add(request.socket);
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const http = new CloudHttp(axios.create(), new TurnedClock(), []);
    onTestFinished(() => http.close());
    for (let call = 0; call < 3; call++) await http.post({ url: `http://127.0.0.1:${port}/`, headers: {}, body: '{}' });
    expect(sockets.size).toBe(1);
  });

  it.each([
    ['a socket that closes', 'drop', 'CLOUD_UNREACHABLE'],
    ['a reply that is too large', { body: Buffer.alloc(9 * 1024 * 1024) }, 'CLOUD_REPLY_TOO_LARGE'],
  ] as const)('turns %s into an error of ours, with nothing of the request in it', async (_, answer, code) => {
    const { post } = await edge(() => answer);
    const error: unknown = await post().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'CameraError', code, failureClass: 'retry' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
  });

  it('names the kind of network fault but not the address', async () => {
    const http = new CloudHttp(axios.create(), new TurnedClock(), []);
    onTestFinished(() => http.close());
    const error: unknown = await http
      .post({ url: 'http://127.0.0.1:1/secret-path', headers: {}, body: SECRET })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'CLOUD_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(inspect(error, { depth: 10 })).not.toMatch(/127\.0\.0\.1|secret/);
  });

  it('gives up after 15 seconds', async () => {
    const { post, clock } = await edge(() => 'hang');
    await expect(clock.runUntil(post())).rejects.toMatchObject({ code: 'CLOUD_TIMEOUT' });
    expect(clock.monotonicMs()).toBe(15_000);
  });

  it('rejects with the reason of an abort', async () => {
    const stop = new AbortController();
    const { post } = await edge(() => {
      stop.abort(new Error('stopping'));
      return 'hang';
    });
    await expect(post({ signal: stop.signal })).rejects.toThrow('stopping');
  });

  it('downloads a picture, and says why it cannot', async () => {
    const { http, cloud } = await edge(({ path }) =>
      path === '/ok' ? { body: Buffer.from([1, 2]) } : { status: 403 },
    );
    expect(await http.download(`${cloud.url}/ok`)).toEqual(Buffer.from([1, 2]));
    await expect(http.download(`${cloud.url}/gone`)).rejects.toMatchObject({ code: 'CLOUD_HTTP_REFUSED' });
  });

  it('does not download from a name that leads into the local network', async () => {
    const { cloud } = await edge(() => ({ body: 'x' }));
    const http = new CloudHttp(axios.create(), new TurnedClock(), []);
    onTestFinished(() => http.close());
    const { port } = new URL(cloud.url);
    await expect(http.download(`http://localhost:${port}/`)).rejects.toMatchObject({ code: 'CLOUD_HOST_REFUSED' });
    expect(cloud.requests).toHaveLength(0);
  });
});

describe('statusError', () => {
  it.each([
    [500, true, 'CLOUD_SERVER_ERROR', 'retry'],
    [503, false, 'CLOUD_SERVER_ERROR', 'retry'],
    [429, true, 'CLOUD_TOO_MANY_REQUESTS', 'quota'],
    [401, true, 'CLOUD_LOGIN_EXPIRED', 'reauth'],
    [401, false, 'CLOUD_HTTP_REFUSED', 'retry'],
    [404, true, 'CLOUD_CALL_UNKNOWN', 'retry'],
    [405, true, 'CLOUD_CALL_UNKNOWN', 'retry'],
    [302, true, 'CLOUD_HTTP_REFUSED', 'retry'],
    [200, true, 'CLOUD_REPLY_UNREADABLE', 'retry'],
  ] as const)('reads HTTP %i (with a login: %s) as %s', (status, hasLogin, code, failureClass) => {
    expect(statusError(status, 5000, hasLogin)).toMatchObject({ code, failureClass });
  });
});

describe('where pictures may be fetched', () => {
  it.each([
    ['https://store.example.com/a.jpeg?X=1', true],
    ['http://store.example.com/a.jpeg', false],
    ['https://10.0.0.1/a.jpeg', false],
    ['https://0x7f.1/a.jpeg', false],
    ['https://[::1]/a.jpeg', false],
    ['https://localhost/a.jpeg', false],
    ['https://localhost./a.jpeg', false],
    ['https://metadata.internal/a.jpeg', false],
    ['https://user:pass@store.example.com/a.jpeg', false],
    ['file:///etc/passwd', false],
    ['http://pictures.test:8080/a.jpeg', true],
    ['ftp://pictures.test/a.jpeg', false],
    ['nonsense', false],
  ])('%s: %s', (url, allowed) => {
    expect(isPictureUrlAllowed(url, ['pictures.test'])).toBe(allowed);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '192.168.1.1',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '0.0.0.0',
  ])('%s is nobody on the internet', (address) => {
    expect(isNotPublic(address)).toBe(true);
  });

  it.each(['8.8.8.8', '172.15.0.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isNotPublic(address)).toBe(false);
  });
});
