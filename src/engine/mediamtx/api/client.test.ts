import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import axios from 'axios';
import { afterEach, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import type { Clock } from '../../../core/clock.js';
import { systemClock } from '../../../systemClock.js';
import { requireVersion } from '../server/version.js';
import { MediaMtxClient } from './client.js';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function clientOf(answer: Answer, timeoutMs = 5_000, clock: Clock = systemClock): Promise<MediaMtxClient> {
  server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return new MediaMtxClient({
    http: axios.create(),
    baseUrl: `http://127.0.0.1:${port}/`,
    clock,
    timeoutMs,
  });
}

const reply =
  (status: number, body: unknown): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const config = { source: 's', sourceOnDemand: true, sourceOnDemandStartTimeout: '1s', sourceOnDemandCloseAfter: '1s' };

test('a list is followed to its last page, 1,000 a page', async () => {
  const asked: string[] = [];
  const client = await clientOf((request, response) => {
    asked.push(request.url ?? '');
    const page = new URL(request.url ?? '', 'http://x').searchParams.get('page');
    reply(200, { pageCount: 3, itemCount: 3, items: [{ name: `p${page}`, ...config, more: 1 }] })(request, response);
  });
  expect([...(await client.pathConfigs()).entries()]).toEqual([
    ['p0', config],
    ['p1', config],
    ['p2', config],
  ]);
  expect(asked).toHaveLength(3);
  expect(asked[0]).toContain('itemsPerPage=1000');
});

test('a refusal keeps the reason of MediaMTX and loses every URL in it', async () => {
  const client = await clientOf(reply(400, { error: "'rtmp://secret.example/a?t=1' is not a valid URL" }));
  await expect(client.replacePath('a', config)).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: "MediaMTX refused (400): '<url>' is not a valid URL.",
  });
});

test('removing what is not there is done', async () => {
  const client = await clientOf(reply(404, { error: 'path configuration not found' }));
  await expect(client.removePath('a')).resolves.toBeUndefined();
  expect(await client.path('a')).toBeNull();
});

test('a server that is switched off has no sessions', async () => {
  const client = await clientOf(reply(404, '404 page not found'));
  expect(await client.sessions()).toEqual([]);
});

test('a list that is not there is asked for again a minute later, or when its server was away', async () => {
  const clock = new TurnedClock(new Date('2026-01-01T00:00:00Z'));
  let asked: string[] = [];
  const empty = reply(200, { itemCount: 0, pageCount: 1, items: [] });
  const client = await clientOf(
    (request, response) => {
      const path = new URL(request.url ?? '', 'http://x').pathname;
      asked.push(path);
      if (path === '/v3/info') request.destroy();
      else (path.includes('srt') ? reply(404, '404 page not found') : empty)(request, response);
    },
    5_000,
    clock,
  );
  const asks = async (): Promise<boolean> => {
    asked = [];
    await client.sessions();
    expect(asked).toContain('/v3/hlssessions/list');
    return asked.includes('/v3/srtconns/list');
  };
  expect(await asks()).toBe(true);
  expect(await asks()).toBe(false);
  await clock.advance(60_000);
  expect(await asks()).toBe(true);
  expect(await asks()).toBe(false);
  await expect(client.info()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  expect(await asks()).toBe(true);
});

test('lists of sessions are read again unless an answer of a moment ago will do', async () => {
  let asked = 0;
  const page = reply(200, { itemCount: 0, pageCount: 1, items: [] });
  const client = await clientOf((request, response) => {
    asked++;
    page(request, response);
  });
  await client.sessions();
  const once = asked;
  await client.sessions(undefined, 60_000);
  expect(asked).toBe(once);
  await client.sessions();
  expect(asked).toBe(2 * once);
});

test('an answer that is not what MediaMTX says is told with the field', async () => {
  const client = await clientOf(reply(200, { version: 7, started: 'x' }));
  await expect(client.info()).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining("'version'") as string,
  });
});

test('no answer in time is told and counted, and an answer ends the count', async () => {
  let hang = true;
  const client = await clientOf((request, response) => {
    if (!hang) reply(200, { version: 'v1.20.1', started: 'x' })(request, response);
  }, 30);
  await expect(client.info()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  await expect(client.info()).rejects.toThrow('did not answer within');
  expect(client.timeoutsInARow).toBe(2);
  hang = false;
  await client.info(undefined, 5_000);
  expect(client.timeoutsInARow).toBe(0);
});

test('an API that is not there is unreachable, and that is no time-out', async () => {
  const client = await clientOf(reply(200, {}));
  server?.close();
  server?.closeAllConnections();
  await expect(client.info()).rejects.toMatchObject({
    code: 'ENGINE_UNREACHABLE',
    cure: expect.stringContaining('MEDIAMTX_API_URL') as string,
  });
  expect(client.timeoutsInARow).toBe(0);
});

test("a caller's own stop is thrown as it is", async () => {
  const client = await clientOf(() => undefined);
  const stop = new AbortController();
  const asked = client.info(stop.signal);
  stop.abort(new Error('shutting down'));
  await expect(asked).rejects.toThrow('shutting down');
});

test('a client that is closed gives up what it asks, asks nothing more, and counts no time-out', async () => {
  let asked = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const client = await clientOf(() => asked());
  const answer = client.info();
  await isAsked;
  client.close();
  await expect(answer).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await expect(client.info()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(client.timeoutsInARow).toBe(0);
});

test.each(['v1.20.1', '1.21.0', 'v2.0.0', 'v1.20.1-rc1', 'main'])('version %s is taken', (version) => {
  expect(() => requireVersion(version)).not.toThrow();
});

test.each(['v1.20.0', 'v1.9.9', 'v0.99.99'])('version %s is too old', (version) => {
  expect(() => requireVersion(version)).toThrow(expect.objectContaining({ code: 'ENGINE_TOO_OLD' }) as Error);
});
