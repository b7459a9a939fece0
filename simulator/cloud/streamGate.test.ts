import { beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../clock/turnedClock.js';
import { makeFleet, type Fleet } from '../index.js';
import type { StreamVerdict } from '../origin/types.js';
import type { CameraFault, NewAddressPlays } from './faults.js';
import { LiveUrls } from './liveUrls.js';
import { StreamGate } from './streamGate.js';

const APP = 'v3/openlive';

describe('the gate of the origin', () => {
  let clock: TurnedClock;
  let fleet: Fleet;
  let urls: LiveUrls;
  let gate: StreamGate;

  beforeEach(() => {
    clock = new TurnedClock();
    fleet = makeFleet({ cameras: 4 });
    urls = new LiveUrls(clock, fleet.seed, {
      rtmpUrl: (app, stream) => `rtmp://x/${app}/${stream}`,
      webBase: () => '',
    });
    gate = new StreamGate(fleet, urls);
  });

  const stream = (options: { quality?: 1 | 2; camera?: number } = {}): string => {
    const camera = fleet.cameras()[options.camera ?? 0] ?? expect.fail('no camera');
    const quality = options.quality ?? 1;
    const { url } = urls.give({ camera, protocol: 3, quality, lifetimeSeconds: 90, mark: null });
    return url.slice(`rtmp://x/${APP}/`.length);
  };
  const fault = (name: CameraFault): void => fleet.setCameraFault('Camera 0001', name, true);

  it('plays a good URL until it expires, the older one beside the newer', async () => {
    const older = stream();
    await clock.advance(30_000);
    const newer = stream();
    const cutAt = new Date(clock.now().getTime() + 60_000);
    expect(gate.lookup(APP, older)).toMatchObject({ play: 'camera', cameraName: 'Camera 0001', cutAt });
    await clock.advance(60_000);
    expect(gate.lookup(APP, older)).toMatchObject({ play: 'refuse', reason: '4058 the URL has expired' });
    expect(gate.lookup(APP, newer).play).toBe('camera');
  });

  it('refuses another application, a name without its query and anything that was tampered with', () => {
    const good = stream();
    expect(gate.lookup('live', good).play).toBe('refuse');
    expect(gate.lookup(`${APP}/${good}`, '').play).toBe('refuse');
    expect(gate.lookup(APP, good.slice(0, good.indexOf('?'))).play).toBe('refuse');
    expect(gate.lookup(APP, good.replace(/expire=\d+/, 'expire=9999999999')).play).toBe('refuse');
    expect(gate.lookup(APP, good.replace(/_1\?/, '_2?')).play).toBe('refuse');
    expect(gate.lookup(APP, good.replace(/&t=./, '&t=x')).play).toBe('refuse');
    expect(gate.refusals()).toBe(6);
  });

  it('lets connections play on when they are not to be cut', () => {
    fleet.media.cutAtExpiry = false;
    fleet.media.sessionLimitMs = 60_000;
    expect(gate.lookup(APP, stream())).toMatchObject({ play: 'camera', cutAt: null, sessionLimitMs: 60_000 });
  });

  it('shows the error clip for H.265, on the sub stream only when that is H.265 too', () => {
    const [main, sub] = [stream({ quality: 1 }), stream({ quality: 2 })];
    fault('h265-main');
    expect(gate.lookup(APP, main)).toMatchObject({ play: 'error-clip', reason: '9053' });
    expect(gate.lookup(APP, sub).play).toBe('camera');
    fault('h265');
    expect(gate.lookup(APP, sub).play).toBe('error-clip');
  });

  it.each<[CameraFault, string]>([
    ['offline', 'refuse'],
    ['deleted', 'refuse'],
    ['encrypted', 'error-clip'],
    ['error-clip', 'error-clip'],
    ['no-video', 'nothing'],
    ['timeout', 'nothing'],
  ])('answers a camera with fault %s with %s', (name, play) => {
    const url = stream();
    fault(name);
    expect(gate.lookup(APP, url).play).toBe(play);
    expect(gate.lookup(APP, stream({ camera: 1 })).play).toBe('camera');
  });

  it.each<[NewAddressPlays, Partial<StreamVerdict>]>([
    ['nothing', { play: 'nothing' }],
    ['error-clip', { play: 'error-clip', reason: '9053' }],
    ['other-codec', { play: 'camera', codec: 'h265', sound: 'none' }],
    ['other-size', { play: 'camera', codec: 'h264', clipKey: expect.stringMatching(/\/sub$/) as string }],
    ['other-sound', { play: 'camera', codec: 'h264', sound: 'aac' }],
  ])('a new address plays %s when that is set, those before and after do not', (newAddressPlays, plays) => {
    const settings = fleet.camera('Camera 0001').stream;
    const older = stream();
    settings.newAddressPlays = newAddressPlays;
    const newer = stream();
    expect(gate.isGone(older)).toBe(false);
    settings.newAddressPlays = 'camera';
    const usual = { play: 'camera', codec: 'h264', sound: 'none', keyFrameSeconds: 1 };
    expect(gate.lookup(APP, older)).toMatchObject({ ...usual, clipKey: expect.not.stringMatching(/sub/) as string });
    expect(gate.lookup(APP, newer)).toMatchObject(plays);
    expect(gate.lookup(APP, stream())).toMatchObject(usual);
  });

  it('plays with the sound and the key frames of the camera', () => {
    Object.assign(fleet.camera('Camera 0001').stream, { sound: 'aac', keyFrameSeconds: 4 });
    expect(gate.lookup(APP, stream())).toMatchObject({ sound: 'aac', keyFrameSeconds: 4 });
    fleet.camera('Camera 0001').stream.newAddressPlays = 'other-sound';
    expect(gate.lookup(APP, stream())).toMatchObject({ sound: 'none', keyFrameSeconds: 4 });
    expect(gate.lookup(APP, stream({ camera: 1 }))).toMatchObject({ sound: 'none', keyFrameSeconds: 1 });
  });

  it('refuses streams over the cap of an account and takes them when one has ended', () => {
    fleet.account('hikvision').streamCap = 2;
    const [first, second, third] = [stream(), stream({ camera: 1 }), stream({ camera: 2 })];
    gate.onOpen(first);
    gate.onOpen(second);
    expect(gate.lookup(APP, third)).toMatchObject({ play: 'refuse', reason: '9048 too many streams at once' });
    gate.onClose(first);
    expect(gate.lookup(APP, third).play).toBe('camera');
    expect(gate.peak('hikvision')).toBe(2);
  });

  it('tells who is to be cut because the camera went away', () => {
    const url = stream();
    expect(gate.isGone(url)).toBe(false);
    fault('offline');
    expect(gate.isGone(url)).toBe(true);
    expect(gate.isGone(stream({ camera: 1 }))).toBe(false);
  });
});
