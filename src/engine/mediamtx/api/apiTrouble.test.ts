import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeMediaMtx, mediaMtxProgram, mediaMtxTemplate, until } from '../../../../test/support/engine/mediamtx.js';
import { selfSigned } from '../../../../test/support/http/selfSigned.js';
import { systemClock } from '../../../systemClock.js';
import { silenceOf, troubleOf } from './apiTrouble.js';
import { MediaMtxClient } from './client.js';
import { probeApi } from './probeApi.js';

const INFO = JSON.stringify({ version: 'v1.20.1', started: '2026-11-30T10:00:00Z' });

async function portOf(server: Server, host = '127.0.0.1'): Promise<number> {
  await once(server.listen(0, host), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const answering =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { connection: 'close', ...headers }).end(body);

const clientOf = (baseUrl: string): MediaMtxClient =>
  new MediaMtxClient({ http: axios.create(), baseUrl, clock: systemClock });

const html = { server: 'nginx/1.24.0', 'content-type': 'text/html' };

describe('an address that is not the API of MediaMTX', () => {
  test.each([
    ['a page', answering(200, '<html>Welcome to nginx!</html>', html), /HTTP 200 of nginx\/1\.24\.0/],
    ['a page that is not there', answering(404, '<html>404 Not Found</html>', html), /HTTP 404 of nginx/],
    ['a proxy whose MediaMTX is away', answering(502, '<html>502 Bad Gateway</html>', html), /HTTP 502 of nginx/],
    ['a login page', answering(401, '<html>Authorization Required</html>', html), /HTTP 401 of nginx/],
    ['a name that would spoil a log', answering(200, 'x', { server: `a${'b'.repeat(5_000)}` }), /of ab{39}\)/],
  ])('%s is told from it, and where to look', async (_what, listener, words) => {
    const url = `http://127.0.0.1:${await portOf(createHttpServer(listener))}`;
    await expect(clientOf(url).info()).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: expect.stringMatching(words) as string,
      cure: expect.stringContaining('MEDIAMTX_API_URL') as string,
    });
    expect(await probeApi(axios.create(), systemClock, url)).toMatchObject({ kind: 'other' });
  });

  test('a server that speaks no HTTP is told from it', async () => {
    const server = createTcpServer((socket) => void socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.6\r\n'));
    const url = `http://127.0.0.1:${await portOf(server)}`;
    await expect(clientOf(url).info()).rejects.toMatchObject({
      message: expect.stringContaining('not speak HTTP') as string,
    });
  });

  test('an address with https: of a server that speaks it not', async () => {
    const url = `https://127.0.0.1:${await portOf(createHttpServer(answering(200, INFO)))}`;
    await expect(clientOf(url).info()).rejects.toMatchObject({
      message: expect.stringContaining('does not speak HTTPS') as string,
      cure: expect.stringContaining('http:') as string,
    });
  });
});

describe('certificates', () => {
  test('on loopback nobody has to have signed it', async () => {
    const url = `https://127.0.0.1:${await portOf(createHttpsServer(selfSigned(), answering(200, INFO)))}`;
    expect(await clientOf(url).info()).toMatchObject({ version: 'v1.20.1' });
    expect(await probeApi(axios.create(), systemClock, url)).toEqual({ kind: 'mediamtx', url });
  });

  test.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'another name'],
    ['CERT_HAS_EXPIRED', 'not valid at this time'],
    ['ENOTFOUND', 'not known here'],
    ['ECONNREFUSED', 'api: yes'],
  ])('elsewhere %s is said with its cure', (code, words) => {
    const { message, cure } = silenceOf(code, 'https://media.example:9997', null);
    expect(`${message} ${cure}`).toContain(words);
  });
});

test('IPv6 is asked like the rest', async () => {
  const server = createHttpServer(answering(200, INFO, { 'content-type': 'application/json' }));
  const url = `http://[::1]:${await portOf(server, '::1')}`;
  expect(await clientOf(url).info()).toMatchObject({ version: 'v1.20.1' });
});

test('a user that is not let in is no refusal of a path', () => {
  const answer = { status: 401, data: { error: 'authentication error' }, server: 'mediamtx' };
  expect(troubleOf(answer, 'http://127.0.0.1:9997')).toMatchObject({
    code: 'ENGINE_LOCKED',
    cure: expect.stringMatching(/authInternalUsers.*MEDIAMTX_API_USER.*http or jwt/) as string,
  });
});

test('a client that is not let in does not ask for lists until it is', async () => {
  let status = 401;
  const asked: (string | undefined)[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(request.url);
    const body = status === 401 ? '{"error":"authentication error"}' : INFO.replace('{', '{"pageCount":0,"items":[],');
    response.writeHead(status, { server: 'mediamtx', 'content-type': 'application/json' }).end(body);
  });
  const client = clientOf(`http://127.0.0.1:${await portOf(server)}`);
  await expect(client.info()).rejects.toMatchObject({ code: 'ENGINE_LOCKED' });
  await expect(client.sessions()).rejects.toMatchObject({ code: 'ENGINE_LOCKED' });
  expect(asked).toEqual(['/v3/info']);
  status = 200;
  await client.info();
  expect(await client.sessions()).toEqual([]);
});

describe.skipIf(mediaMtxProgram === null)('on real MediaMTX', () => {
  test('an encrypted API is found behind http:, and told to who named it so', async () => {
    const mediaMtx = await makeMediaMtx(
      `apiEncryption: yes\napiServerKey: KEY\napiServerCert: CERT\n${await mediaMtxTemplate()}`,
    );
    onTestFinished(() => mediaMtx.stop());
    const { key, cert } = selfSigned();
    const [keyPath, certPath] = [join(mediaMtx.folder, 'api.key'), join(mediaMtx.folder, 'api.crt')];
    await writeFile(keyPath, key);
    await writeFile(certPath, cert);
    await writeFile(mediaMtx.configPath, (await mediaMtx.config()).replace('KEY', keyPath).replace('CERT', certPath));
    const started = mediaMtx.start();
    started.catch(() => undefined);
    const encrypted = mediaMtx.apiUrl.replace('http:', 'https:');
    await until(async () => (await probeApi(axios.create(), systemClock, mediaMtx.apiUrl)).kind === 'mediamtx');
    expect(await probeApi(axios.create(), systemClock, mediaMtx.apiUrl)).toEqual({
      kind: 'mediamtx',
      url: encrypted,
    });
    await expect(clientOf(mediaMtx.apiUrl).info()).rejects.toMatchObject({
      message: expect.stringContaining('apiEncryption: yes') as string,
      cure: expect.stringContaining(encrypted) as string,
    });
    expect(await clientOf(encrypted).info()).toMatchObject({ version: 'v1.20.1' });
  });

  test.each([
    ['a password', 'authInternalUsers: [{user: admin, pass: long-enough-1, permissions: [{action: api}]}]\n'],
    ['authMethod: http', 'authMethod: http\nauthHTTPAddress: http://127.0.0.1:9/auth\n'],
    ['authMethod: jwt', 'authMethod: jwt\nauthJWTJWKS: http://127.0.0.1:9/jwks\n'],
  ])('with %s it is locked, and never taken for one that is not there', async (_what, settings) => {
    const mediaMtx = await makeMediaMtx(`${settings}paths:\n`);
    onTestFinished(() => mediaMtx.stop());
    mediaMtx.start().catch(() => undefined);
    await until(async () => (await probeApi(axios.create(), systemClock, mediaMtx.apiUrl)).kind !== 'nothing');
    expect(await probeApi(axios.create(), systemClock, mediaMtx.apiUrl)).toEqual({
      kind: 'locked',
      url: mediaMtx.apiUrl,
    });
    await expect(clientOf(mediaMtx.apiUrl).info()).rejects.toMatchObject({ code: 'ENGINE_LOCKED' });
  });
});
