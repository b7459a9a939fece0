import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { rmSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../../../test/support/relay/relayProcessRig.js';
import { RtspReader } from '../../../test/support/relay/rtspReader.js';
import { childModule } from '../../core/childModule.js';
import type { RelayCamera } from '../../core/streams/relay.js';
import { systemClock } from '../../systemClock.js';
import { packUnits } from '../wire/slateFiles.js';
import { RelayControl } from './control.js';
import { RelayParent } from './relayParent.js';

const SECRET = 'the-secret-of-this-relay';

interface Rig {
  readonly parent: RelayParent;
  readonly control: RelayControl;
  readonly ask: (method: string, path: string, body?: unknown, secret?: string | null) => Promise<Reply>;
}
interface Reply {
  readonly status: number;
  readonly body: Answer;
}
interface Answer {
  readonly code?: string;
  readonly run?: string;
  readonly change?: number;
  readonly [name: string]: unknown;
}

async function start(): Promise<Rig> {
  const folder = tempFolder();
  let made = 0;
  const parent = await RelayParent.start({
    ...{ folder, host: '127.0.0.1', port: 0, workers: 1, secret: SECRET, version: 'test', pid: process.pid },
    workerModule: childModule('../../relayWorker.js', import.meta.url),
    newSecret: () => `made up for a test ${(made += 1)}`,
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined },
    onFolderGone: () => undefined,
  });
  const control = await RelayControl.start(parent, { host: '127.0.0.1', port: 0, onStop: () => undefined });
  onTestFinished(async () => {
    control.stop();
    await parent.stop('end');
    rmSync(folder, { recursive: true, force: true });
  });
  return { parent, control, ask: (...asked) => ask(control.port, ...asked) };
}

async function ask(
  port: number,
  method: string,
  path: string,
  body?: unknown,
  secret: string | null = SECRET,
): Promise<Reply> {
  const sent = request({
    ...{ host: '127.0.0.1', port, method, path },
    headers: secret === null ? {} : { Authorization: `Bearer ${secret}` },
  });
  sent.on('error', () => undefined); // refused before it was sent as a whole
  sent.end(body === undefined ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const [reply] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
  const pieces: Buffer[] = [];
  for await (const piece of reply) pieces.push(piece);
  return { status: reply.statusCode, body: JSON.parse(Buffer.concat(pieces).toString('utf8')) as Answer };
}

const camera = (revision: number): RelayCamera => ({
  target: { url: `rtmp://127.0.0.1:1/app/name?${revision}`, givenBy: 'cloud', revision, endsAt: null, tracks: null },
  candidate: null,
  whenGone: 'slate',
  cap: null,
});

/** Sends a text to a port and returns what came until the connection was closed. */
async function say(port: number, text: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let heard = '';
  socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
  socket.end(text);
  await once(socket, 'close');
  return heard;
}

describe("the relay's control port", () => {
  it.each([null, '', 'wrong', SECRET.slice(1), `${SECRET}.`])(
    'answers 401 to the secret %o and tells nothing',
    async (secret) => {
      const { ask: asks } = await start();
      for (const [method, path] of [
        ['GET', '/status'],
        ['GET', '/states'],
        ['POST', '/cameras'],
        ['POST', '/stop'],
      ] as const) {
        const { status, body } = await asks(method, path, method === 'POST' ? {} : undefined, secret);
        expect([status, Object.keys(body)]).toEqual([401, ['code', 'message', 'cure']]);
      }
    },
  );

  it('takes differences after the change that it answered last, and asks for everything after another one', async () => {
    const { parent, ask: asks } = await start();
    const first = await asks('POST', '/cameras', {
      fence: 1,
      since: null,
      cameras: { gate: camera(1), yard: camera(1) },
    });
    const since = { run: first.body.run, change: first.body.change };
    const second = await asks('POST', '/cameras', { fence: 1, since, cameras: { gate: null, hall: camera(1) } });
    expect(second.status).toBe(200);
    expect(parent.status()).toMatchObject({ cameras: 2, change: 2 });
    const stale = await asks('POST', '/cameras', { fence: 1, since, cameras: { hall: null } });
    expect([stale.status, stale.body.code]).toEqual([409, 'STALE']);
    expect(parent.status().cameras).toBe(2);
    const all = await asks('POST', '/cameras', { fence: 1, since: null, cameras: { gate: camera(1) } });
    expect([all.status, parent.status().cameras]).toEqual([200, 1]);
  });

  it('refuses an older fence in words, and takes none from a camlease that is alone', async () => {
    const { parent, ask: asks } = await start();
    await asks('POST', '/cameras', { fence: 7, since: null, cameras: { gate: camera(1) } });
    const older = await asks('POST', '/cameras', { fence: 6, since: null, cameras: {} });
    expect([older.status, older.body.code, parent.status().cameras]).toEqual([409, 'RELAY_FENCED', 1]);
    await asks('POST', '/cameras', { fence: null, since: null, cameras: { gate: camera(1) } });
    expect(parent.status()).toMatchObject({ fence: 0, cameras: 1 });
  });

  it.each([
    ['no JSON', 'POST', '/cameras', Buffer.from('{"rtmp://secret.example.org')],
    ['a list', 'POST', '/cameras', []],
    ['an odd id', 'POST', '/cameras', { fence: 0, since: null, cameras: { 'gate?x': camera(1) } }],
    [
      'an odd camera',
      'POST',
      '/cameras',
      { fence: 0, since: null, cameras: { gate: { target: 'rtmp://secret.example.org' } } },
    ],
    ['a route that is not there', 'GET', '/nothing', undefined],
    ['a slate that is none', 'PUT', '/slates/gate', Buffer.from('not units')],
    ['a slate of an odd name', 'PUT', '/slates/%2e%2e%2fgate%zz', Buffer.alloc(3)],
    ['a stop that does not say how', 'POST', '/stop', {}],
  ])('refuses %s in words and goes on', async (_what, method, path, body) => {
    const { parent, ask: asks } = await start();
    const answer = await asks(method, path, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(JSON.stringify(answer.body)).not.toContain('secret.example');
    expect(parent.status().cameras).toBe(0);
    expect((await asks('GET', '/status')).status).toBe(200);
  });

  it('reads no more than it is to, and nothing without the secret', async () => {
    const { ask: asks } = await start();
    const { status } = await asks('PUT', '/slates/gate', packUnits([Buffer.alloc(5_000_000)]));
    expect(status).toBe(413);
    const refused = await asks('POST', '/cameras', Buffer.alloc(60_000_000, 0x20), 'wrong').catch(() => ({
      status: 401,
    }));
    expect(refused.status).toBe(401);
  });

  it('survives garbage on both ports', async () => {
    const { parent, control, ask: asks } = await start();
    const noise = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7_919) % 251));
    for (const port of [parent.port, control.port]) {
      await say(port, noise);
      await say(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await say(port, '\r\n\r\n\r\n');
      await say(port, 'DESCRIBE rtsp://x/%zz RTSP/1.0\r\nCSeq: 1\r\n\r\n');
      await say(port, '');
    }
    const reader = new RtspReader(parent.port);
    onTestFinished(() => void reader.socket.destroy());
    expect(await reader.ask('OPTIONS', 'rtsp://x/gate')).toContain('RTSP/1.0 200 OK');
    expect(await reader.ask('DESCRIBE', 'rtsp://x/gate')).toContain('401 Unauthorized');
    expect(parent.status().workers).toMatchObject([{ isReady: true }]);
    expect((await asks('GET', '/status')).body['problem']).toBeNull();
  });
});
