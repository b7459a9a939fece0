import { describe, expect, it } from 'vitest';
import {
  AAC,
  liveStream,
  rising,
  startStreamRig,
  target,
  told,
  Watcher,
  type StreamRig,
} from '../../../test/support/relay/streamRig.js';
import type { StreamFrame } from '../rtsp/served.js';

const SLATE = [Buffer.from('6764001f', 'hex'), Buffer.from('68ee3c80', 'hex'), Buffer.from([0x65, 9])];

const isSlate = (frame: StreamFrame): boolean => frame.kind === 'picture' && frame.units[2]?.toString('hex') === '6509';
const sounds = ({ frames }: Watcher): StreamFrame[] => frames.filter(({ kind }) => kind === 'sound');

/** Lets seconds pass while every pull is refused. */
async function away({ clock, last, running }: StreamRig, seconds: number): Promise<void> {
  for (let at = 0; at < seconds * 4; at++) {
    if (running().length > 0) last().end();
    await clock.advance(250);
  }
}

describe('the slate', () => {
  it('takes the place of the last key frame after five seconds, and pictures come back at a key frame', async () => {
    const rig = await liveStream();
    rig.stream.setSlate(SLATE);
    const before = rig.watcher.frames.length;
    await away(rig, 4);
    expect(rig.watcher.frames.slice(before).some(isSlate)).toBe(false);
    await away(rig, 6);
    const bridged = rig.watcher.frames.slice(before);
    // A stand-in every 400 ms, checked every 100 ms.
    expect(bridged.findIndex(isSlate)).toBe(12);
    expect(bridged.slice(12).every((frame) => isSlate(frame) && frame.kind === 'picture' && frame.isKey)).toBe(true);
    expect([bridged.length, rig.news.filter(({ kind }) => kind === 'slate').length]).toEqual([24, 1]);
    await rig.clock.advance(1_400);
    rig.last().setUp();
    rig.last().picture(false);
    expect(rig.watcher.frames.slice(-1).map(isSlate)).toEqual([true]);
    rig.last().picture(true);
    await rig.flow(rig.last(), 3);
    expect(rig.watcher.frames.slice(-4).map((frame) => isSlate(frame))).toEqual([false, false, false, false]);
    expect([rising(rig.watcher), rig.watcher.isEnded, rig.stream.state]).toEqual([true, false, 'live']);
    expect(rig.news.find(({ kind }) => kind === 'bridged')).toMatchObject({ gapMs: 11_400 });
  });

  it('and the last key frame are sent so often that no HLS list stands still, however far apart the key frames of the source are', async () => {
    for (const everyMs of [2_000, 8_000]) {
      const rig = startStreamRig();
      rig.stream.setSlate(SLATE);
      rig.stream.setCamera(told(target(1)));
      const watcher = new Watcher(rig.stream).play();
      rig.last().setUp();
      rig.last().picture(true);
      for (let ms = 40; ms <= everyMs; ms += 40) {
        await rig.clock.advance(40);
        rig.last().picture(ms === everyMs);
      }
      const beganMs = rig.clock.monotonicMs();
      const cameMs = [0];
      for (let step = 0; step < 94; step++) {
        if (rig.running().length > 0) rig.last().end();
        const had = watcher.frames.length;
        await rig.clock.advance(100);
        if (watcher.frames.length > had) cameMs.push(rig.clock.monotonicMs() - beganMs);
      }
      const steps = cameMs.slice(1).map((ms, at) => ms - (cameMs[at] ?? 0));
      expect([Math.max(...steps), Math.min(...steps)]).toEqual([600, 400]);
    }
  });

  it('goes on as long as somebody reads, or ends with `whenGone: end`, also where that is told meanwhile', async () => {
    const rig = await liveStream();
    rig.stream.setSlate(SLATE);
    await away(rig, 600);
    expect([rig.watcher.isEnded, rig.stream.state]).toEqual([false, 'bridging']);
    rig.stream.setCamera(told(target(1), { whenGone: 'end' }));
    await rig.clock.advance(100);
    expect([rig.watcher.isEnded, rig.stream.state, rig.running()]).toEqual([true, 'idle', []]);
    new Watcher(rig.stream);
    expect(rig.stream.state).toBe('opening');
  });

  it('keeps the readers of a camera by URL that is unplugged for ten minutes, which is dialled ever more seldom and is back by itself', async () => {
    const rig = startStreamRig();
    rig.stream.setSlate(SLATE);
    rig.stream.setCamera(told(target(1, { url: 'rtsp://10.0.0.9/main', givenBy: 'person' })));
    const watcher = new Watcher(rig.stream).play();
    rig.last().setUp();
    rig.last().picture(true);
    await rig.flow(rig.last(), 250);
    const [dials, had] = [rig.pulls.length, watcher.frames.length];
    rig.last().end({ why: 'connection', code: 'ETIMEDOUT', description: 'no answer' });
    await away(rig, 600);
    expect([watcher.isEnded, rig.stream.state, rig.stream.seen()?.reason]).toEqual([false, 'bridging', 'connection']);
    // Stand-ins come all the time, as an HLS list wants it.
    expect(watcher.frames.length - had).toBeGreaterThan(600);
    // A try every 1.3 s for more than a minute, then every 5 s.
    expect(rig.pulls.length - dials).toBeGreaterThan(100);
    expect(rig.pulls.length - dials).toBeLessThan(180);
    while (rig.running().length === 0) await rig.clock.advance(250);
    rig.last().setUp();
    rig.last().picture(true);
    await rig.flow(rig.last(), 3);
    expect([watcher.isEnded, rig.stream.state, rising(watcher)]).toEqual([false, 'live', true]);
    expect(rig.news.find(({ kind }) => kind === 'bridged')).toBeDefined();
  });

  it('is not sent where the codec is another, or there is none', async () => {
    const rig = startStreamRig();
    rig.stream.setSlate(SLATE);
    rig.stream.setCamera(told(target(1)));
    const watcher = new Watcher(rig.stream).play();
    rig.last().setUp('h265');
    rig.last().picture(true);
    await away(rig, 20);
    expect([watcher.frames.length > 15, watcher.frames.some(isSlate)]).toEqual([true, false]);
    const without = await liveStream();
    without.stream.setSlate(SLATE);
    without.stream.setSlate([]);
    await away(without, 20);
    expect(without.watcher.frames.some(isSlate)).toBe(false);
  });

  it('is all there is of a camera without an address, until one comes', async () => {
    const rig = startStreamRig();
    rig.stream.setSlate(SLATE);
    const watcher = new Watcher(rig.stream).play();
    await rig.clock.advance(2_000);
    expect(watcher.tracks).toEqual({
      picture: { codec: 'h264', parameterSets: SLATE.slice(0, 2), lengthBytes: 4 },
      sound: null,
    });
    expect([watcher.times.length, watcher.times[3], rig.stream.seen()?.reason]).toEqual([8, '0k', 'no-address']);
    rig.stream.setCamera(told(target(1)));
    rig.last().setUp();
    rig.last().picture(true);
    expect([watcher.times.length, rig.stream.state, watcher.isEnded]).toEqual([9, 'live', false]);
  });

  it('is none of a camera without an address that ends when it is gone, or has none: readers are turned away', async () => {
    for (const [slate, whenGone] of [
      [SLATE, 'end'],
      [[], 'slate'],
      [SLATE.slice(2), 'slate'],
    ] as const) {
      const rig = startStreamRig();
      rig.stream.setSlate(slate);
      rig.stream.setCamera(told(null, { whenGone }));
      const watcher = new Watcher(rig.stream);
      await rig.clock.advance(0);
      expect([watcher.tracks, watcher.isEnded]).toEqual([null, false]);
    }
  });

  it('does not stand for the tracks of the camera: the next reader is told those of its source, with sound', async () => {
    const rig = startStreamRig();
    rig.stream.setSlate(SLATE);
    new Watcher(rig.stream).visit.leave();
    rig.stream.setCamera(told(target(1, { tracks: null })));
    const watcher = new Watcher(rig.stream);
    rig.last().setUp();
    rig.last().sound();
    rig.last().picture(true);
    await rig.clock.advance(0);
    expect(watcher.tracks?.sound?.codec).toBe('aac');
  });

  it('stands in when the address ends while the stream waits for it', async () => {
    const rig = startStreamRig();
    rig.stream.setSlate(SLATE);
    rig.stream.setCamera(told(target(1, { endsAt: new Date(rig.clock.now().getTime() + 3_000) })));
    const watcher = new Watcher(rig.stream).play();
    await away(rig, 5);
    expect([rig.stream.state, watcher.frames.some(isSlate), watcher.isEnded]).toEqual(['bridging', true, false]);
  });
});

/** Pictures for so many steps of 40 ms, and a piece of sound of 64 ms where its time has come. */
async function soundFlow(rig: StreamRig, steps: number): Promise<void> {
  const pull = rig.last();
  for (let at = 1; at <= steps; at++) {
    await rig.flow(pull, 1);
    if (at % 8 === 0) for (let piece = 0; piece < 5; piece++) pull.sound(AAC, (piece - 5) * 64);
    if (at % 25 === 0) pull.picture(true);
  }
}

async function heardStream(): Promise<StreamRig & { readonly watcher: Watcher }> {
  const rig = startStreamRig();
  rig.stream.setCamera(told(target(1, { tracks: null })));
  const watcher = new Watcher(rig.stream).play();
  rig.last().setUp();
  rig.last().sound();
  rig.last().picture(true);
  await soundFlow(rig, 40);
  return { ...rig, watcher };
}

/** Gaps and overlaps between pieces of sound of 64 ms, in ms. */
function seams(watcher: Watcher): number[] {
  const times = sounds(watcher).flatMap((frame) => (frame.kind === 'sound' ? [frame.timeMs] : []));
  return times.slice(1).map((ms, at) => Math.round(ms - (times[at] ?? 0) - 64));
}

describe('silence', () => {
  it('takes the place of the sound while bridging, without a gap, and sound that comes back does not overlap it', async () => {
    const rig = await heardStream();
    const before = sounds(rig.watcher).length;
    rig.last().end();
    await rig.clock.advance(4_000);
    const bridged = sounds(rig.watcher).slice(before);
    expect(bridged.length).toBeGreaterThan(60);
    expect(bridged.every((frame) => frame.kind === 'sound' && frame.data.length === 4)).toBe(true);
    rig.last().setUp();
    rig.last().sound();
    rig.last().picture(true);
    await soundFlow(rig, 50);
    const real = sounds(rig.watcher).at(-1);
    expect(real).toMatchObject({ data: { length: 1 } });
    const [most, least] = [Math.max(...seams(rig.watcher)), Math.min(...seams(rig.watcher))];
    expect([most < 70, least >= -1]).toEqual([true, true]);
  });

  it('takes the place of the sound that a new source of the camera does not have', async () => {
    const rig = await heardStream();
    rig.last().end();
    await rig.clock.advance(300);
    rig.last().setUp();
    rig.last().picture(true);
    const before = sounds(rig.watcher).length;
    await rig.flow(rig.last(), 100);
    expect([rig.stream.state, sounds(rig.watcher).length - before]).toEqual(['live', expect.any(Number)]);
    expect(sounds(rig.watcher).length - before).toBeGreaterThan(55);
    expect(Math.max(...seams(rig.watcher).slice(-50))).toBe(0);
  });

  it('stands in for sound of another rate, too, until nobody reads', async () => {
    const rig = await heardStream();
    rig.last().end();
    await rig.clock.advance(300);
    const pull = rig.last();
    const other = { ...AAC, sampleRate: 8_000, config: Buffer.from('1588', 'hex') };
    pull.setUp();
    pull.sound(other);
    pull.picture(true);
    for (let at = 0; at < 100; at++) {
      await rig.flow(pull, 1);
      pull.sound(other);
    }
    expect(
      sounds(rig.watcher)
        .slice(-20)
        .every((frame) => frame.kind === 'sound' && frame.data.length === 4),
    ).toBe(true);
    rig.watcher.visit.leave();
    const next = new Watcher(rig.stream);
    await rig.clock.advance(0);
    expect(next.tracks?.sound?.sampleRate).toBe(8_000);
  });

  it('ends where the sound lags behind its pictures, which is heard all the same', async () => {
    const rig = await heardStream();
    rig.last().end();
    await rig.clock.advance(2_000);
    const pull = rig.last();
    pull.setUp();
    pull.sound(AAC, -400);
    pull.picture(true);
    for (let at = 0; at < 100; at++) {
      await rig.flow(pull, 8);
      for (let piece = 0; piece < 5; piece++) pull.sound(AAC, (piece - 5) * 64 - 400);
    }
    expect(
      sounds(rig.watcher)
        .slice(-100)
        .every((frame) => frame.kind === 'sound' && frame.data.length === 1),
    ).toBe(true);
  });
});

describe('what is said of a stream', () => {
  it('counts the bytes of its pulls and never those of stand-ins', async () => {
    const rig = await liveStream();
    rig.stream.setSlate(SLATE);
    expect(rig.stream.seen()).toEqual({
      state: 'live',
      revision: 1,
      readers: 1,
      bytesReceived: 2_600,
      quietMs: 0,
      reason: null,
      protocolFailures: 0,
    });
    rig.last().end();
    await away(rig, 9);
    expect(rig.stream.seen()).toMatchObject({
      state: 'bridging',
      revision: null,
      bytesReceived: 2_600,
      quietMs: 9_000,
      reason: 'connection',
    });
    await rig.clock.advance(1_400);
    rig.last().setUp();
    rig.last().picture(true);
    expect(rig.stream.seen()).toMatchObject({
      state: 'live',
      revision: 1,
      bytesReceived: 2_700,
      quietMs: 0,
      reason: null,
    });
    rig.watcher.visit.leave();
    expect(rig.stream.seen()).toBeNull();
    new Watcher(rig.stream);
    expect(rig.stream.seen()).toMatchObject({
      state: 'opening',
      revision: null,
      bytesReceived: 2_700,
      quietMs: null,
      reason: null,
    });
  });

  it('says why nothing comes, in words of ours alone', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1)));
    new Watcher(rig.stream);
    const secret = 'SERIAL_1_1?t=secret';
    rig.last().end({ why: 'not-found', code: `NetStream.Play.StreamNotFound ${secret}`, description: `no ${secret}` });
    expect(rig.stream.seen()).toMatchObject({ reason: 'not-found' });
    await rig.clock.advance(300);
    rig.last().end({ why: 'failed', code: 'NetStream.Play.Failed', description: secret });
    expect(rig.stream.seen()).toMatchObject({ reason: 'refused', protocolFailures: 0 });
    expect(rig.news.filter(({ kind }) => kind === 'pull-over')).toEqual([
      { kind: 'pull-over', revision: 1, reason: 'not-found', code: null },
      { kind: 'pull-over', revision: 1, reason: 'refused', code: 'NetStream.Play.Failed' },
    ]);
    expect(JSON.stringify(rig.news)).not.toContain('secret');
    rig.stream.setCamera(told(null));
    expect(rig.stream.seen()).toMatchObject({ state: 'dark', readers: 0, reason: 'no-address' });
  });

  it('counts the pulls in a row that it does not understand, until pictures come', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1)));
    new Watcher(rig.stream);
    const failures = (): number | undefined => rig.stream.seen()?.protocolFailures;
    rig.last().end({ why: 'protocol', description: 'unreadable bytes' });
    expect([failures(), rig.stream.seen()?.reason]).toEqual([1, 'protocol']);
    await rig.clock.advance(300);
    rig.last().end({ why: 'protocol', description: 'unreadable bytes' });
    expect(failures()).toBe(2);
    await rig.clock.advance(600);
    rig.last().end();
    expect(failures()).toBe(0);
    await rig.clock.advance(1_200);
    rig.last().end({ why: 'protocol', description: 'unreadable bytes' });
    await rig.clock.advance(1_500);
    rig.last().setUp();
    rig.last().picture(true);
    expect(failures()).toBe(0);
  });
});
