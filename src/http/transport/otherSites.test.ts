import { describe, expect, it } from 'vitest';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { aCamera, T0 } from '../../../test/support/builders.js';
import { ROUTES } from '../routes.js';

const ID = '0123456789abcdef01234567';
const HOST = { host: '127.0.0.1:4000' };
const FOREIGN = { ...HOST, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
const NAVIGATION = { ...FOREIGN, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const WALL = 'https://wall.example.org';

function house(): ReturnType<typeof fakeHouse> {
  const made = fakeHouse({ allowedOrigins: [WALL] });
  made.stored.set(ID, aCamera({ id: ID }));
  made.pictureOf.set(ID, { jpeg: Buffer.from([0xff, 0xd8, 0xff, 0xd9]), takenAt: T0 });
  return made;
}

/** Every address that answers a GET, with the parameters filled in. */
const addresses = [...new Set(ROUTES.flatMap(({ method, path }) => (method === 'get' ? [path] : [])))].map((path) =>
  path.replace(':id', ID).replace(':file', 'index.m3u8'),
);
const EMBEDDED = [
  ...[`/hls/${ID}/index.m3u8`, '/health', `/api/camera/${ID}/snapshot`, `/webrtc/${ID}`],
  ...[`/api/camera/${ID}/image`, '/images/index.m3u8', `/images/${ID}/index.m3u8`],
];

describe('a page of another site', () => {
  it.each(addresses)('reads %s only if pages are meant to embed it', async (path) => {
    const client = await serve(house());
    const reply = await client.send('GET', path, { headers: FOREIGN });
    if (EMBEDDED.includes(path)) {
      expect(reply.status).not.toBe(403);
      return;
    }
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({
      error: { code: 'REQUEST_FOREIGN', cure: expect.stringContaining('ALLOWED_ORIGINS') as string },
    });
    // No reply was prepared: the refusal comes before any work.
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each([
    '/API/camera',
    '/api/camera/',
    '/api//camera',
    '/%61pi/camera',
    `/api/camera/${ID}/snapshot/../../../camera`,
  ])('does not get in by another spelling: %s', async (path) => {
    const client = await serve(house());
    expect([403, 404]).toContain((await client.send('GET', path, { headers: FOREIGN })).status);
  });

  it('may send a person here, but frame nothing of the API', async () => {
    const client = await serve(house());
    expect((await client.send('GET', '/', { headers: NAVIGATION })).status).toBe(200);
    expect((await client.send('GET', '/api/docs', { headers: NAVIGATION })).status).toBe(200);
    const frame = { ...NAVIGATION, 'sec-fetch-dest': 'iframe' };
    expect((await client.send('GET', '/api/camera', { headers: frame })).status).toBe(403);
  });

  it('is told by its Origin where the browser is too old to say more', async () => {
    const client = await serve(house());
    const headers = { ...HOST, origin: 'https://evil.test' };
    expect((await client.send('GET', '/api/camera', { headers })).status).toBe(403);
  });

  it('may show a snapshot, which the browser is told', async () => {
    const client = await serve(house());
    const { status, headers } = await client.send('GET', `/api/camera/${ID}/snapshot`, { headers: FOREIGN });
    expect(status).toBe(200);
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
  });
});

describe('pages of this machine', () => {
  it.each([
    ['another port', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:3000' }],
    ['another name', { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:3000' }],
    ['another name, as a picture', { 'sec-fetch-site': 'cross-site', referer: 'http://localhost:3000/wall' }],
    ['another port, in an old browser', { origin: 'http://127.0.0.1:3000' }],
  ])('are one site: %s', async (_name, headers) => {
    const client = await serve(house());
    expect((await client.send('GET', '/api/camera', { headers: { ...HOST, ...headers } })).status).toBe(200);
  });

  it('are not those of a machine whose name only begins so', async () => {
    const client = await serve(house());
    const headers = { ...HOST, 'sec-fetch-site': 'cross-site', origin: 'http://localhost.evil.test' };
    expect((await client.send('GET', '/api/camera', { headers })).status).toBe(403);
  });
});

describe('a page in ALLOWED_ORIGINS', () => {
  const headers = { ...HOST, 'sec-fetch-site': 'cross-site', origin: WALL };

  it('reads and changes, with the headers that its browser asks for', async () => {
    const client = await serve(house());
    const read = await client.send('GET', '/api/camera', { headers });
    expect(read.status).toBe(200);
    expect(read.headers).toMatchObject({
      'access-control-allow-origin': WALL,
      vary: expect.stringContaining('Origin') as string,
    });
    const live = await client.send('GET', '/api/camera/nobody/live', { headers });
    expect([live.status, live.headers['access-control-allow-origin']]).toEqual([404, WALL]);
    const change = await client.send('PUT', `/api/camera/${ID}`, { headers, body: { name: 'Gate' } });
    expect(change.status).toBe(200);
  });

  it('gets its preflight answered, which others do not', async () => {
    const client = await serve(house());
    const preflight = { ...headers, 'access-control-request-method': 'PUT' };
    const answered = await client.send('OPTIONS', `/api/camera/${ID}`, { headers: preflight });
    expect(answered.status).toBe(204);
    expect(answered.headers['access-control-allow-methods']).toContain('PUT');
    const other = await client.send('OPTIONS', `/api/camera/${ID}`, {
      headers: { ...preflight, origin: 'https://evil.test' },
    });
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });
});
