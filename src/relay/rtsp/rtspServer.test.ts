import { once } from 'node:events';
import { createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { RtspReader } from '../../../test/support/relay/rtspReader.js';
import type { PullReason } from '../../core/streams/relay.js';
import { RtspServer } from './rtspServer.js';
import type { DescribedTracks } from './sdp.js';
import type { VisitedStream, StreamFrame } from './served.js';

const TRACKS: DescribedTracks = {
  picture: {
    codec: 'h264',
    parameterSets: [Buffer.from('6742c01e', 'hex'), Buffer.from('68ce3c', 'hex')],
    lengthBytes: 4,
  },
  sound: { codec: 'pcma', sampleRate: 8_000, channels: 1, config: null },
};
const SECRET = 'se:cret';
const LOGIN = `Authorization: Basic ${Buffer.from(`mtx:${SECRET}`).toString('base64')}`;

/** A stream that a test feeds by hand. */
class HandStream implements VisitedStream {
  tracks: Promise<DescribedTracks | null> = Promise.resolve(TRACKS);
  why: PullReason | null = null;
  readonly visits = new Set<{ onFrame: ((frame: StreamFrame) => void) | null; onEnd: () => void }>();

  visit(onEnd: () => void): ReturnType<VisitedStream['visit']> {
    const visit: { onFrame: ((frame: StreamFrame) => void) | null; onEnd: () => void } = { onFrame: null, onEnd };
    this.visits.add(visit);
    return {
      tracks: () => this.tracks,
      whyNone: () => this.why,
      play: (onFrame) => (visit.onFrame = onFrame),
      leave: () => this.visits.delete(visit),
    };
  }

  send(frame: StreamFrame): void {
    for (const { onFrame } of this.visits) onFrame?.(frame);
  }

  end(): void {
    for (const { onEnd } of this.visits) onEnd();
  }
}

/** A connection whose other side takes nothing. */
class DeafSocket extends Duplex {
  setNoDelay(): void {
    // There is no real connection.
  }
  override _read(): void {
    // The test pushes what the other side sends.
  }
  override _write(): void {
    // The callback is never called, so the bytes never go out.
  }
}

interface Rig {
  readonly stream: HandStream;
  readonly clock: TurnedClock;
  readonly server: RtspServer;
  readonly url: string;
  readonly reader: () => RtspReader;
}

async function startRig(mostReaders?: number): Promise<Rig> {
  const listening = createServer();
  const stream = new HandStream();
  const clock = new TurnedClock();
  const find = (id: string): VisitedStream | null => (id === 'gate' ? stream : null);
  const server = new RtspServer({
    ...{ listening, secret: SECRET, find, clock, random: () => 0.5 },
    ...(mostReaders !== undefined && { mostReaders }),
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  onTestFinished(() => {
    server.stop();
    listening.close();
  });
  return { stream, clock, server, url: `rtsp://127.0.0.1:${port}/gate`, reader: () => new RtspReader(port) };
}

const setUp = (reader: RtspReader, url: string, track: number, transport: string): Promise<string> =>
  reader.ask('SETUP', `${url}/trackID=${track}`, LOGIN, `Transport: ${transport}`);

async function playing(rig: Rig, withSound = true): Promise<RtspReader> {
  const reader = rig.reader();
  await reader.ask('DESCRIBE', rig.url, LOGIN);
  await setUp(reader, rig.url, 0, 'RTP/AVP/TCP;unicast;interleaved=0-1');
  if (withSound) await setUp(reader, rig.url, 1, 'RTP/AVP/TCP;unicast;interleaved=2-3');
  expect(await reader.ask('PLAY', `${rig.url}/`, LOGIN)).toContain('200 OK');
  return reader;
}

const picture = (presentMs: number, isKey = true): StreamFrame => ({
  kind: 'picture',
  presentMs,
  isKey,
  units: [Buffer.from([isKey ? 0x65 : 0x41, 1])],
});
const sound = (timeMs: number): StreamFrame => ({ kind: 'sound', timeMs, data: Buffer.alloc(160, 0xd5) });

describe('the RTSP server', () => {
  it('describes, sets up and plays picture and sound on the channels asked for', async () => {
    const rig = await startRig();
    const reader = rig.reader();
    expect(await reader.ask('OPTIONS', rig.url)).toContain('Public: OPTIONS, DESCRIBE, SETUP');
    const described = await reader.ask('DESCRIBE', `${rig.url}?x=1`, LOGIN);
    expect(described).toContain(`Content-Base: ${rig.url}/\r\n`);
    expect(described).toContain('a=rtpmap:96 H264/90000');
    expect(await setUp(reader, rig.url, 0, 'RTP/AVP/TCP;unicast;interleaved=4-5')).toContain('interleaved=4-5;ssrc=');
    expect(await setUp(reader, rig.url, 1, 'RTP/AVP/TCP;unicast')).toContain('interleaved=0-1');
    expect(await reader.ask('PLAY', `${rig.url}/`, LOGIN)).toContain('Range: npt=now-');
    rig.stream.send(picture(0));
    rig.stream.send(sound(0));
    await reader.until(() => reader.packets.some(({ channel }) => channel === 0));
    expect(reader.packets.map(({ channel }) => channel).filter((channel) => channel % 2 === 0)).toEqual([4, 0]);
    expect(reader.packets[0]?.data.subarray(12).toString('hex')).toBe('6501');
    expect(rig.server.playing).toBe(1);
    expect(await reader.ask('TEARDOWN', `${rig.url}/`, LOGIN)).toContain('200 OK');
    await reader.until(() => reader.isClosed);
    expect(rig.stream.visits.size).toBe(0);
  });

  it('lets in nobody without the secret, and closes after three wrong ones', async () => {
    const { url, reader, stream } = await startRig();
    const one = reader();
    expect(await one.ask('DESCRIBE', url)).toContain('401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic');
    expect(await one.ask('DESCRIBE', url, 'Authorization: Basic bXR4OnNlOmNyZQ==')).toContain('401');
    expect(await one.ask('SETUP', url, 'Authorization: Digest x')).toContain('401');
    await one.until(() => one.isClosed);
    expect(stream.visits.size).toBe(0);
  });

  it('refuses UDP, unknown cameras and tracks, and what comes in the wrong order', async () => {
    const { url, reader } = await startRig();
    const one = reader();
    expect(await one.ask('DESCRIBE', `${url}x`, LOGIN)).toContain('404');
    expect(await one.ask('PLAY', url, LOGIN)).toContain('455');
    expect(await setUp(one, url, 0, 'RTP/AVP/TCP;unicast')).toContain('455');
    await one.ask('DESCRIBE', url, LOGIN);
    expect(await setUp(one, url, 0, 'RTP/AVP;unicast;client_port=4000-4001')).toContain('461 Unsupported Transport');
    expect(await setUp(one, `${url}y`, 0, 'RTP/AVP/TCP')).toContain('404');
    expect(await one.ask('PLAY', url, LOGIN)).toContain('455');
    expect(await setUp(one, url, 0, 'RTP/AVP;client_port=1-2, RTP/AVP/TCP;interleaved=300-301')).toContain('=0-1');
    expect(await setUp(one, url, 1, 'RTP/AVP/TCP;interleaved=1-2')).toContain('interleaved=2-3');
    expect(await one.ask('RECORD', url, LOGIN)).toContain('501');
    expect(await one.ask('GET_PARAMETER', url, LOGIN)).toContain('200 OK');
  });

  it.each([
    ['not-found', '404 Not Found'],
    ['refused', '403 Forbidden'],
    ['ended', '403 Forbidden'],
    ['connection', '403 Forbidden'],
    ['silence', '504 Gateway Time-out'],
    ['no-key-frame', '504 Gateway Time-out'],
    [null, '404 Not Found'],
  ] as const)('says of a pull that ended by %s that it is %s', async (why, status) => {
    const { url, reader, stream } = await startRig();
    stream.tracks = Promise.resolve(null);
    stream.why = why;
    expect(await reader().ask('DESCRIBE', url, LOGIN)).toContain(`RTSP/1.0 ${status}`);
    expect(stream.visits.size).toBe(0);
  });

  it('waits for a picture for ten seconds, then says that none came', async () => {
    const { url, reader, stream, clock } = await startRig();
    stream.tracks = new Promise(() => undefined);
    const one = reader();
    const answer = one.ask('DESCRIBE', url, LOGIN);
    while (stream.visits.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(9_999);
    expect(stream.visits.size).toBe(1);
    await clock.advance(1);
    expect(await answer).toContain('504 Gateway Time-out');
    expect(stream.visits.size).toBe(0);
  });

  it('lets go of a stream whose reader leaves while it waits', async () => {
    const { url, reader, stream } = await startRig();
    stream.tracks = new Promise(() => undefined);
    const one = reader();
    void one.ask('DESCRIBE', url, LOGIN);
    while (stream.visits.size === 0) await new Promise((resolve) => setImmediate(resolve));
    one.socket.destroy();
    while (stream.visits.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('sends a report of each track with its first packet and every five seconds, one clock for both', async () => {
    const rig = await startRig();
    const reader = await playing(rig);
    rig.stream.send(picture(1_000));
    rig.stream.send(sound(1_000));
    await rig.clock.advance(5_000);
    const reports = (channel: number): Buffer[] =>
      reader.packets.flatMap((packet) => (packet.channel === channel ? [packet.data] : []));
    await reader.until(() => reports(3).length === 3 && reports(1).length === 3);
    const [pictureReport, soundReport] = [reports(1).at(-1), reports(3).at(-1)];
    expect(pictureReport?.subarray(8, 16)).toEqual(soundReport?.subarray(8, 16));
    // Five seconds after the first packet, in ticks of each track's clock.
    const first = (channel: number): number =>
      reader.packets.find((one) => one.channel === channel)?.data.readUInt32BE(4) ?? 0;
    expect((pictureReport?.readUInt32BE(16) ?? 0) - first(0)).toBe(450_000);
    expect((soundReport?.readUInt32BE(16) ?? 0) - first(2)).toBe(40_000);
  });

  it('gives the first piece of sound the time that MediaMTX will give it', async () => {
    const rig = await startRig();
    const reader = await playing(rig);
    // Kept for this reader, and sent all at once.
    rig.stream.send(picture(0));
    rig.stream.send(sound(30));
    rig.stream.send(sound(50));
    await reader.until(() => reader.packets.filter(({ channel }) => channel === 2).length === 2);
    const [first, second] = reader.packets.flatMap(({ channel, data }) =>
      channel === 2 ? [data.readUInt32BE(4)] : [],
    );
    expect((second ?? 0) - (first ?? 0)).toBe(50 * 8);
  });

  it('ends who stays silent: soon before the play, after two minutes of it', async () => {
    const rig = await startRig();
    const idle = rig.reader();
    await idle.ask('OPTIONS', rig.url);
    const watching = await playing(rig, false);
    await rig.clock.advance(15_000);
    await idle.until(() => idle.isClosed);
    expect(watching.isClosed).toBe(false);
    await rig.clock.advance(100_000);
    await watching.ask('OPTIONS', rig.url);
    await rig.clock.advance(119_000);
    expect(watching.isClosed).toBe(false);
    await rig.clock.advance(1_000);
    await watching.until(() => watching.isClosed);
    expect(rig.stream.visits.size).toBe(0);
  });

  it('ends a reader whose stream ends, and one that talks another language', async () => {
    const rig = await startRig();
    const reader = await playing(rig);
    rig.stream.end();
    await reader.until(() => reader.isClosed);
    const web = rig.reader();
    web.socket.write('GET / HTTP/1.1\r\n\r\n');
    await web.until(() => web.isClosed);
    const flood = rig.reader();
    flood.socket.write(`OPTIONS ${rig.url} RTSP/1.0\r\nCSeq: 1\r\n\r\n`.repeat(40));
    await flood.until(() => flood.isClosed);
  });

  it('ends a stranger who asks on and on', async () => {
    const rig = await startRig();
    const talking = rig.reader();
    await talking.ask('OPTIONS', rig.url);
    await rig.clock.advance(14_000);
    await talking.ask('OPTIONS', rig.url);
    await rig.clock.advance(1_000);
    await talking.until(() => talking.isClosed);
  });

  it('ends a stranger who asks and does not take the answers', async () => {
    const listening = createServer();
    const server = new RtspServer({
      ...{ listening, secret: SECRET, find: () => null, clock: new TurnedClock(), random: () => 0.5 },
    });
    onTestFinished(() => server.stop());
    const deaf = new DeafSocket();
    listening.emit('connection', deaf);
    const questions = Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(16));
    for (let turn = 0; turn < 1_000 && !deaf.destroyed; turn++) {
      deaf.push(questions);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(deaf.destroyed).toBe(true);
    expect(deaf.writableLength).toBeLessThan(100_000);
  });

  it('counts what readers were too slow for, also of those that have gone', async () => {
    const rig = await startRig();
    const reader = await playing(rig, false);
    reader.socket.pause();
    const large: StreamFrame = { kind: 'picture', presentMs: 0, isKey: true, units: [Buffer.alloc(500_000, 0x65)] };
    for (let at = 0; rig.server.lost === 0 && at < 200; at++) {
      rig.stream.send(large);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { lost } = rig.server;
    expect(lost).toBeGreaterThan(300);
    reader.socket.destroy();
    while (rig.stream.visits.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(rig.server.lost).toBe(lost);
  });

  it('takes no more readers than it may', async () => {
    const rig = await startRig(1);
    const first = rig.reader();
    await first.ask('OPTIONS', rig.url);
    const second = rig.reader();
    await second.until(() => second.isClosed);
    expect(await first.ask('OPTIONS', rig.url)).toContain('200 OK');
  });
});
