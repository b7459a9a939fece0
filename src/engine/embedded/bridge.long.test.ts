import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin, StreamVerdict } from '../../../simulator/origin/types.js';
import { desired, targetOn, VIDEO_OFFER } from '../../../test/support/engine/embeddedKit.js';
import { HlsReader } from '../../../test/support/viewers/hlsReader.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { createMediaProcess, type MediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import type { EmbeddedMedia, MediaEngine } from '../mediaEngine.js';
import { createEmbeddedEngine } from './embeddedEngine.js';

const WHAT = 'on-demand cameras of the embedded engine whose source goes';
const signal = new AbortController().signal;
const waits = { timeout: 20_000, interval: 50 };

describe.skipIf(!nodeAvFor(WHAT))('an on-demand camera of the embedded engine', () => {
  let origin: Origin;
  let media: MediaProcess;
  let engine: MediaEngine;
  let served: EmbeddedMedia;
  let opened = 0;
  /** How the origin treats a stream, by the camera's name or by name and revision. */
  const verdicts = new Map<string, Partial<StreamVerdict>>();
  const lease = (camera: string, revision = 1): PullTarget =>
    targetOn(origin.rtmpUrl('live', `${camera}?revision=${revision}`), revision);
  const serve = (camera: string, inForce: PullTarget | null) => engine.apply(desired({ [camera]: inForce }));
  const state = async (camera: string) => (await engine.states()).get(camera);
  const flows = async (camera: string, flow: string) =>
    expect.poll(async () => (await state(camera))?.flow, waits).toBe(flow);

  beforeAll(async () => {
    origin = await startOrigin({
      clock: systemClock,
      lookup: (_app, name) => {
        const [camera = '', query = ''] = name.split('?');
        const one = { ...verdicts.get(camera), ...verdicts.get(`${camera} ${query.split('=')[1]}`) };
        return { play: 'camera', cameraName: 'Yard', clipKey: JSON.stringify(one), sound: 'aac', ...one };
      },
      onOpen: () => opened++,
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

  it('moves to another lease without a write, and unnoticed unless its codec is another', () => {
    const camera = { id: 'yard', mode: 'on-demand' } as const;
    const tracks = (codec: string) => ({ video: { codec, width: 640, height: 360 }, audio: null });
    expect(engine.movesFreely?.(camera)).toBe(true);
    expect(engine.swapsUnnoticed(camera, null, tracks('H264'))).toBe(true);
    expect(engine.swapsUnnoticed(camera, tracks('H264'), { ...tracks('H264'), audio: null })).toBe(true);
    expect(engine.swapsUnnoticed(camera, tracks('H264'), tracks('H265'))).toBe(false);
  });

  it('goes on while its source is away, with its last picture and then a label, and is stopped meanwhile', async () => {
    await serve('gone', lease('gone'));
    const player = new HlsReader(served, 'gone');
    await player.goesOn(1);
    const before = await state('gone');
    expect(before).toMatchObject({ flow: 'flowing', reason: null, carrier: 'relay' });

    verdicts.set('gone', { play: 'refuse' });
    origin.cut((name) => name.startsWith('gone'));
    await flows('gone', 'stopped');
    const repeated = await player.goesOn(2);
    expect(repeated.discontinuities).toBe(0);
    const labelled = await player.goesOn(6);
    expect(labelled.discontinuities).toBe(1);
    const late = await served.whepOffer('gone', VIDEO_OFFER, signal);
    expect(late.answer).toMatch(/a=candidate:/);
    await served.whepClose(late.sessionId);
    expect(await state('gone')).toMatchObject({ flow: 'stopped', reason: 'refused' });
    expect((await state('gone'))?.bytesReceived).toBeLessThanOrEqual((before?.bytesReceived ?? 0) + 2_000_000);
    const { bytesReceived } = (await state('gone')) ?? {};
    await player.goesOn(1);
    expect((await state('gone'))?.bytesReceived).toBe(bytesReceived);

    verdicts.delete('gone');
    const backAtMs = performance.now();
    await flows('gone', 'flowing');
    // The camera's key frames are a second apart, hence the 1,000 ms.
    expect(performance.now() - backAtMs).toBeLessThan(1_500 + 1_000 + 500);
    const again = await player.goesOn(2);
    expect(await player.times(again.names)).toEqual([...(await player.times(again.names))].sort((a, b) => a - b));
  });

  it('that is cold and sends nothing is an error after ten seconds, and no picture that never was', async () => {
    verdicts.set('cold', { play: 'nothing' });
    await serve('cold', lease('cold'));
    const startedAtMs = performance.now();
    const asked = [served.hls('cold', 'index.m3u8', signal), served.whepOffer('cold', VIDEO_OFFER, signal)];
    for (const answer of asked) await expect(answer).rejects.toMatchObject({ code: 'STREAM_NO_PICTURE' });
    expect(performance.now() - startedAtMs).toBeGreaterThan(9_000);
    expect(performance.now() - startedAtMs).toBeLessThan(15_000);
    await flows('cold', 'stopped');
    expect(await state('cold')).toMatchObject({ reason: 'silence', bytesReceived: 0 });
  });

  it('whose lease ends while it is watched plays to the end of its source, stands in, and takes up the next one', async () => {
    await serve('worn', lease('worn'));
    const player = new HlsReader(served, 'worn');
    await player.goesOn(1);
    expect(await engine.plan(desired({ worn: null }))).toMatchObject([{ cameraId: 'worn', how: 'hot' }]);
    await serve('worn', null);
    await player.goesOn(1);
    origin.cut((name) => name.startsWith('worn'));
    await flows('worn', 'stopped');
    expect(await state('worn')).toMatchObject({ revision: null, reason: 'no-address' });
    const before = opened;
    await player.goesOn(7);
    expect(opened).toBe(before);
    await serve('worn', lease('worn', 2));
    await flows('worn', 'flowing');
    await player.goesOn(1);
  });

  it('without a lease shows a new viewer what was seen last, and is an error when nothing was', async () => {
    await serve('never', null);
    await expect(served.hls('never', 'index.m3u8', signal)).rejects.toMatchObject({ code: 'CAMERA_NOT_LIVE' });
    expect(await state('never')).toMatchObject({ flow: 'idle' });

    await serve('seen', lease('seen'));
    await new HlsReader(served, 'seen').goesOn(1);
    await serve('other', lease('other')); // these streams leave the camera out, so its pull ends
    await serve('seen', null);
    const before = opened;
    const player = new HlsReader(served, 'seen');
    await player.goesOn(2);
    expect(opened).toBe(before);
    expect(await state('seen')).toMatchObject({ flow: 'stopped', reason: 'no-address' });
    const { discontinuities } = await player.goesOn(1);
    expect(discontinuities).toBe(0);
    // The stand-in kept the stream's sound track, so the camera's own sound goes on in it.
    await serve('seen', lease('seen', 2));
    await flows('seen', 'flowing');
    await player.goesOn(3);
    expect(await player.tracks()).toEqual([2]);
  });

  it('that was seen before, but whose address brings nothing, shows no old picture to whoever comes first', async () => {
    await serve('away', lease('away'));
    await new HlsReader(served, 'away').goesOn(1);
    await engine.apply(new Map());
    verdicts.set('away', { play: 'refuse' });
    await serve('away', lease('away', 2));
    await expect(served.hls('away', 'index.m3u8', signal)).rejects.toMatchObject({ code: 'STREAM_REFUSED' });
  });

  it.each([
    { what: 'keeps a track of silence when the sound is missing', first: 'aac', second: 'none', tracks: [2] },
    { what: 'leaves out sound that is new', first: 'none', second: 'aac', tracks: [1] },
  ] as const)('$what at a renewal', async ({ first, second, tracks }) => {
    const camera = `${first}-${second}`;
    verdicts.set(`${camera} 1`, { sound: first });
    verdicts.set(`${camera} 2`, { sound: second });
    await serve(camera, lease(camera));
    const player = new HlsReader(served, camera);
    await player.goesOn(2);
    await serve(camera, lease(camera, 2));
    const { discontinuities } = await player.goesOn(7);
    expect(discontinuities).toBe(0);
    expect(await player.tracks()).toEqual(tracks);
  });

  it('goes on in another size with an init part of its own, and does not go over to another codec', async () => {
    verdicts.set('size 2', { play: 'error-clip' });
    verdicts.set('size 3', { codec: 'h265' });
    await serve('size', lease('size'));
    const player = new HlsReader(served, 'size');
    await player.goesOn(1);
    await serve('size', lease('size', 2));
    expect((await player.goesOn(2)).discontinuities).toBe(1);
    await serve('size', lease('size', 3));
    await player.goesOn(2);
    expect(await state('size')).toMatchObject({ flow: 'flowing', revision: 3 });
    await expect.poll(() => origin.pulls(), waits).toBeGreaterThan(0);
  });
});
