import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Caps } from '../../src/relay/caps.js';
import { rtmpPuller } from '../../src/relay/puller.js';
import type { RelayNews } from '../../src/relay/relayNews.js';
import { RelayStream } from '../../src/relay/relayStream.js';
import { RtspServer } from '../../src/relay/rtsp/rtspServer.js';
import { systemClock } from '../../src/systemClock.js';
import { startOrigin } from '../../simulator/origin/server.js';
import type { Origin, StreamVerdict } from '../../simulator/origin/types.js';
import { makeMediaMtx, type TestMediaMtx } from './mediamtx.js';

const SECRET = 'relay-secret';
const CAMERA = 'gate';

/** The simulated cloud, a relay with one camera, and a MediaMTX whose path `gate` is one constant line. */
export interface RelayRig {
  readonly origin: Origin;
  readonly stream: RelayStream;
  readonly server: RtspServer;
  readonly mediaMtx: TestMediaMtx;
  /** Where players read. */
  readonly address: string;
  readonly news: readonly RelayNews[];
  /** Puts another address in force. */
  renew(revision: number): void;
  stop(): Promise<void>;
}

export async function startRelayRig(verdict: StreamVerdict): Promise<RelayRig> {
  const origin = await startOrigin({ clock: systemClock, lookup: () => verdict });
  const news: RelayNews[] = [];
  const stream = new RelayStream({
    pull: rtmpPuller({ dial: ({ port, host }) => connect(port, host), clock: systemClock, random: Math.random }),
    clock: systemClock,
    random: Math.random,
    caps: new Caps(),
    onNews: (one) => news.push(one),
  });
  const listening = createServer();
  const server = new RtspServer({
    listening,
    secret: SECRET,
    find: (id) => (id === CAMERA ? stream : null),
    clock: systemClock,
    random: Math.random,
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const source = `rtsp://mediamtx:${SECRET}@127.0.0.1:${port}/${CAMERA}`;
  const mediaMtx = await makeMediaMtx(`
hls: no
webrtc: no
paths:
  ${CAMERA}: {source: '${source}', sourceOnDemand: yes, sourceOnDemandCloseAfter: 2s, rtspTransport: tcp}
`);
  await mediaMtx.start();
  return {
    ...{ origin, stream, server, mediaMtx, news },
    address: `rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/${CAMERA}`,
    renew: (revision) =>
      stream.tell({
        target: {
          url: origin.rtmpUrl('v3/openlive', `S1_1_1?id=${revision}&expire=1767600000&t=a`),
          revision,
          endsAt: null,
          tracks: null,
        },
        candidate: null,
        whenGone: 'slate',
        cap: null,
      }),
    stop: async () => {
      await mediaMtx.stop();
      server.stop();
      stream.end();
      listening.close();
      await origin.stop();
    },
  };
}
