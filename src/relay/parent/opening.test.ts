import { once } from 'node:events';
import { createServer as createWeb } from 'node:http';
import { createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin, StreamVerdict } from '../../../simulator/origin/types.js';
import { until } from '../../../test/support/engine/mediamtx.js';
import { RelayProcessRig, type RelayRigOptions } from '../../../test/support/relay/relayProcessRig.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { isOpened, type NotOpened, type Opened } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { systemClock } from '../../systemClock.js';
import { portOf } from './relayParent.js';

const LOOPBACK = '127.0.0.0/8';
const PLAYS: StreamVerdict = { play: 'camera', cameraName: 'Gate', clipKey: 'S1', sound: 'aac' };
/** What the cameras of the tests do, by the last part of their path. */
const VERDICTS: Readonly<Record<string, StreamVerdict>> = {
  plain: PLAYS,
  silent: { ...PLAYS, sound: 'none' },
  h265: { ...PLAYS, clipKey: 'S2', codec: 'h265', sound: 'none' },
  slow: { ...PLAYS, play: 'nothing' },
};
const UNKNOWN: StreamVerdict = { ...PLAYS, play: 'refuse', reason: 'unknown' };

interface Cameras {
  readonly origin: Origin;
  /** Names of the streams that were opened, in order. */
  readonly opened: string[];
  readonly closed: string[];
}

async function startRelay(options: RelayRigOptions = {}): Promise<RelayProcessRig> {
  const rig = await RelayProcessRig.start(options);
  await until(() => rig.client.problem === null);
  return rig;
}

async function startCameras(): Promise<Cameras> {
  const opened: string[] = [];
  const closed: string[] = [];
  const origin = await startOrigin({
    clock: systemClock,
    lookup: (_app, name) => VERDICTS[name.split('?')[0] ?? ''] ?? UNKNOWN,
    onOpen: (name) => opened.push(name),
    onClose: (name) => closed.push(name),
  });
  onTestFinished(() => origin.stop());
  return { origin, opened, closed };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return portOf(server);
}

const target = (url: string, revision = 1): PullTarget => ({
  ...{ url, givenBy: 'person', revision, endsAt: null, tracks: null },
});
const camera = ({ origin }: Cameras, name: string): PullTarget => target(origin.rtmpUrl('live', name));

function open(
  rig: RelayProcessRig,
  to: PullTarget,
  signal = new AbortController().signal,
): Promise<Opened | NotOpened> {
  return rig.client.open(to, signal);
}

describe.skipIf(!nodeAvFor('what a relay finds when it opens a source'))('an address that is opened', () => {
  it('shows its tracks and a picture', async () => {
    const rig = await startRelay({ sourceNetworks: LOOPBACK });
    const cameras = await startCameras();
    const plain = await open(rig, camera(cameras, 'plain'));
    expect(plain).toMatchObject({
      tracks: { video: { codec: 'H264' }, audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 } },
    });
    const h265 = await open(rig, camera(cameras, 'h265'));
    expect(h265).toMatchObject({ tracks: { video: { codec: 'H265' }, audio: null } });
    for (const outcome of [plain, h265]) {
      if (!isOpened(outcome)) throw new Error(outcome.reason);
      const { width, height } = outcome.tracks.video;
      expect([width % 2, height % 2, width > height, height > 100]).toEqual([0, 0, true, true]);
      expect(outcome.keyFrame.subarray(0, 4)).toEqual(Buffer.from([0, 0, 0, 1]));
      expect(outcome.keyFrame.length).toBeGreaterThan(500);
    }
    await until(() => cameras.closed.length === 2);
    expect(cameras.opened).toEqual(['plain', 'h265']);
  });

  it('that shows none says why', async () => {
    const rig = await startRelay({ sourceNetworks: LOOPBACK });
    const cameras = await startCameras();
    const closed = await listening(createServer());
    const web = await listening(createWeb((_request, response) => void response.end('<html>')));
    // A web server takes some time to refuse what is no HTTP; this one answers at once.
    const page = await listening(createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const [noPath, nobody, unknown, atWeb, atPage] = await Promise.all([
      open(rig, camera(cameras, 'nothing-there')),
      open(rig, target(`rtmp://127.0.0.1:1/live/gate`)),
      open(rig, target(`rtmp://camera.invalid:${closed}/live/gate`)),
      open(rig, target(`rtmp://127.0.0.1:${web}/live/gate`)),
      open(rig, target(`rtmp://127.0.0.1:${page}/live/gate`)),
    ]);
    expect(noPath).toMatchObject({ reason: expect.stringMatching(/^(?:not-found|refused)$/) as string });
    expect(nobody).toEqual({ reason: 'connection', code: 'ECONNREFUSED' });
    expect(unknown).toMatchObject({ reason: 'connection', code: expect.stringMatching(/^E/) as string });
    expect(atWeb).toMatchObject({ reason: 'not-a-stream' });
    expect(atPage).toMatchObject({ reason: 'not-a-stream' });
  });

  it('is not dialled in a network that nobody allowed', async () => {
    const rig = await startRelay();
    const cameras = await startCameras();
    let dialled = 0;
    const port = await listening(createServer((socket) => socket.destroy()).on('connection', () => (dialled += 1)));
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '[::1]',
      'localhost',
      'allowed.example@127.0.0.1',
      '169.254.169.254',
    ])
      expect([host, await open(rig, target(`rtmp://${host}:${port}/live/gate`))]).toEqual([
        host,
        { reason: 'forbidden', code: 'SOURCE_FORBIDDEN' },
      ]);
    expect(await open(rig, camera(cameras, 'plain'))).toMatchObject({ reason: 'forbidden' });
    expect([dialled, cameras.opened]).toEqual([0, []]);
    // A cloud's live URL was checked by camlease, and goes where it always went.
    expect(isOpened(await open(rig, { ...camera(cameras, 'plain'), givenBy: 'cloud' }))).toBe(true);
  });

  it('of a camera that is watched is looked at in the pull that it has', async () => {
    const rig = await startRelay({ sourceNetworks: LOOPBACK });
    const cameras = await startCameras();
    const told = { target: camera(cameras, 'plain'), candidate: null, whenGone: 'slate', cap: null } as const;
    await rig.client.setCameras(new Map([['gate', told]]), 0);
    await rig.read('gate');
    for (let times = 0; times < 3; times++) {
      const outcome = await open(rig, camera(cameras, 'plain'));
      expect(isOpened(outcome) && outcome.keyFrame.length > 500).toBe(true);
    }
    expect([cameras.opened, cameras.closed]).toEqual([['plain'], []]);
  });

  it('is let go when nobody waits for the answer any more', async () => {
    const rig = await startRelay({ sourceNetworks: LOOPBACK });
    const cameras = await startCameras();
    const stopping = new AbortController();
    const opening = open(rig, camera(cameras, 'slow'), stopping.signal);
    await until(() => cameras.opened.length === 1);
    stopping.abort(new Error('the page was closed'));
    await expect(opening).rejects.toThrow('the page was closed');
    await until(() => cameras.closed.length === 1);
  });
});
