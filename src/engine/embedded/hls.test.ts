import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin } from '../../../simulator/origin/types.js';
import { desired, targetOn } from '../../../test/support/engine/embeddedKit.js';
import { HlsReader } from '../../../test/support/viewers/hlsReader.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { createMediaProcess, type MediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import type { EmbeddedMedia, MediaEngine } from '../mediaEngine.js';
import { createEmbeddedEngine } from './embeddedEngine.js';

let origin: Origin;
let media: MediaProcess;
let engine: MediaEngine;
let served: EmbeddedMedia;
const signal = new AbortController().signal;

beforeAll(async () => {
  origin = await startOrigin({
    clock: systemClock,
    lookup: (_app, name) => ({
      play: name.startsWith('gone') ? 'refuse' : 'camera',
      cameraName: 'Yard',
      clipKey: 'yard',
    }),
  });
  media = createMediaProcess({ clock: systemClock });
  engine = createEmbeddedEngine({ clock: systemClock, process: media, publicUrl: null });
  await engine.start();
  if (!engine.media) throw new Error('no media');
  served = engine.media;
});

afterAll(async () => {
  await engine.stop();
  await media.stop();
  await origin.stop();
});

describe.skipIf(!nodeAvFor('HLS of the embedded engine'))('HLS of the embedded engine', () => {
  it('goes on through a new lease without a break in its times', async () => {
    const url = (name: string): string => origin.rtmpUrl('v3/openlive', name);
    await engine.apply(desired({ yard: targetOn(url('a'), 1) }));
    expect((await engine.states()).get('yard')).toMatchObject({ flow: 'idle', revision: 1, viewers: 0 });
    const player = new HlsReader(served, 'yard');
    const before = await player.goesOn(2);
    expect(before.discontinuities).toBe(0);
    expect((await engine.states()).get('yard')).toMatchObject({ flow: 'flowing', viewers: 1 });

    const report = await engine.apply(desired({ yard: targetOn(url('b'), 2) }));
    expect(report.changed).toEqual(['yard']);
    await expect.poll(() => origin.pulls(), { timeout: 5000 }).toBe(1);
    const after = await player.goesOn(3);
    expect(after.discontinuities).toBe(0);
    const names = [...new Set([...before.names, ...after.names])].slice(-8);
    const times = await player.times(names);
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // The segment before the new stream is cut short, so that players do not wait for the next key frame.
    expect(steps.filter((step) => step < 0.5).length).toBeLessThanOrEqual(1);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps)).toBeLessThan(3);
  });

  it('goes on with the old stream when the new one cannot be opened', async () => {
    await engine.apply(desired({ yard: targetOn(origin.rtmpUrl('v3/openlive', 'gone'), 3) }));
    await new HlsReader(served, 'yard').goesOn(2);
    expect((await engine.states()).get('yard')).toMatchObject({ flow: 'flowing', revision: 3 });
  });

  it('recovers by itself after the media process was killed', async () => {
    await engine.apply(desired({ yard: targetOn(origin.rtmpUrl('v3/openlive', 'c'), 4) }));
    const player = new HlsReader(served, 'yard');
    const before = await player.playlist();
    const pid = media.pid();
    if (pid === null) throw new Error('not running');
    process.kill(pid, 'SIGKILL');
    const after = await player.goesOn(3);
    expect(after.discontinuities).toBe(1);
    expect((await player.playlist()).first).toBeGreaterThan(before.first);
    expect(media.pid()).not.toBe(pid);
  });

  it('says why when a camera shows no picture, and what it is when it has no lease', async () => {
    await engine.apply(desired({ dark: targetOn(origin.rtmpUrl('v3/openlive', 'gone')), none: null }));
    await expect(served.hls('none', 'index.m3u8', signal)).rejects.toMatchObject({ code: 'CAMERA_NOT_LIVE' });
    await expect(served.hls('dark', 'index.m3u8', signal)).rejects.toMatchObject({ code: 'STREAM_REFUSED' });
    await expect.poll(() => origin.pulls()).toBe(0);
  });
});
