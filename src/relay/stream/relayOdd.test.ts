import { once } from 'node:events';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../test/support/engine/mediamtx.js';
import { selfSigned } from '../../../test/support/http/selfSigned.js';
import {
  aStatus,
  oddRtmpServer,
  oneChunk,
  type OddAnswers,
  type OddServer,
} from '../../../test/support/relay/oddRtmpServer.js';
import { avc, delta, hex, HVCC, key, lengthed, setup, START, VIDEO } from '../../../test/support/relay/rtmpMedia.js';
import { told, Watcher } from '../../../test/support/relay/streamRig.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { systemClock } from '../../systemClock.js';
import { Caps } from '../pull/caps.js';
import { rtmpPuller } from '../pull/puller.js';
import type { RelayNews } from '../pull/relayNews.js';
import { dial } from '../worker/dial.js';
import { RelayStream } from './relayStream.js';

interface OddRig {
  readonly stream: RelayStream;
  readonly news: RelayNews[];
  readonly server: OddServer;
  readonly target: (revision: number) => PullTarget;
}

async function startRig(answers: OddAnswers): Promise<OddRig> {
  const server = await oddRtmpServer(answers);
  const news: RelayNews[] = [];
  const stream = new RelayStream({
    ...{ clock: systemClock, random: () => 0.5, caps: new Caps(), onNews: (one) => news.push(one) },
    pull: rtmpPuller({ dial, clock: systemClock, random: Math.random }),
  });
  onTestFinished(() => {
    stream.end();
    return server.stop();
  });
  return {
    ...{ stream, news, server },
    target: (revision) => ({
      ...{
        url: `rtmp://127.0.0.1:${server.port}/live/camera?id=${revision}`,
        givenBy: 'cloud',
        revision,
        endsAt: null,
      },
      tracks: { video: { codec: 'H264', width: 640, height: 360 }, audio: null },
    }),
  };
}

const of = (news: readonly RelayNews[], kind: RelayNews['kind']): RelayNews[] =>
  news.filter((one) => one.kind === kind);

describe('a candidate of a real server', () => {
  it('is connected to once, from its proof over its promotion', async () => {
    const rig = await startRig({ toPlay: [START, setup(), key(0)] });
    rig.stream.setCamera(told(rig.target(1), { candidate: rig.target(2) }));
    const watcher = new Watcher(rig.stream).play();
    await until(() => rig.stream.state === 'live');
    const proof = new Watcher(rig.stream.candidate(2) ?? rig.stream).play();
    await until(() => proof.frames.length > 0);
    proof.visit.leave();
    rig.stream.setCamera(told(rig.target(2)));
    await until(() => rig.server.sockets.size === 2);
    let time = 400;
    await until(() => {
      rig.server.send(key((time += 40)));
      return rig.stream.revision === 2 && rig.server.sockets.size === 1;
    });
    expect([rig.server.connections, watcher.isEnded]).toEqual([2, false]);
    expect(rig.server.asked.filter((one) => one.startsWith('play '))).toEqual(['play camera?id=1', 'play camera?id=2']);
  });
});

describe('why a camera shows nothing is told by name', () => {
  /** Why the first pull from a server with these answers ended. */
  const reasonOf = async (answers: OddAnswers, url?: (port: number) => string): Promise<string | null> => {
    const rig = await startRig(answers);
    rig.stream.setCamera(told({ ...rig.target(1), ...(url && { url: url(rig.server.port) }) }));
    new Watcher(rig.stream).play();
    await until(() => (rig.stream.seen()?.reason ?? null) !== null);
    return rig.stream.seen()?.reason ?? null;
  };

  it.each<[string, string, OddAnswers]>([
    ['not-found', 'does not find it', { toPlay: [aStatus('NetStream.Play.StreamNotFound')] }],
    ['refused', 'refuses', { toPlay: [aStatus('NetConnection.Connect.Rejected')] }],
    ['refused', 'fails', { toPlay: [aStatus('NetStream.Play.Failed')] }],
    ['ended', 'closes', { toPlay: [START], thenCloses: true }],
    ['connection', 'closes before it begins', { toPlay: [], thenCloses: true }],
    ['protocol', 'speaks something else', { toPlay: [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')] }],
    ['codec', 'sends VP6', { toPlay: [START, oneChunk(VIDEO, 0, hex('14 00 000000 aabb'))] }],
    ['codec', 'sends AV1', { toPlay: [START, oneChunk(VIDEO, 0, Buffer.from('\x90av01\x81', 'latin1'))] }],
  ])('%s: it %s', async (reason, _what, answers) => {
    expect(await reasonOf(answers)).toBe(reason);
  });

  it('protocol: its address is none that the relay pulls', async () => {
    expect(await reasonOf({ toPlay: [] }, (port) => `rtsp://127.0.0.1:${port}/live/camera`)).toBe('protocol');
  });

  it.each([
    ['signed by nobody who is known', selfSigned()],
    ['past its end', selfSigned(2021)],
  ])('certificate: it is %s', async (_what, certificate) => {
    const server = createServer(certificate).listen(0, '127.0.0.1');
    server.on('tlsClientError', () => undefined);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await reasonOf({ toPlay: [] }, () => `rtmps://127.0.0.1:${port}/live/camera`)).toBe('certificate');
  });
});

describe('a server that allows one stream', () => {
  it.each([
    ['refuses the second one', [aStatus('NetConnection.Connect.Rejected')]],
    ['does not find it', [aStatus('NetStream.Play.StreamNotFound')]],
    ['ends it at once', [START, aStatus('NetStream.Play.UnpublishNotify')]],
  ])('and %s: the old pull is closed for the new one, and the gap is bridged', async (_, toSecond) => {
    const rig = await startRig({ toPlay: [START, setup(), key(0), delta(40)], toSecond });
    rig.stream.setCamera(told(rig.target(1)));
    const watcher = new Watcher(rig.stream).play();
    await until(() => rig.stream.state === 'live');
    rig.stream.setCamera(told(rig.target(2)));
    await until(() => rig.stream.revision === 2);
    expect(of(rig.news, 'no-room')).toEqual([{ kind: 'no-room', revision: 2, closed: 1 }]);
    expect(of(rig.news, 'bridged')).toHaveLength(1);
    expect([watcher.isEnded, rig.server.sockets.size, rig.stream.seen()?.reason]).toEqual([false, 1, null]);
  });

  it('keeps the old pull where the second one fails otherwise', async () => {
    const rig = await startRig({ toPlay: [START, setup(), key(0)], toSecond: [Buffer.from('HTTP/1.1 400 \r\n\r\n')] });
    rig.stream.setCamera(told(rig.target(1)));
    const watcher = new Watcher(rig.stream).play();
    await until(() => rig.stream.state === 'live');
    rig.stream.setCamera(told(rig.target(2)));
    await until(() => of(rig.news, 'pull-over').length >= 4);
    expect([rig.stream.revision, of(rig.news, 'no-room'), watcher.isEnded]).toEqual([1, [], false]);
  });
});

describe('tracks of real servers', () => {
  it('in H.265 go on from one spelling to the other', async () => {
    const fourcc = (kind: string, ...rest: Buffer[]): Buffer =>
      oneChunk(VIDEO, 0, Buffer.concat([hex(kind), Buffer.from('hvc1'), ...rest]));
    const legacy = [oneChunk(VIDEO, 0, avc('1c', 0, 0, HVCC)), oneChunk(VIDEO, 0, avc('1c', 1, 0, lengthed('2601aa')))];
    const enhanced = [fourcc('90', HVCC), fourcc('93', lengthed('2601bb'))];
    const [one, two] = [
      await startRig({ toPlay: [START, ...legacy] }),
      await startRig({ toPlay: [START, ...enhanced] }),
    ];
    one.stream.setCamera(told(one.target(1)));
    const watcher = new Watcher(one.stream).play();
    await until(() => one.stream.state === 'live');
    one.stream.setCamera(told(two.target(2)));
    await until(() => two.server.sockets.size === 1);
    await until(() => {
      two.server.send(fourcc('93', lengthed('2601bb')));
      return one.stream.revision === 2;
    });
    expect([watcher.tracks?.picture?.codec, watcher.isEnded]).toEqual(['h265', false]);
    const last = watcher.frames.at(-1);
    expect(last?.kind === 'picture' ? last.units.map((unit) => unit.toString('hex')) : []).toEqual([
      '4001',
      '4201',
      '4401',
      '2601bb',
    ]);
  });

  it('of another size go on with their own parameter sets in band, and B-frames keep their order', async () => {
    const small = Buffer.from(hex('01 42c01e ff e1 0004 6742c01e 01 0003 68ce3c'));
    const large = Buffer.from(hex('01 640028 ff e1 0004 67640028 01 0003 68ee3c'));
    const b = (time: number, offset: number): Buffer => oneChunk(VIDEO, time, avc('27', 1, offset, lengthed('419a')));
    const [one, two] = [
      await startRig({
        toPlay: [START, oneChunk(VIDEO, 0, avc('17', 0, 0, small)), key(0, 80), b(40, 160), b(80, 40)],
      }),
      await startRig({
        toPlay: [START, oneChunk(VIDEO, 0, avc('17', 0, 0, large)), key(0, 80), b(40, 160), b(80, 40)],
      }),
    ];
    one.stream.setCamera(told(one.target(1)));
    const watcher = new Watcher(one.stream).play();
    await until(() => watcher.frames.length === 6);
    const shown = (): number[] =>
      watcher.frames.flatMap((frame) => (frame.kind === 'picture' ? [Math.round(frame.presentMs)] : []));
    expect(shown()).toEqual([-1060, -680, -300, 80, 200, 120]);
    one.server.sockets.forEach((socket) => socket.destroy());
    one.stream.setCamera(told(two.target(2)));
    await until(() => one.stream.revision === 2 && watcher.frames.length >= 9);
    const [first, second, third] = shown().slice(-3);
    // They came all at once, so their times are close together, and still in the order of presentation.
    expect([(third ?? 0) > (first ?? 0), (second ?? 0) > (third ?? 0)]).toEqual([true, true]);
    // Later than all pictures before.
    expect(first).toBeGreaterThan(200);
    expect(watcher.frames.at(-3)).toMatchObject({ units: [hex('67640028'), hex('68ee3c'), hex('6588')] });
    expect(watcher.isEnded).toBe(false);
  });
});
