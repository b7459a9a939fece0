import { describe, expect, it, onTestFinished } from 'vitest';
import { send, serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { createHttpServer } from '../server.js';

const RENEW = '/api/hikvision/renew';

describe('who may ask', () => {
  it.each([
    ['localhost:4000', 200],
    ['127.0.0.1', 200],
    ['[::1]:4000', 200],
    ['camera.localhost', 200],
    ['cams.example.org', 200],
    ['evil.test', 403],
    ['evil.test:4000', 403],
    ['127.0.0.1.evil.test', 403],
    ['10.0.0.5', 403],
    ['localhost@evil.test', 403],
  ])('a request for the host %s answers %i on every kind of route', async (host, status) => {
    const client = await serve(fakeHouse({ publicUrl: 'https://cams.example.org/' }));
    for (const path of ['/ready', '/api/camera', '/api/openapi.json', '/', '/api/camera/nobody/live']) {
      const reply = await client.send('GET', path, { headers: { host } });
      expect(reply.status, path).toBe(path.endsWith('live') && status === 200 ? 404 : status);
      if (status === 403) expect(reply.json).toMatchObject({ success: false, error: { code: 'REQUEST_FOREIGN' } });
    }
  });

  it('takes any bare address, but no foreign name, when it listens on all addresses', async () => {
    const server = createHttpServer(fakeHouse());
    const { port } = await server.listen(0, '0.0.0.0');
    onTestFinished(() => server.close());
    const statusFor = async (host: string): Promise<number> =>
      (await send(port, 'GET', '/ready', { headers: { host } })).status;
    expect(await statusFor('192.168.1.20:4000')).toBe(200);
    expect(await statusFor('evil.test')).toBe(403);
  });

  it('answers health checks and Prometheus under any name, and nothing else', async () => {
    const client = await serve(fakeHouse());
    const headers = { host: 'camlease.monitoring.svc:4000' };
    expect((await client.send('GET', '/health', { headers })).status).toBe(200);
    expect((await client.send('GET', '/metrics', { headers })).status).toBe(200);
    expect((await client.send('GET', '/metrics/../api/camera', { headers })).status).toBe(403);
    expect((await client.send('GET', '/ready', { headers })).status).toBe(403);
  });

  it.each([
    ['a foreign origin', { origin: 'https://evil.test' }],
    ['no origin that can be named', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://localhost:3000' }],
    ['a browser that says cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a browser that says same-site', { 'sec-fetch-site': 'same-site' }],
  ])('refuses a change without a body from %s', async (_name, headers) => {
    const house = fakeHouse();
    const client = await serve(house);
    const reply = await client.send('POST', RENEW, { headers: { host: 'localhost:4000', ...headers } });
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({ error: { code: 'REQUEST_FOREIGN' } });
    expect(house.renewals).toEqual([]);
  });

  it.each([
    ['its own page', { origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin' }],
    ['its own page behind a proxy', { origin: 'https://cams.example.org' }],
    ['a person who typed the address', { 'sec-fetch-site': 'none' }],
    ['a program', {}],
  ])('takes a change from %s', async (_name, headers) => {
    const client = await serve(fakeHouse({ publicUrl: 'https://cams.example.org' }));
    const reply = await client.send('POST', RENEW, {
      headers: { host: 'localhost:4000', prefer: 'respond-async', ...headers },
    });
    expect(reply.status).toBe(202);
  });

  it('limits changes, and neither live nor reads', async () => {
    const client = await serve(fakeHouse({ writesPerMinute: 2 }));
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      statuses.push((await client.send('DELETE', '/api/camera/nobody')).status);
    }
    expect(statuses).toEqual([404, 404, 429]);
    const limited = await client.send('DELETE', '/api/camera/nobody');
    expect(limited.headers['retry-after']).toBe('60');
    expect(limited.json).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    expect((await client.send('GET', '/api/camera/nobody/live')).status).toBe(404);
    expect((await client.send('GET', '/api/camera')).status).toBe(200);
  });

  it('lets the page play from the media server and load nothing else', async () => {
    const client = await serve(fakeHouse());
    const { headers } = await client.send('GET', '/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("connect-src 'self' http://localhost:8888 http://localhost:8889");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('names the methods of an address that was asked with another', async () => {
    const client = await serve(fakeHouse());
    expect((await client.send('DELETE', '/api/camera')).headers.allow).toBe('GET, POST, HEAD, OPTIONS');
    const options = await client.send('OPTIONS', '/api/camera');
    expect(options.status).toBe(204);
    expect(options.headers.allow).toBe('GET, POST, HEAD, OPTIONS');
  });

  it('keeps a request id that is a word, and makes one otherwise', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const kept = await client.send('GET', '/api/camera', { headers: { 'x-request-id': 'abc-1' } });
    expect(kept.headers['x-request-id']).toBe('abc-1');
    const made = await client.send('GET', '/api/camera', { headers: { 'x-request-id': 'a b' } });
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-z]{16}$/);
    expect(house.logged.map(({ fields }) => fields?.['requestId'])).toEqual(['abc-1', made.headers['x-request-id']]);
  });

  it('writes one line for a request, none for live and health, and never the address itself', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    await client.send('GET', '/api/camera/nobody/live');
    await client.send('GET', '/health');
    await client.send('GET', '/api/camera/rtmp%3A%2F%2Fsecret.test?token=tellnobody');
    await client.send('GET', '/tellnobody');
    await client.send('GET', '/api/camera/nobody');
    expect(house.logged.map(({ fields }) => fields)).toMatchObject([
      { method: 'GET', route: '/api/camera/:id', status: 400 },
      { method: 'GET', route: null, status: 404 },
      { method: 'GET', route: '/api/camera/:id', camera: 'nobody', status: 404 },
    ]);
    expect(JSON.stringify(house.logged)).not.toMatch(/tellnobody|secret/);
  });
});
