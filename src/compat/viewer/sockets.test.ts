import { once } from 'node:events';
import { WebSocket, type RawData } from 'ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aUrlCamera } from '../../../test/support/builders.js';
import { fakeMachine } from '../../../test/support/compat/fakeMachine.js';
import { Happenings } from '../../../test/support/happenings.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { send } from '../../../test/support/http/httpClient.js';
import { CameraError } from '../../core/errors.js';
import type { MediaListener, MediaProcess } from '../../media/process/mediaProcess.js';
import { createCompat } from '../compat.js';
import { viewerApp } from './app.js';

const OWN = '11111111-1111-4111-8111-111111111111';
const status = (phase: string) => ({ type: 'status', phase });
const STARTED = [status('connecting'), status('playing'), { type: 'video_start' }];
const SILENT = new CameraError('STREAM_NO_PICTURE', 'retry', 'No picture came.', { cure: 'Wait.' });

interface Client {
  readonly socket: WebSocket;
  /** Texts as objects, binary messages as buffers. */
  readonly got: unknown[];
  closed: number | null;
  until(isSo: () => boolean): Promise<void>;
  send(message: unknown): void;
  close(): Promise<void>;
}

interface Rig {
  readonly house: FakeHouse;
  readonly port: number;
  /** Streams that are being made, and those that ended, by name. */
  readonly opened: string[];
  readonly closed: string[];
  readonly told: Happenings;
  readonly media: Required<Pick<MediaListener, 'mpeg1Piece' | 'mpeg1Ended' | 'lost'>>;
  open(query: string, options?: object): Client;
}

async function rigWith(mostViewerStreams = 2): Promise<Rig> {
  const house = fakeHouse({ allowedOrigins: ['http://localhost:3000'] });
  for (const [id, key] of [
    ['yard', OWN],
    ['park', 'p'],
    ['hall', 'h'],
  ] as const)
    house.stored.set(id, aUrlCamera({ id, feed: { name: 'viewer', key } }));
  const told = new Happenings();
  const opened: string[] = [];
  const closed: string[] = [];
  let listener: MediaListener = {};
  const media: Partial<MediaProcess> = {
    listen: (one) => void (listener = one),
    availability: () => ({ available: true, version: '8', problem: null }),
    openMpeg1: (name, url) => {
      opened.push(`${name} ${url}`);
      told.tell();
      return Promise.resolve();
    },
    closeMpeg1: (name) => {
      closed.push(name);
      told.tell();
      return Promise.resolve();
    },
  };
  const engine = { ...house.engine, readerUrl: (id: string) => `rtsp://relay/${id}` };
  const parts = { media: media as MediaProcess, dataDir: '/nowhere', openMachine: fakeMachine, mostViewerStreams };
  const ports = { sparka: [], mtx: [], viewer: [0] };
  const compat = createCompat({ ...house, engine, ...parts }, ports, '127.0.0.1', { viewer: viewerApp });
  onTestFinished(() => compat.close());
  const {
    viewer: [port = 0],
  } = await compat.listen();
  const open = (query: string, options = {}): Client => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/stream${query}`, options);
    onTestFinished(() => socket.terminate());
    const happenings = new Happenings();
    const client: Client = {
      ...{ socket, got: [], closed: null, until: (isSo) => happenings.until(isSo) },
      send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
      close: async () => {
        socket.close();
        await once(socket, 'close');
      },
    };
    socket.on('message', (data: RawData, isBinary) => {
      const bytes = data as Buffer;
      client.got.push(isBinary ? bytes : (JSON.parse(bytes.toString()) as unknown));
      happenings.tell();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      client.closed = code;
      happenings.tell();
    });
    return client;
  };
  return {
    ...{ house, port, opened, closed, told, open },
    media: {
      mpeg1Piece: (...piece) => listener.mpeg1Piece?.(...piece),
      mpeg1Ended: (...ended) => listener.mpeg1Ended?.(...ended),
      lost: () => listener.lost?.(),
    },
  };
}

/** A control connection that was greeted. */
async function control(rig: Rig, id = OWN): Promise<Client> {
  const client = rig.open(`?id=${id}`);
  await client.until(() => client.got.length === 1);
  expect(client.got.splice(0)).toEqual([status('connected')]);
  return client;
}

/** The same, playing; `name`: of the stream that is made. */
async function playing(rig: Rig, name = 'viewer-1', id = OWN): Promise<Client> {
  const client = await control(rig, id);
  client.send({ action: 'start' });
  await rig.told.until(() => rig.opened.some((one) => one.startsWith(name)));
  rig.media.mpeg1Piece(name, Buffer.from('key'), true);
  await client.until(() => client.got.length === 3);
  expect(client.got.splice(0)).toEqual(STARTED);
  return client;
}

describe('the control connection of the RTSP Stream Viewer', () => {
  it('says that it plays when pictures come, and not before', async () => {
    const rig = await rigWith();
    const client = await control(rig);
    client.send({ action: 'start' });
    await rig.told.until(() => rig.opened.length === 1);
    expect(rig.opened).toEqual(['viewer-1 rtsp://relay/yard']);
    client.send('x');
    await client.until(() => client.got.length === 2);
    expect(client.got.splice(0)).toMatchObject([status('connecting'), { type: 'error', code: 'INVALID_JSON' }]);
    rig.media.mpeg1Piece('viewer-1', Buffer.from('key'), true);
    await client.until(() => client.got.length === 2);
    expect(client.got.splice(0)).toEqual(STARTED.slice(1));
    client.send({ action: 'dance' });
    client.send('5');
    await client.until(() => client.got.length === 2);
    expect(client.got.splice(0)).toMatchObject([{ code: 'INVALID_ACTION' }, { code: 'INVALID_ACTION' }]);
    client.send({ action: 'reconnect' });
    await rig.told.until(() => rig.opened.length === 2);
    expect(rig.closed).toEqual(['viewer-1']);
    rig.media.mpeg1Piece('viewer-2', Buffer.from('key'), true);
    await client.until(() => client.got.length === 4);
    expect(client.got.splice(0)).toEqual([status('stopped'), ...STARTED]);
    client.send({ action: 'stop' });
    await client.until(() => client.got.length === 1);
    expect(client.got).toEqual([status('stopped')]);
    expect(rig.closed).toEqual(['viewer-1', 'viewer-2']);
  });

  it('stops for its own viewer alone', async () => {
    const rig = await rigWith();
    const first = await playing(rig);
    const second = await control(rig);
    second.send({ action: 'start' });
    await second.until(() => second.got.length === 3);
    expect(second.got.splice(0)).toEqual(STARTED);
    expect(rig.opened).toHaveLength(1);
    first.send({ action: 'stop' });
    await first.until(() => first.got.length === 1);
    expect(rig.closed).toEqual([]);
    await first.close();
    await second.close();
    await rig.told.until(() => rig.closed.length === 1);
  });

  it.each([
    ['no picture in time', 'TIMEOUT', null, SILENT],
    ['a refused login', 'AUTH', 'login', SILENT],
    ['a path that the camera does not have', 'NOT_FOUND', 'not-found', SILENT],
    [
      'a process that died',
      'FFMPEG_EXIT',
      null,
      new CameraError('MEDIA_PROCESS_LOST', 'retry', 'It died.', { cure: '' }),
    ],
    ['a fault inside', 'INTERNAL_ERROR', null, new Error('secret')],
  ] as const)('tells %s in the codes of the old document', async (_what, code, reason, error) => {
    const rig = await rigWith();
    rig.house.outages.lastSeen = () =>
      reason === null ? null : { flow: 'stopped', viewers: 0, at: new Date(0), bytesMovedAt: null, reason };
    const client = await playing(rig);
    rig.media.mpeg1Ended('viewer-1', error);
    await client.until(() => client.got.length === 1);
    expect(client.got).toEqual([{ type: 'error', code, message: expect.not.stringContaining('secret') as unknown }]);
    client.got.splice(0);
    client.send({ action: 'start' });
    await rig.told.until(() => rig.opened.length === 2);
  });

  it('waits for a camera that the relay does not know yet, and not for ever', async () => {
    const rig = await rigWith();
    const refused = new CameraError('STREAM_REFUSED', 'retry', 'The relay refused.', { cure: 'Wait.' });
    const client = await control(rig);
    client.send({ action: 'start' });
    await rig.told.until(() => rig.opened.length === 1);
    rig.media.mpeg1Ended('viewer-1', refused);
    await rig.house.clock.advance(500);
    expect(rig.opened).toHaveLength(2);
    rig.media.mpeg1Piece('viewer-2', Buffer.from('key'), true);
    await client.until(() => client.got.length === 3);
    expect(client.got.splice(0)).toEqual(STARTED);
    rig.media.mpeg1Ended('viewer-2', refused);
    await client.until(() => client.got.length === 1);
    client.send({ action: 'start' });
    await rig.told.until(() => rig.opened.length === 3);
    await rig.house.clock.advance(8_000);
    rig.media.mpeg1Ended('viewer-3', refused);
    await client.until(() => client.got.length === 3);
    expect(client.got).toMatchObject([{ code: 'FFMPEG_EXIT' }, status('connecting'), { code: 'START_FAILED' }]);
  });

  it('gives up a camera that shows nothing', async () => {
    const rig = await rigWith();
    const client = await control(rig);
    client.send({ action: 'start' });
    await rig.told.until(() => rig.opened.length === 1);
    await rig.house.clock.advance(15_000);
    await client.until(() => client.got.length === 2);
    expect(client.got).toMatchObject([status('connecting'), { type: 'error', code: 'TIMEOUT' }]);
    expect(rig.closed).toEqual(['viewer-1']);
  });

  it('takes no more cameras than MAX_CONCURRENT_STREAMS, and says so', async () => {
    const rig = await rigWith(1);
    await playing(rig);
    const client = await control(rig, 'p');
    client.send({ action: 'start' });
    await client.until(() => client.got.length === 2);
    expect(client.got[1]).toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('MAX_CONCURRENT_STREAMS') as unknown,
    });
    const video = rig.open('?id=h&video_only=true');
    await video.until(() => video.closed !== null);
    expect(video.closed).toBe(1013);
  });

  it('ends with its stream', async () => {
    const rig = await rigWith();
    const client = await playing(rig);
    const video = rig.open(`?id=${OWN}&video_only=true`);
    await video.until(() => video.got.length === 1);
    expect((await send(rig.port, 'DELETE', `/api/streams/${OWN}/`)).status).toBe(204);
    await client.until(() => client.closed !== null);
    await video.until(() => video.closed !== null);
    expect([client.got, client.closed, video.closed]).toEqual([[status('ended')], 1000, 1000]);
    expect(rig.closed).toEqual(['viewer-1']);
  });
});

describe('the video of the RTSP Stream Viewer', () => {
  it('is made once for all players, begins with a key frame for each, and ends with the last', async () => {
    const rig = await rigWith();
    const first = rig.open(`?id=${OWN}&video_only=true&client_id=client_1_abc`);
    await rig.told.until(() => rig.opened.length === 1);
    for (const [text, isKey] of [
      ['K1', true],
      ['p1', false],
    ] as const)
      rig.media.mpeg1Piece('viewer-1', Buffer.from(text), isKey);
    const second = rig.open(`/?id=${OWN}&video_only=true`);
    await second.until(() => second.got.length === 1);
    rig.media.mpeg1Piece('viewer-1', Buffer.from('p2'), false);
    await second.until(() => second.got.length === 2);
    await first.until(() => first.got.length === 3);
    expect(first.got.map(String)).toEqual(['K1', 'p1', 'p2']);
    expect(second.got.map(String)).toEqual(['K1p1', 'p2']);
    first.send('x');
    await first.close();
    expect(rig.closed).toEqual([]);
    await second.close();
    await rig.told.until(() => rig.closed.length === 1);
    expect(rig.opened).toHaveLength(1);
  });

  it('is missed by a player that takes nothing, which is cut in the end, while the others get each picture', async () => {
    const rig = await rigWith();
    const slow = rig.open(`?id=${OWN}&video_only=true`);
    const fast = rig.open(`?id=${OWN}&video_only=true`);
    for (const { socket } of [slow, fast]) if (socket.readyState !== socket.OPEN) await once(socket, 'open');
    await rig.told.until(() => rig.opened.length === 1);
    slow.socket.pause();
    const push = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        const before = fast.got.length;
        rig.media.mpeg1Piece('viewer-1', Buffer.alloc(512 * 1_024), at % 10 === 0);
        await fast.until(() => fast.got.length > before);
      }
    };
    await push(60);
    await rig.house.clock.advance(15_001);
    await push(1);
    slow.socket.resume();
    await slow.until(() => slow.closed !== null);
    expect(slow.closed).toBe(1006);
    expect(slow.got.length).toBeLessThan(60);
    expect(fast.got).toHaveLength(61);
  });

  it('is closed for its players when the process that makes it dies, and begins anew', async () => {
    const rig = await rigWith();
    const player = rig.open(`?id=${OWN}&video_only=true`);
    await rig.told.until(() => rig.opened.length === 1);
    rig.media.lost();
    await player.until(() => player.closed !== null);
    expect(player.closed).toBe(1011);
    rig.open(`?id=${OWN}&video_only=true`);
    await rig.told.until(() => rig.opened.length === 2);
  });
});

describe('a WebSocket of the RTSP Stream Viewer that asks for too much', () => {
  it.each([
    ['an unknown id', '?id=22222222-2222-4222-8222-222222222222', 4004],
    ['the video of an unknown id', '?id=none&video_only=true', 4004],
    ['an id with an equals sign', `?id=${OWN}=x`, 4004],
    ['no id', '', 4000],
    ['any address', `?url=rtsp://10.0.0.9/a=b=c&id=${OWN}`, 4000],
  ])('is closed after the handshake: %s', async (_what, query, code) => {
    const rig = await rigWith();
    const client = rig.open(query);
    await client.until(() => client.closed !== null);
    expect(client.closed).toBe(code);
    expect(rig.opened).toEqual([]);
    expect(client.got).toMatchObject(
      query.startsWith('?id') && !query.includes('video') ? [{ code: 'NOT_FOUND' }] : [],
    );
  });

  it('is closed for a message of 1 MB, and for a flood of them', async () => {
    const rig = await rigWith();
    const large = await control(rig);
    large.send('x'.repeat(1_000_000));
    await large.until(() => large.closed !== null);
    expect(large.closed).toBe(1009);
    const many = await control(rig);
    for (let at = 0; at <= 200; at++) many.send({ action: 'stop' });
    await many.until(() => many.closed !== null);
    expect(many.closed).toBe(1008);
  });

  it('is refused to pages of other sites, foreign names and other paths', async () => {
    const rig = await rigWith();
    const refused: readonly (readonly [string, object, number])[] = [
      [`?id=${OWN}`, { headers: { origin: 'https://evil.test' } }, 403],
      [`?id=${OWN}`, { headers: { origin: 'http://localhost:5173' } }, 403],
      [`?id=${OWN}`, { headers: { host: 'evil.test' } }, 403],
      [`/other?id=${OWN}`, {}, 404],
    ];
    for (const [query, options, code] of refused) {
      const { socket } = rig.open(query, options);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      expect([query, response.statusCode]).toEqual([query, code]);
    }
    const allowed = rig.open(`?id=${OWN}`, { headers: { origin: 'http://localhost:3000' } });
    await allowed.until(() => allowed.got.length === 1);
  });

  it('is turned away when too many are open, and taken again later', async () => {
    const rig = await rigWith();
    const clients = Array.from({ length: 300 }, () => rig.open(`?id=${OWN}`));
    for (const client of clients) await client.until(() => client.got.length === 1);
    const { socket } = rig.open(`?id=${OWN}`);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(503);
    await clients[0]?.close();
    const late = rig.open(`?id=${OWN}`);
    await late.until(() => late.got.length === 1);
  });

  it('is cut when it answers no ping', async () => {
    const rig = await rigWith();
    const client = rig.open(`?id=${OWN}`, { autoPong: false });
    await client.until(() => client.got.length === 1);
    await rig.house.clock.advance(30_000);
    await rig.house.clock.advance(30_000);
    await client.until(() => client.closed !== null);
    expect(client.closed).toBe(1006);
  });
});
