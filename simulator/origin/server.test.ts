import { createRequire } from 'node:module';
import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import { RtmpClient } from '../../test/support/relay/rtmpClient.js';
import { systemClock } from '../../src/systemClock.js';
import { TurnedClock } from '../clock/turnedClock.js';
import { startOrigin } from './server.js';
import type { Origin, OriginOptions, StreamVerdict } from './types.js';

const APP = 'v3/openlive';
const NAME = 'SERIAL_1_1?expire=1767600000&id=77&t=abc';
const CAMERA: StreamVerdict = { play: 'camera', cameraName: 'Gate', clipKey: 'SIM01' };

const origins: Origin[] = [];
const clients: RtmpClient[] = [];
afterEach(async () => {
  clients.splice(0).forEach((client) => client.close());
  await Promise.all(origins.splice(0).map((origin) => origin.stop()));
});

async function anOrigin(verdict: StreamVerdict, options: Partial<OriginOptions> = {}): Promise<Origin> {
  const origin = await startOrigin({ clock: systemClock, lookup: () => verdict, ...options });
  origins.push(origin);
  return origin;
}

async function aClient(origin: Origin, app = APP, streamName = NAME): Promise<RtmpClient> {
  const client = await RtmpClient.connect(origin.port);
  clients.push(client);
  client.play(app, streamName);
  return client;
}

const untilClosed = (client: RtmpClient): Promise<void> => client.until(() => client.isClosed);
const untilStarted = (client: RtmpClient): Promise<void> =>
  client.until(() => client.statuses.includes('NetStream.Play.Start'));

describe('what is refused', () => {
  test('the lookup gets app and stream name exactly as they came, and its refusal ends the connection', async () => {
    const asked: string[][] = [];
    const opened: string[] = [];
    const lookup = (...names: string[]): StreamVerdict => {
      asked.push(names);
      return { play: 'refuse', cameraName: '', clipKey: '', reason: '4058 expired' };
    };
    const client = await aClient(await anOrigin(CAMERA, { lookup, onOpen: (name) => opened.push(name) }));
    await untilClosed(client);
    expect(asked).toEqual([[APP, NAME]]);
    expect(client.statuses).toEqual(['NetStream.Play.StreamNotFound']);
    expect(opened).toEqual([]);
  });

  test('an empty stream name is refused even if the app holds everything', async () => {
    const origin = await anOrigin(CAMERA);
    const client = await aClient(origin, `${APP}/${NAME}`, '');
    await untilClosed(client);
    expect(client.statuses).toEqual(['NetStream.Play.StreamNotFound']);
    expect(origin.pulls()).toBe(0);
  });

  test('publishing is refused', async () => {
    const client = await RtmpClient.connect((await anOrigin(CAMERA)).port);
    clients.push(client);
    client.command(0, 'connect', 1, { app: APP });
    client.command(1, 'publish', 0, null, NAME, 'live');
    await untilClosed(client);
    expect(client.statuses).toEqual(['NetStream.Publish.Denied']);
  });

  test.each([
    ['a play before connect', (client: RtmpClient) => client.command(1, 'play', 0, null, NAME)],
    ['bytes that are no chunks', (client: RtmpClient) => client.send(Buffer.alloc(64, 0xff))],
    [
      'a command that is no AMF0',
      (client: RtmpClient) => client.send(Buffer.from([3, 0, 0, 0, 0, 0, 1, 20, 0, 0, 0, 0, 99])),
    ],
  ])('%s ends the connection', async (_, send) => {
    const client = await RtmpClient.connect((await anOrigin(CAMERA)).port);
    clients.push(client);
    send(client);
    await untilClosed(client);
    expect(client.statuses).toEqual([]);
  });

  test('who connects and says nothing is dropped after a while', async () => {
    const clock = new TurnedClock();
    const client = await RtmpClient.connect((await anOrigin(CAMERA, { clock })).port);
    await clock.advance(15_000);
    await untilClosed(client);
  });
});

const hasNodeAv = canLoad('node-av/lib');
if (!hasNodeAv) process.stderr.write('node-av is not installed: the tests of played pictures are left out\n');

describe.skipIf(!hasNodeAv)('what is played', () => {
  test('a camera starts at once with a key frame, and time stamps never go back', async () => {
    const events: string[] = [];
    const hooks = {
      onOpen: (name: string) => events.push(`open ${name}`),
      onClose: (name: string) => events.push(`close ${name}`),
    };
    const origin = await anOrigin(CAMERA, hooks);
    const client = await aClient(origin);
    await client.untilFrames(40);
    expect(client.metadata).toEqual({ width: 640, height: 360, framerate: 15, videocodecid: 7 });
    expect(client.videos.slice(0, 2).map(({ isHeader, isKey }) => [isHeader, isKey])).toEqual([
      [true, true],
      [false, true],
    ]);
    const times = client.videos.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(origin.pulls()).toBe(1);
    client.command(1, 'deleteStream', 0, null, 1);
    client.command(1, 'play', 0, null, 'another');
    await client.until(() => client.statuses.length === 2);
    expect(events).toEqual([`open ${NAME}`, `close ${NAME}`, 'open another']);
    await origin.stop();
    await untilClosed(client);
    expect(events.at(-1)).toBe('close another');
    expect(origin.pulls()).toBe(0);
  });

  test('the error clip is a still picture of 512x288 at 5 frames per second', async () => {
    const client = await aClient(await anOrigin({ ...CAMERA, play: 'error-clip' }));
    await client.untilFrames(13);
    expect(client.metadata).toEqual({ width: 512, height: 288, framerate: 5, videocodecid: 7 });
    const frames = client.videos.filter(({ isHeader }) => !isHeader);
    expect((frames[1]?.timestamp ?? 0) - (frames[0]?.timestamp ?? 0)).toBe(200);
    // The picture does not change from frame to frame, so the frames are almost empty.
    expect(Math.max(...frames.filter(({ isKey }) => !isKey).map(({ body }) => body.length))).toBeLessThan(50);
  });

  test('a play of nothing starts and stays empty', async () => {
    const lookup = (_: string, name: string): StreamVerdict => ({
      ...CAMERA,
      play: name === 'empty' ? 'nothing' : 'camera',
    });
    const origin = await anOrigin(CAMERA, { lookup });
    const [empty, full] = await Promise.all([aClient(origin, APP, 'empty'), aClient(origin)]);
    await Promise.all([untilStarted(empty), full.untilFrames(30)]);
    expect(empty.videos).toEqual([]);
    expect(origin.pulls()).toBe(2);
  });

  test.each(['camera', 'nothing'] as const)('a play of %s is cut at its moment, not before', async (play) => {
    const clock = new TurnedClock();
    const cutAt = new Date(clock.now().getTime() + 90_000);
    const closed: string[] = [];
    const onClose = (name: string): unknown => closed.push(name);
    const client = await aClient(
      await anOrigin({ ...CAMERA, play, cutAt }, { clock, mediaClock: systemClock, onClose }),
    );
    await untilStarted(client);
    await clock.advance(89_999);
    expect(closed).toEqual([]);
    await clock.advance(1);
    await untilClosed(client);
    expect(closed).toEqual([NAME]);
  });

  test('a play is cut when the wall clock is put over its moment', async () => {
    const clock = new TurnedClock();
    const cutAt = new Date(clock.now().getTime() + 90_000);
    const client = await aClient(await anOrigin({ ...CAMERA, cutAt }, { clock, mediaClock: systemClock }));
    await untilStarted(client);
    clock.jumpWallClock(3_600_000);
    await untilClosed(client);
  });

  test('a session ends at its limit', async () => {
    const clock = new TurnedClock();
    const client = await aClient(
      await anOrigin({ ...CAMERA, sessionLimitMs: 60_000 }, { clock, mediaClock: systemClock }),
    );
    await untilStarted(client);
    await clock.advance(60_000);
    await untilClosed(client);
  });

  test('connections can be cut by stream name', async () => {
    const origin = await anOrigin(CAMERA);
    const [one, other] = await Promise.all([aClient(origin, APP, 'one'), aClient(origin, APP, 'other')]);
    await Promise.all([untilStarted(one), untilStarted(other)]);
    expect(origin.cut((name) => name === 'one')).toBe(1);
    await untilClosed(one);
    await other.untilFrames(other.videos.length + 5);
    expect(other.isClosed).toBe(false);
  });

  test('300 plays at once all get their pictures', async () => {
    const origin = await anOrigin(CAMERA);
    const many = await Promise.all(Array.from({ length: 300 }, (_, i) => aClient(origin, APP, `camera${i}`)));
    await Promise.all(many.map((client) => client.untilFrames(30)));
    expect(many.filter((client) => client.isClosed)).toEqual([]);
    expect(origin.pulls()).toBe(300);
  });
});

test('a picture that cannot be made fails the play and tells why', async () => {
  const problems: string[] = [];
  const options = { keyFrameSeconds: 7, onProblem: (sentence: string) => problems.push(sentence) };
  const client = await aClient(await anOrigin(CAMERA, options));
  await untilClosed(client);
  expect(client.statuses).toEqual(['NetStream.Play.Failed']);
  expect(problems).toEqual([expect.stringContaining('does not fit')]);
});

test('a taken port is said', async () => {
  const origin = await anOrigin(CAMERA);
  await expect(anOrigin(CAMERA, { port: origin.port })).rejects.toThrow('EADDRINUSE');
});

function canLoad(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
