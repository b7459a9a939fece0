import { describe, expect, it, onTestFinished } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import { desired, targetOn } from '../../../test/support/engine/embeddedKit.js';
import { FakeRelay } from '../../../test/support/relay/fakeRelay.js';
import { startInProcessRelay } from '../../../test/support/relay/inProcessRelay.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { AppError } from '../../core/errors.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { createMediaProcess } from '../../media/process/mediaProcess.js';
import { systemClock } from '../../systemClock.js';
import { createEmbeddedEngine } from './embeddedEngine.js';
import { RelayedSources } from './sourceRelay.js';

const given = (url: string, revision = 1): PullTarget => ({
  ...targetOn(url, revision),
  givenBy: 'person',
  endsAt: null,
});

describe.skipIf(!nodeAvFor('cameras by URL'))('a camera by URL of the embedded engine', () => {
  it('is pulled once, by the relay, whose reasons it shows; without the relay it is refused, and comes back with it', async () => {
    let isRefused = false;
    const origin = await startOrigin({
      clock: systemClock,
      keyFrameSeconds: 1,
      lookup: () => ({ play: isRefused ? 'refuse' : 'camera', cameraName: 'Yard', clipKey: 'yard', sound: 'aac' }),
    });
    onTestFinished(() => origin.stop());
    const relay = await startInProcessRelay();
    onTestFinished(() => relay.close());
    const media = createMediaProcess({ clock: systemClock });
    onTestFinished(() => media.stop());
    const engine = createEmbeddedEngine({ clock: systemClock, process: media, publicUrl: null, relay });
    onTestFinished(() => engine.stop());
    await engine.start();
    let resets = 0;
    engine.onReset(() => resets++);
    const flows = (flow: string) =>
      expect
        .poll(async () => (await engine.states()).get('yard'), { timeout: 20_000, interval: 50 })
        .toMatchObject({ flow });
    const yard = desired({ yard: given(origin.rtmpUrl('live', 'yard')) }, 'always-on');

    expect(await engine.apply(yard)).toMatchObject({ refused: [] });
    await flows('flowing');
    expect((await relay.states())?.get('yard')).toMatchObject({ state: 'live', readers: 1 });
    expect([origin.pulls(), engine.status().problem]).toEqual([1, null]);
    expect([engine.readerUrl?.('yard'), engine.readerUrl?.('hall')]).toEqual([relay.sourceFor('yard'), null]);

    // The relay goes on with the last picture: the media process cannot tell, but the camera's state does.
    isRefused = true;
    origin.cut(() => true);
    const state = async () => (await engine.states()).get('yard');
    await expect.poll(async () => (await state())?.reason, { timeout: 20_000 }).toBe('not-found');
    expect(await state()).toMatchObject({ flow: 'stopped', standsIn: true });
    isRefused = false;
    await flows('flowing');

    relay.fail('Its workers died five times in a minute.');
    await expect.poll(() => resets).toBe(1);
    expect((await engine.apply(yard)).refused).toMatchObject([{ cameraId: 'yard', code: 'ENGINE_NO_RELAY' }]);
    expect(engine.readerUrl?.('yard')).toBeNull();
    expect(engine.status()).toMatchObject({ ready: true, problem: expect.stringMatching(/five times/) as string });
    await flows('stopped');
    relay.fail(null);
    expect(await engine.apply(yard)).toMatchObject({ refused: [] });
    await flows('flowing');

    // A camera of a cloud needs no relay.
    await engine.apply(desired({ gate: targetOn(origin.rtmpUrl('live', 'gate')) }, 'always-on'));
    await expect.poll(async () => (await engine.states()).get('gate')?.flow, { timeout: 20_000 }).toBe('flowing');
    expect(engine.readerUrl?.('gate')).toBeNull();
    expect(await relay.states()).toEqual(new Map());
  }, 90_000);
});

describe('the relay of the embedded engine', () => {
  const yard = (revision: number) =>
    desired({ yard: given('rtsp://10.0.0.9/1', revision), gate: targetOn('rtmp://h/a/b') });

  it('is started with the first camera by URL, told each change once, and everything after its restart', async () => {
    const relay = new FakeRelay();
    let news = 0;
    const sources = new RelayedSources(relay, () => news++);
    await sources.want(desired({ gate: targetOn('rtmp://h/a/b') }));
    expect([relay.isStarted, relay.told]).toEqual([false, []]);
    for (const revision of [1, 1, 2]) await sources.want(yard(revision));
    expect(relay.isStarted).toBe(true);
    expect(relay.told.map(({ cameras }) => [...cameras].map(([id, { target }]) => [id, target?.revision]))).toEqual([
      [['yard', 1]],
      [['yard', 2]],
    ]);
    relay.restarted();
    await expect.poll(() => [relay.told.length, news]).toEqual([3, 1]);
    await sources.want(new Map());
    expect(relay.now.size).toBe(0);
    await sources.stop();
    expect(relay.isStarted).toBe(false);
  });

  it('is told again what it refused, and reveals no URL while it cannot be used', async () => {
    const relay = new FakeRelay();
    const sources = new RelayedSources(relay, () => undefined);
    relay.refusal = new AppError('DISK_FULL', 'The disk is full.');
    await expect(sources.want(yard(1))).rejects.toMatchObject({ code: 'DISK_FULL' });
    await sources.want(yard(1));
    expect(relay.told).toHaveLength(1);
    const target = given('rtsp://10.0.0.9/1');
    expect(sources.sourceOf('yard', target)).toMatch(/^rtsp:.*127\.0\.0\.1/);
    relay.fail();
    expect([sources.sourceOf('yard', target), sources.unserved]).toEqual([null, ['yard']]);
    const off = new RelayedSources(null, () => undefined);
    await off.want(yard(1));
    expect([off.sourceOf('yard', target), off.problem]).toEqual([null, expect.stringContaining('RELAY=off')]);
  });
});
