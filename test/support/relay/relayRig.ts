import { once } from 'node:events';
import { createServer } from 'node:net';
import { childModule } from '../../../src/core/childModule.js';
import { readDerivedPath } from '../../../src/core/streams/derivedPaths.js';
import { DerivedStreams } from '../../../src/relay/derived/derivedStreams.js';
import { TranscodePlaces } from '../../../src/relay/pull/transcodePlaces.js';
import { ReaderLink } from '../../../src/relay/reader/readerLink.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import { Caps } from '../../../src/relay/pull/caps.js';
import { dial } from '../../../src/relay/worker/dial.js';
import { openUdp } from '../../../src/relay/worker/udpPorts.js';
import type { Puller } from '../../../src/relay/pull/puller.js';
import { schemePuller } from '../../../src/relay/pull/schemePuller.js';
import type { RelayNews } from '../../../src/relay/pull/relayNews.js';
import { RelayStream } from '../../../src/relay/stream/relayStream.js';
import { RtspServer } from '../../../src/relay/rtsp/rtspServer.js';
import { systemClock } from '../../../src/systemClock.js';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin, StreamVerdict } from '../../../simulator/origin/types.js';
import { Happenings } from '../happenings.js';
import { makeMediaMtx, type TestMediaMtx } from '../engine/mediamtx.js';

const SECRET = 'relay-secret';
const CAMERA = 'gate';

/** The simulated cloud, a relay with one camera, and a MediaMTX whose path `gate` is one constant line. */
export interface RelayRig {
  readonly origin: Origin;
  readonly stream: RelayStream;
  readonly server: RtspServer;
  readonly mediaMtx: TestMediaMtx;
  /** The address from which players read. */
  readonly address: string;
  readonly news: readonly RelayNews[];
  /** Resolves when `isSo` is true, checked with each piece of news. */
  until(isSo: () => boolean): Promise<void>;
  /** The address of a path at the relay itself, without MediaMTX; with the login in it. */
  source(path: string): string;
  /** Sets the cloud's verdict about later plays. */
  answer(verdict: StreamVerdict): void;
  /** A pull target at the simulated cloud. */
  target(revision: number): PullTarget;
  /** Tells the stream a new lease in force. */
  renew(revision: number): void;
  stop(): Promise<void>;
}

export interface RelayRigOptions {
  readonly hls?: 'no' | 'mpegts' | 'lowLatency';
  readonly webrtc?: boolean;
  /** Absent: pulls RTMP. */
  readonly pull?: Puller;
  /** More lines of MediaMTX's file. */
  readonly settings?: string;
  /** How long MediaMTX keeps a source without readers. */
  readonly closeAfterSeconds?: number;
}

export async function startRelayRig(
  first: StreamVerdict,
  { hls = 'no', webrtc = false, settings = '', closeAfterSeconds = 2, pull }: RelayRigOptions = {},
): Promise<RelayRig> {
  let verdict = first;
  const origin = await startOrigin({ clock: systemClock, lookup: () => verdict });
  const news: RelayNews[] = [];
  const happenings = new Happenings();
  const stream = new RelayStream({
    pull: pull ?? schemePuller({ dial, openUdp, clock: systemClock, random: Math.random }),
    clock: systemClock,
    random: Math.random,
    caps: new Caps(),
    onNews: (one) => {
      news.push(one);
      // The stream tells news in the middle of a change, which is complete only after this turn.
      queueMicrotask(() => happenings.tell());
    },
  });
  const link = new ReaderLink({
    ...{ module: childModule('../../../src/readerChild.js', import.meta.url), clock: systemClock, env: {} },
  });
  // Places for one transcode of pictures.
  let taken = 0;
  const places: TranscodePlaces = new TranscodePlaces(({ kind, id }) => {
    if (kind === 'transcode-over') taken -= 1;
    else queueMicrotask(() => places.answer(id, ++taken <= 1));
  });
  const derived = new DerivedStreams({ reader: link, clock: systemClock, beginsAfterMs: 0, places });
  const listening = createServer();
  const server = new RtspServer({
    listening,
    secret: SECRET,
    find: (id) => {
      const made = readDerivedPath(id);
      if (made?.cameraId === CAMERA) return derived.find(made.kind, CAMERA, stream);
      const [, revision] = /^_lease\/gate\/(\d+)$/.exec(id) ?? [];
      return revision === undefined ? (id === CAMERA ? stream : null) : stream.candidate(Number(revision));
    },
    clock: systemClock,
    random: Math.random,
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const source = (id: string): string => `rtsp://mediamtx:${SECRET}@127.0.0.1:${port}/${id}`;
  const target = (revision: number): PullTarget => ({
    url: origin.rtmpUrl('v3/openlive', `S1_1_1?id=${revision}&expire=1767600000&t=a`),
    ...{ givenBy: 'cloud', revision, endsAt: null, tracks: null },
  });
  const mediaMtx = await makeMediaMtx(`
hls: ${hls === 'no' ? 'no' : 'yes'}
${hls === 'no' ? '' : `hlsVariant: ${hls}`}
webrtc: ${webrtc ? 'yes' : 'no'}
${settings}
paths:
  ${CAMERA}: {source: '${source(CAMERA)}', sourceOnDemand: yes, sourceOnDemandCloseAfter: ${closeAfterSeconds}s, rtspTransport: tcp}
`);
  await mediaMtx.start();
  return {
    ...{ origin, stream, server, mediaMtx, news },
    until: (isSo) => happenings.until(isSo),
    address: `rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/${CAMERA}`,
    ...{ source, target, answer: (next) => (verdict = next) },
    renew: (revision) => stream.setCamera({ target: target(revision), candidate: null, whenGone: 'slate', cap: null }),
    stop: async () => {
      await mediaMtx.stop();
      server.stop();
      stream.end();
      link.stop();
      listening.close();
      await origin.stop();
    },
  };
}
