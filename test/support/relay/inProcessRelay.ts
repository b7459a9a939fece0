import { once } from 'node:events';
import { createServer } from 'node:net';
import type { RelayCameras, RelayedCamera } from '../../../src/core/streams/relay.js';
import type { Relay } from '../../../src/engine/mediamtx/relayed/relayPort.js';
import { Caps } from '../../../src/relay/pull/caps.js';
import { schemePuller } from '../../../src/relay/pull/schemePuller.js';
import { RtspServer } from '../../../src/relay/rtsp/rtspServer.js';
import { RelayStream } from '../../../src/relay/stream/relayStream.js';
import { dial } from '../../../src/relay/worker/dial.js';
import { openUdp } from '../../../src/relay/worker/udpPorts.js';
import { systemClock } from '../../../src/systemClock.js';

const SECRET = 'relay-secret';
const CANDIDATE = /^_candidate\/(.+)\/(\d+)$/;

/** A relay with real pulls and real RTSP in the test's process, without a file and without a parent. */
export interface InProcessRelay extends Relay {
  readonly slates: ReadonlyMap<string, readonly Buffer[]>;
  /** Sets the relay's problem; null: none. */
  fail(message: string | null): void;
  /** Ends the relay for good; `stop` leaves it running, as camlease does with a relay in its own process. */
  close(): void;
}

export async function startInProcessRelay(): Promise<InProcessRelay> {
  const clock = systemClock;
  const random = Math.random;
  const shared = { pull: schemePuller({ dial, openUdp, clock, random }), clock, random, caps: new Caps() };
  const streams = new Map<string, RelayStream>();
  const slates = new Map<string, readonly Buffer[]>();
  const listeners: (() => void)[] = [];
  let problem: Relay['problem'] = null;
  const listening = createServer();
  const server = new RtspServer({
    ...{ listening, secret: SECRET, clock, random },
    find: (path) => {
      const [, id, revision] = CANDIDATE.exec(path) ?? [];
      return id === undefined ? (streams.get(path) ?? null) : (streams.get(id)?.candidate(Number(revision)) ?? null);
    },
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const base = `rtsp://mediamtx:${SECRET}@127.0.0.1:${port}`;
  return {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    get problem() {
      return problem;
    },
    slates,
    onChange: (listener) => void listeners.push(listener),
    sourceFor: (id) => `${base}/${id}`,
    candidateUrl: (id, revision) => `${base}/_candidate/${id}/${revision}`,
    setCameras(cameras: RelayCameras) {
      for (const [id, stream] of streams) {
        if (cameras.has(id)) continue;
        stream.end();
        streams.delete(id);
      }
      for (const [id, camera] of cameras) {
        const stream = streams.get(id) ?? new RelayStream(shared);
        streams.set(id, stream);
        stream.setCamera(camera);
      }
      return Promise.resolve();
    },
    keepSlate(id, units) {
      slates.set(id, units);
      streams.get(id)?.setSlate(units);
      return Promise.resolve();
    },
    states() {
      const seen = [...streams].flatMap(([id, stream]): [string, RelayedCamera][] => {
        const state = stream.seen();
        return state === null ? [] : [[id, state]];
      });
      return Promise.resolve(new Map(seen));
    },
    fail(message) {
      problem = message === null ? null : { message, cure: 'Start it.' };
      for (const listener of listeners) listener();
    },
    close() {
      server.stop();
      for (const stream of streams.values()) stream.end();
      listening.close();
    },
  };
}
