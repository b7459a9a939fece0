import { createServer, connect, type Server, type Socket } from 'node:net';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin } from '../../../simulator/origin/types.js';
import { desired, targetOn } from '../../../test/support/engine/embeddedKit.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { createMediaProcess, type MediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import type { MediaEngine } from '../mediaEngine.js';
import { createEmbeddedEngine } from './embeddedEngine.js';

/** A proxy to the origin that can hold bytes back, like a camera that falls silent without closing its connection. */
class Line {
  readonly server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      this.#sockets.add(upstream);
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.pipe(upstream).pipe(client);
      client.once('close', () => upstream.destroy());
      upstream.once('close', () => client.destroy());
    }).listen(0, '127.0.0.1');
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  hold(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    for (const socket of this.#sockets) socket.resume();
  }
}

describe.skipIf(!nodeAvFor('cameras that are always on'))('a camera of the embedded engine that is always on', () => {
  let origin: Origin;
  let line: Line;
  let media: MediaProcess;
  let engine: MediaEngine;
  let opened = 0;
  let isRefused = false;
  const lease = (revision: number): PullTarget => {
    const url = new URL(origin.rtmpUrl('live', `yard?revision=${revision}`));
    url.port = String(line.port);
    return targetOn(url.href, revision);
  };
  const alwaysOn = (inForce: PullTarget | null) => desired({ yard: inForce }, 'always-on');
  const state = async () => (await engine.states()).get('yard');
  const flows = async (flow: string) =>
    expect.poll(async () => (await state())?.flow, { timeout: 15_000, interval: 50 }).toBe(flow);

  beforeAll(async () => {
    origin = await startOrigin({
      clock: systemClock,
      lookup: () => ({ play: isRefused ? 'refuse' : 'camera', cameraName: 'Yard', clipKey: 'yard', sound: 'aac' }),
      onOpen: () => opened++,
    });
    line = new Line(origin.port);
    media = createMediaProcess({ clock: systemClock });
    engine = createEmbeddedEngine({ clock: systemClock, process: media, publicUrl: null });
    await engine.start();
  });

  afterAll(async () => {
    await engine.stop();
    await media.stop();
    line.server.close();
    await origin.stop();
  });

  it('that was never seen is away, and there is nothing to show for it', async () => {
    isRefused = true;
    await engine.apply(alwaysOn(lease(1)));
    await flows('stopped');
    const hls = engine.media?.hls('yard', 'index.m3u8', new AbortController().signal);
    await expect(hls).rejects.toMatchObject({ code: 'STREAM_REFUSED' });
    isRefused = false;
    await flows('flowing');
  });

  it('is pulled while nobody watches, and is proven by what is pulled', async () => {
    expect(await state()).toMatchObject({ revision: 1, carrier: 'relay', viewers: 0 });
    const before = opened;
    const proof = await engine.prove('yard', lease(1));
    expect(proof.tracks).toEqual({
      video: { codec: 'H264', width: 640, height: 360 },
      audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 },
    });
    expect(proof.picture?.subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(opened).toBe(before);
    await engine.prove('yard', lease(2));
    expect(opened).toBe(before + 1);
  });

  it('goes over to a new lease at once, and says how', async () => {
    expect(await engine.plan(alwaysOn(lease(2)))).toEqual([{ cameraId: 'yard', how: 'hot', viewers: 0, paths: [] }]);
    const report = await engine.apply(alwaysOn(lease(2)));
    expect(report.moved).toEqual([{ cameraId: 'yard', revision: 2, how: 'relay' }]);
    expect(await state()).toMatchObject({ revision: 2, flow: 'flowing' });
    expect(await engine.plan(alwaysOn(lease(2)))).toEqual([]);
  });

  it('that falls silent is stopped, and flows again on the same connection', async () => {
    const before = opened;
    line.hold();
    await flows('stopped');
    line.release();
    await flows('flowing');
    expect(opened).toBe(before);
  });

  it('keeps its address and its last picture without a lease, and takes up the next one', async () => {
    await engine.apply(alwaysOn(null));
    await flows('stopped');
    await expect.poll(() => origin.pulls()).toBe(0);
    expect((await engine.media?.hls('yard', 'index.m3u8', new AbortController().signal))?.body.toString()).toMatch(
      /live-/,
    );
    await engine.apply(alwaysOn(lease(3)));
    expect(await state()).toMatchObject({ revision: 3, flow: 'flowing' });
  });

  it('is pulled again when the media process was killed', async () => {
    const pid = media.pid();
    if (pid === null) throw new Error('not running');
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => media.pid() !== pid && (await state())?.flow, { timeout: 15_000 }).toBe('flowing');
  });

  it('is let go when it is not named any more', async () => {
    await engine.apply(new Map());
    await expect.poll(() => origin.pulls()).toBe(0);
  });
});
