import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { KEY, onChannel, rtp, type Manner } from '../../../test/support/rtsp/oddCamera.js';
import { plays, pullOdd, type PulledCamera } from '../../../test/support/rtsp/rtspPulling.js';
import { KeepAlive } from './keepAlive.js';

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};
/** How many pictures `flow` has sent. */
const sent = new WeakMap<PulledCamera, number>();
/** Lets time pass while a key frame comes each second. */
async function flow(clock: TurnedClock, pulled: PulledCamera, seconds: number): Promise<void> {
  for (let at = 0; at < seconds; at++) {
    const before = pulled.told.length;
    const number = 1 + (sent.get(pulled) ?? 0);
    sent.set(pulled, number);
    pulled.camera.send(onChannel(0, rtp(3 + number, (1 + number) * 90_000, KEY)));
    await pulled.until(() => pulled.told.length > before || pulled.end() !== null);
    await clock.advance(1_000);
    await settled();
  }
}
const session =
  (text: string): Manner =>
  ({ headers }, usual) => ({ ...usual, headers: [`Session: ${text}`, `Transport: ${headers.get('transport') ?? ''}`] });
const asks = ({ camera }: PulledCamera, method: string): number =>
  camera.methods().filter((one) => one === method).length;

describe('an answer that is no success', () => {
  it.each([
    ['DESCRIBE', 404, 'not-found'],
    ['DESCRIBE', 503, 'too-many'],
    ['SETUP', 453, 'too-many'],
    ['PLAY', 453, 'too-many'],
    ['PLAY', 503, 'too-many'],
    ['SETUP', 404, 'not-found'],
    ['DESCRIBE', 400, 'refused'],
    ['DESCRIBE', 403, 'refused'],
    ['PLAY', 454, 'refused'],
    ['DESCRIBE', 301, 'refused'],
    ['DESCRIBE', 302, 'refused'],
  ])('to %s, %s, is told', async (method, status, why) => {
    const line = 'Location: rtsp://127.0.0.1:1/other';
    const pulled = await pullOdd({ manners: { [method]: () => ({ status, headers: [line] }) } });
    expect(await pulled.ended).toMatchObject({ why, code: `RTSP_${status}` });
    expect(pulled.camera.connections).toBe(1);
  });

  it.each([404, 405, 451, 501])('to OPTIONS (%s) does not matter', async (status) => {
    await plays(await pullOdd({ manners: { OPTIONS: () => ({ status, headers: [] }) } }));
  });

  it('with odd lines is read', async () => {
    const odd =
      (text: string): Manner =>
      ({ headers }) =>
        `RTSP/1.0 200 OK\nCSeq:${headers.get('cseq') ?? ''}\n${text}\n\n`;
    await plays(
      await pullOdd({ manners: { OPTIONS: odd('public : OPTIONS'), SETUP: odd('session:1 ; timeout = 9') } }),
    );
  });

  it('of another number belongs to the request all the same', async () => {
    const manner: Manner = (_request, usual) => ({ ...usual, headers: ['CSeq: 7777', ...usual.headers] });
    await plays(await pullOdd({ manners: { DESCRIBE: manner, SETUP: manner } }));
  });
});

describe('what is no RTSP', () => {
  it.each([
    ['a web page', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a greeting', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['bytes', Buffer.from([0x16, 3, 1, 0, 0])],
  ])('is told as such: %s', async (_name, answer) => {
    const pulled = await pullOdd({ manners: { '*': () => answer } });
    expect(await pulled.ended).toMatchObject({ why: 'not-a-stream' });
  });

  it('is told when its head has no end', async () => {
    const pulled = await pullOdd({ manners: { '*': () => `RTSP/1.0 200 OK\r\nX: ${'x'.repeat(50_000)}` } });
    expect(await pulled.ended).toMatchObject({ why: 'not-a-stream' });
  });
});

describe('a session', () => {
  it.each<[string, Manner | undefined, string]>([
    ['that names GET_PARAMETER, by it', undefined, 'GET_PARAMETER'],
    ['that does not, by OPTIONS', (_r, usual) => ({ ...usual, headers: ['Public: OPTIONS, PLAY'] }), 'OPTIONS'],
  ])('%s is kept alive at half of its time-out', async (_name, options, method) => {
    const clock = new TurnedClock();
    const pulled = await pullOdd({ clock, manners: { OPTIONS: options, SETUP: session('1;timeout=16') } });
    await plays(pulled);
    const before = asks(pulled, method);
    await flow(clock, pulled, 7);
    expect(asks(pulled, method)).toBe(before);
    await flow(clock, pulled, 10);
    expect(asks(pulled, method)).toBe(before + 2);
    expect(asks(pulled, 'SET_PARAMETER')).toBe(0);
    // A report beside it, for cameras that count those.
    expect(pulled.camera.received.map(({ channel }) => channel)).toEqual([1, 1]);
  });

  it.each<[string, Manner]>([
    ['refuses it', () => ({ status: 405, headers: [] })],
    ['does not answer it', () => null],
    ['answers with another number', (_r, usual) => ({ ...usual, headers: ['CSeq: 1'] })],
  ])('goes on where the camera %s', async (_name, manner) => {
    const clock = new TurnedClock();
    const pulled = await pullOdd({ clock, manners: { GET_PARAMETER: manner, SETUP: session('1;timeout=8') } });
    await plays(pulled);
    await flow(clock, pulled, 30);
    expect(pulled.end()).toBeNull();
  });

  it('does not ask again what was never answered or was refused', async () => {
    const clock = new TurnedClock();
    const asked: string[] = [];
    const keep = new KeepAlive({
      ...{ clock, timeoutSeconds: 10, offered: 'GET_PARAMETER', report: () => undefined },
      ask: (method) => {
        asked.push(method);
        return method === 'OPTIONS' ? Promise.resolve(405) : new Promise(() => undefined);
      },
    });
    for (let at = 0; at < 10; at++) await clock.advance(5_000);
    expect(asked).toEqual(['GET_PARAMETER', 'OPTIONS']);
    keep.stop();
  });

  it.each([
    ['', 1],
    [';timeout=0', 1],
    [';timeout=1', 15],
    [';timeout=999999', 0],
  ])('with the time-out %j is kept alive so often in 31 s: %s', async (text, times) => {
    const clock = new TurnedClock();
    const pulled = await pullOdd({ clock, manners: { SETUP: session(`1${text}`) } });
    await plays(pulled);
    await flow(clock, pulled, 31);
    expect(asks(pulled, 'GET_PARAMETER')).toBe(times);
  });

  it('is ended at the camera before the connection is closed', async () => {
    const pulled = await pullOdd();
    await plays(pulled);
    pulled.pull.stop();
    await pulled.camera.until(() => pulled.camera.methods().includes('TEARDOWN'));
    expect(pulled.camera.requests.at(-1)?.headers.get('session')).toBe('12345');
    while (pulled.camera.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('is left after a second where the camera does not answer that', async () => {
    const clock = new TurnedClock();
    const pulled = await pullOdd({ clock, manners: { TEARDOWN: () => null } });
    await plays(pulled);
    pulled.pull.stop();
    await pulled.camera.until(() => pulled.camera.methods().includes('TEARDOWN'));
    await clock.advance(900);
    await settled();
    expect(pulled.camera.sockets.size).toBe(1);
    await clock.advance(200);
    while (pulled.camera.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('that is stopped half-way is ended, and plays no more', async () => {
    const pulled = await pullOdd({
      manners: {
        SETUP: (_request, usual) => {
          pulled.pull.stop();
          return usual;
        },
      },
    });
    while (pulled.camera.sockets.size > 0 || pulled.camera.connections === 0)
      await new Promise((resolve) => setImmediate(resolve));
    expect(pulled.camera.methods()).not.toContain('PLAY');
    expect(pulled.told).toEqual([]);
    expect(pulled.end()).toBeNull();
  });
});

describe('a camera', () => {
  it('that answers and sends nothing is given up after ten seconds', async () => {
    const clock = new TurnedClock();
    const pulled = await pullOdd({ clock, packets: [], manners: { SETUP: session('1;timeout=8') } });
    await pulled.camera.until(() => asks(pulled, 'PLAY') === 1);
    for (let at = 0; at < 11 && pulled.end() === null; at++) {
      await settled();
      await clock.advance(1_000);
    }
    expect(await pulled.ended).toMatchObject({ why: 'silence' });
    expect(asks(pulled, 'GET_PARAMETER')).toBeGreaterThan(0);
  });

  it('whose pictures stop is given up after ten seconds, whatever it reports', async () => {
    const clock = new TurnedClock();
    const pulled = await pullOdd({ clock });
    await plays(pulled);
    await flow(clock, pulled, 20);
    for (let at = 0; at < 11 && pulled.end() === null; at++) {
      pulled.camera.send(
        onChannel(1, Buffer.from('80c8000600000001000000000000000000000000000000000000000000', 'hex')),
      );
      await settled();
      await clock.advance(1_000);
    }
    expect(await pulled.ended).toMatchObject({ why: 'silence' });
    await pulled.camera.until(() => asks(pulled, 'TEARDOWN') === 1);
  });

  it('that shows a picture every eight seconds is given up after three of its steps', async () => {
    const clock = new TurnedClock();
    const pulled = await pullOdd({ clock });
    await plays(pulled);
    for (let at = 0; at < 6; at++) {
      await flow(clock, pulled, 1);
      for (let second = 0; second < 7; second++) {
        await clock.advance(1_000);
        await settled();
      }
    }
    await clock.advance(14_000);
    expect(pulled.end()).toBeNull();
    await clock.advance(4_000);
    expect(await pulled.ended).toMatchObject({ why: 'silence' });
  });

  it.each(['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY'])(
    'that does not answer %s is given up after ten seconds',
    async (method) => {
      const clock = new TurnedClock();
      const pulled = await pullOdd({ clock, manners: { [method]: () => null } });
      await pulled.camera.until(() => asks(pulled, method) === 1);
      await settled();
      await clock.advance(10_000);
      const why = method === 'OPTIONS' ? 'connection' : 'silence';
      expect(await pulled.ended).toMatchObject({ why });
    },
  );

  it('that closes the connection has ended the stream once it played', async () => {
    const playing = await pullOdd();
    await plays(playing);
    for (const socket of playing.camera.sockets) socket.end();
    expect(await playing.ended).toMatchObject({ why: 'ended', code: 'CLOSED' });
    const early = await pullOdd({
      manners: { DESCRIBE: (_r, usual) => ({ ...usual, closes: true }), SETUP: () => null },
    });
    expect(await early.ended).toMatchObject({ why: 'connection', code: 'CLOSED' });
    const gone = await pullOdd();
    await gone.camera.stop();
    expect(await gone.ended).toMatchObject({ why: 'connection' });
  });

  it('that ends the session itself has ended the stream, and gets its questions answered', async () => {
    const pulled = await pullOdd();
    await plays(pulled);
    pulled.camera.send(
      Buffer.from('OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 4\r\n\r\nTEARDOWN rtsp://x RTSP/1.0\r\nCSeq: 5\r\n\r\n'),
    );
    expect(await pulled.ended).toMatchObject({ why: 'ended', code: 'TEARDOWN' });
  });

  it('that asks and never reads the answers is ended', async () => {
    const pulled = await pullOdd();
    await plays(pulled);
    const questions = Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(20_000));
    for (const socket of pulled.camera.sockets) socket.pause();
    for (let asked = 0; asked < 100_000_000 && pulled.end() === null; asked += questions.length) {
      pulled.camera.send(questions);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(pulled.end()).toMatchObject({ why: 'protocol' });
  });
});
