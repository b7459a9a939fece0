import { describe, expect, it } from 'vitest';
import {
  AAC,
  KEY,
  liveStream,
  rising,
  startStreamRig,
  target,
  told,
  Watcher,
} from '../../../test/support/relay/streamRig.js';

describe('a relayed stream', () => {
  it('is pulled from the first reader to the last', async () => {
    const { stream, pulls, running, clock } = startStreamRig();
    stream.setCamera(told(target(1)));
    expect(pulls).toEqual([]);
    const [one, two] = [new Watcher(stream), new Watcher(stream)];
    expect(running()).toEqual([1]);
    one.visit.leave();
    one.visit.leave();
    expect(running()).toEqual([1]);
    two.visit.leave();
    expect([stream.state, running()]).toEqual(['idle', []]);
    await clock.advance(600_000);
    expect(pulls).toHaveLength(1);
  });

  it('sends the first key frame with three copies in the past, and its parameter sets with each', async () => {
    const { watcher } = await liveStream();
    expect(watcher.times.slice(0, 6)).toEqual(['-1140k', '-760k', '-380k', '0k', '40', '80']);
    expect(watcher.frames[0]).toMatchObject({ units: [{ length: 4 }, { length: 3 }, KEY] });
  });

  it('begins a reader later where it is told so, with everything since the latest key frame', async () => {
    const rig = startStreamRig(undefined, { beginsAfterMs: 300 });
    rig.stream.setCamera(told(target(1)));
    const [watcher, gone] = [new Watcher(rig.stream).play(), new Watcher(rig.stream).play()];
    rig.last().setUp();
    rig.last().picture(true);
    await rig.flow(rig.last(), 7);
    gone.visit.leave();
    expect(watcher.times).toEqual([]);
    await rig.flow(rig.last(), 1);
    const since = ['0k', '40', '80', '120', '160', '200', '240', '280'];
    expect(watcher.times.slice(0, 11)).toEqual(['-1140k', '-760k', '-380k', ...since]);
    expect(gone.times).toEqual([]);
  });

  it('without sound tells readers of none and sends none; switched off under them, it ends at once', async () => {
    const rig = startStreamRig();
    const camera = told(target(1, { tracks: null }));
    rig.stream.setCamera({ ...camera, sound: 'off' });
    const deaf = new Watcher(rig.stream);
    rig.last().setUp();
    rig.last().sound();
    rig.last().picture(true);
    // No sound is waited for.
    await rig.clock.advance(0);
    expect(deaf.tracks).toMatchObject({ picture: { codec: 'h264' }, sound: null });
    rig.last().sound();
    expect(deaf.play().frames.every(({ kind }) => kind === 'picture')).toBe(true);
    deaf.visit.leave();

    const other = startStreamRig();
    other.stream.setCamera(camera);
    const heard = new Watcher(other.stream);
    other.last().setUp();
    other.last().sound();
    other.last().picture(true);
    other.last().sound();
    await other.clock.advance(0);
    heard.play();
    const sounds = (): number => heard.frames.filter(({ kind }) => kind === 'sound').length;
    expect([heard.tracks?.sound === null, sounds() > 0]).toEqual([false, true]);
    const before = sounds();
    other.stream.setCamera({ ...camera, sound: 'off' });
    await other.clock.advance(128);
    other.last().sound(AAC, 64);
    expect(sounds()).toBe(before);
    other.stream.setCamera(camera);
    other.last().sound(AAC, 128);
    expect(sounds()).toBe(before + 1);
  });

  it('describes itself when sound or half a second has come, and at once the next time', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1, { tracks: null })));
    const silent = new Watcher(rig.stream);
    rig.last().setUp();
    rig.last().picture(true);
    await rig.clock.advance(499);
    expect(silent.tracks).toBeUndefined();
    await rig.clock.advance(1);
    expect(silent.tracks).toMatchObject({ picture: { codec: 'h264' }, sound: null });
    silent.visit.leave();

    const heard = new Watcher(rig.stream);
    await rig.clock.advance(0);
    expect(heard.tracks).toMatchObject({ sound: null });
    // Sound that the readers were not told of is left out as long as the stream has readers.
    rig.last().setUp();
    rig.last().sound();
    rig.last().picture(true);
    rig.last().sound();
    expect(heard.play().times).toEqual(['-1140k', '-760k', '-380k', '0k']);
    heard.visit.leave();
    const next = new Watcher(rig.stream);
    await rig.clock.advance(0);
    expect(next.tracks).toMatchObject({ sound: { codec: 'aac' } });
  });

  it('begins a later reader with what came since the latest key frame', async () => {
    const { stream, last } = await liveStream();
    expect(new Watcher(stream).play().times).toEqual([
      '-340k',
      '40k',
      '420k',
      '800k',
      '840',
      '880',
      '920',
      '960',
      '1000',
    ]);
    last().sound();
    expect(new Watcher(stream).play().times).toHaveLength(9);
  });

  it('keeps what it needs later although the memory of a picture is used again', async () => {
    const rig = await liveStream();
    const [key, picture] = [KEY.toString('hex'), '4101'];
    expect(new Watcher(rig.stream).play().pictures).toEqual([key, key, key, key, ...Array<string>(5).fill(picture)]);
    // The next source's pictures are held, then sent when it takes over.
    rig.stream.setCamera(told(target(2)));
    const before = rig.watcher.pictures.length;
    rig.last().setUp();
    rig.last().picture(true);
    await rig.flow(rig.last(), 5);
    expect([rig.stream.revision, rig.watcher.pictures.slice(before, before + 2)]).toEqual([2, [key, picture]]);
    // The last key frame is repeated after the source has ended.
    rig.last().end();
    const live = rig.watcher.pictures.length;
    await rig.clock.advance(3_000);
    expect(new Set(rig.watcher.pictures.slice(live))).toEqual(new Set([key]));
  });
});

describe('a cold stream', () => {
  it('is an error when nothing comes for ten seconds, also for who was told the tracks', async () => {
    const { stream, clock, watcher } = await liveStream();
    watcher.visit.leave();
    const known = new Watcher(stream);
    await clock.advance(10_000);
    expect([known.isEnded, known.tracks?.picture?.codec, stream.state]).toEqual([true, 'h264', 'dark']);
    expect(stream.seen()).toMatchObject({ state: 'dark', revision: null, readers: 0 });
    await clock.advance(10_000);
    expect(stream.seen()).toBeNull();
  });

  it('turns readers away at once while it is dark, and takes them as soon as a pull brings a picture', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1)));
    const first = new Watcher(rig.stream);
    await rig.clock.advance(9_999);
    expect(first.tracks).toBeUndefined();
    await rig.clock.advance(1);
    // The reader was answered with null; its end is not called as well.
    expect([first.tracks, first.isEnded]).toEqual([null, false]);
    const second = new Watcher(rig.stream);
    await rig.clock.advance(0);
    expect([second.tracks, rig.running()]).toEqual([null, [1]]);
    rig.last().setUp();
    rig.last().picture(true);
    expect(rig.stream.state).toBe('ready');
    const third = new Watcher(rig.stream);
    await rig.clock.advance(0);
    expect([third.tracks?.picture?.codec, third.play().times]).toEqual(['h264', ['-1140k', '-760k', '-380k', '0k']]);
    expect([rig.stream.state, rig.pulls.length]).toEqual(['live', 1]);
  });

  it('is tried with one pull at a time, and not for long once nobody asks for it', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1)));
    new Watcher(rig.stream);
    let most = 0;
    const fail = async (seconds: number): Promise<void> => {
      for (let at = 0; at < seconds * 4; at++) {
        most = Math.max(most, rig.running().length);
        if (!rig.last().isStopped) rig.last().end();
        await rig.clock.advance(250);
      }
    };
    await fail(12);
    new Watcher(rig.stream);
    await fail(9);
    expect([rig.stream.state, most]).toEqual(['dark', 1]);
    await fail(2);
    const { length } = rig.pulls;
    expect([rig.stream.state, rig.running()]).toEqual(['idle', []]);
    await rig.clock.advance(600_000);
    expect(rig.pulls).toHaveLength(length);
  });

  it('holds what it found for readers that come back, and not for long', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1)));
    new Watcher(rig.stream);
    await rig.clock.advance(10_000);
    rig.last().setUp();
    rig.last().picture(true);
    await rig.flow(rig.last(), 250);
    expect([rig.stream.state, rig.running()]).toEqual(['idle', []]);
  });
});

describe('a new target', () => {
  it('is pulled beside the old one and taken over from its first key frame on, and times go on', async () => {
    const rig = await liveStream();
    const old = rig.last();
    rig.stream.setCamera(told(target(2)));
    const fresh = rig.last();
    fresh.setUp('h264', '6742c01f');
    fresh.picture(false);
    await rig.flow(old, 1);
    expect([rig.running(), rig.stream.revision]).toEqual([[1, 2], 1]);
    await rig.clock.advance(40);
    fresh.picture(true);
    await rig.flow(fresh, 3);
    // No picture of the new source is lost, and the times go on from the old one.
    expect([rig.running(), rig.stream.revision]).toEqual([[2], 2]);
    await rig.flow(fresh, 2);
    expect(rig.watcher.times.slice(-7)).toEqual(['1040', '1200k', '1240', '1280', '1300', '1340', '1380']);
    expect(rig.watcher.frames.at(-6)).toMatchObject({ units: [Buffer.from('6742c01f', 'hex'), { length: 3 }, KEY] });
    expect(rig.watcher.isEnded).toBe(false);
  });

  it('that begins with old pictures out of a cache is taken over at its next key frame', async () => {
    const rig = await liveStream();
    const old = rig.last();
    rig.stream.setCamera(told(target(2)));
    const fresh = rig.last();
    fresh.setUp();
    for (let at = 0; at < 50; at++) fresh.picture(at === 0);
    const before = rig.watcher.frames.length;
    for (let at = 0; at < 5; at++) {
      await rig.flow(old, 1);
      fresh.picture(false);
    }
    expect([rig.stream.revision, rig.watcher.frames.length]).toEqual([1, before + 5]);
    fresh.picture(true);
    expect(rig.stream.revision).toBe(2);
    expect(rig.watcher.times.slice(before)).toEqual(['1040', '1080', '1120', '1160', '1200', '1240k']);
  });

  it('that sends nothing but key frames is taken over soon', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(told(target(2)));
    rig.last().setUp();
    for (let at = 0; at < 5; at++) {
      rig.last().picture(true);
      await rig.clock.advance(40);
    }
    expect(rig.stream.revision).toBe(2);
  });

  it('of which only old pictures have come is taken when the old one ends', async () => {
    const rig = await liveStream();
    const old = rig.last();
    rig.stream.setCamera(told(target(2)));
    rig.last().setUp();
    for (let at = 0; at < 50; at++) rig.last().picture(at === 0);
    old.end();
    expect([rig.stream.revision, rig.stream.state, rig.pulls.length]).toEqual([2, 'live', 2]);
    expect(rising(rig.watcher)).toBe(true);
  });

  it('that fails is tried again while the old one goes on', async () => {
    const rig = await liveStream();
    const old = rig.last();
    rig.stream.setCamera(told(target(2)));
    rig.last().end();
    await rig.flow(old, 25);
    rig.last().setUp();
    rig.last().picture(true);
    await rig.flow(rig.last(), 3);
    expect([rig.pulls.length, rig.running(), rig.stream.revision]).toEqual([3, [2], 2]);
    expect(rising(rig.watcher)).toBe(true);
  });

  it('without a key frame is given up and tried again', async () => {
    const rig = await liveStream();
    const old = rig.last();
    rig.stream.setCamera(told(target(2)));
    rig.last().setUp();
    await rig.flow(old, 520);
    expect(rig.news).toContainEqual({ kind: 'pull-over', revision: 2, reason: 'no-key-frame', code: null });
    expect([rig.pulls.length, rig.running()]).toEqual([3, [1, 2]]);
  });

  it('of another codec is refused while the old one goes on, and ends the readers once that is over', async () => {
    const rig = await liveStream();
    const old = rig.last();
    rig.stream.setCamera(told(target(2)));
    rig.last().setUp('h265');
    rig.last().picture(true);
    await rig.flow(old, 250);
    expect(rig.news).toContainEqual({ kind: 'refused', revision: 2, codec: 'h265' });
    expect([rig.pulls.length, rig.running(), rig.watcher.isEnded]).toEqual([2, [1], false]);
    old.end();
    rig.last().setUp('h265');
    rig.last().picture(true);
    expect([rig.watcher.isEnded, rig.stream.state]).toEqual([true, 'ready']);
    expect(rig.news).toContainEqual({ kind: 'rebuilt', revision: 2 });
    const back = new Watcher(rig.stream);
    await rig.clock.advance(0);
    expect(back.tracks).toMatchObject({ picture: { codec: 'h265' } });
    // The new reader gets the pull that showed the other codec.
    expect([back.play().times, rig.running(), rig.stream.state]).toEqual([
      ['-1140k', '-760k', '-380k', '0k'],
      [2],
      'live',
    ]);
  });

  it('is not needed for another codec: a source that changes it ends the readers once, who find it at once', async () => {
    const rig = await liveStream();
    rig.last().setUp('h265');
    rig.last().picture(true);
    expect([rig.watcher.isEnded, rig.stream.state, rig.pulls.length]).toEqual([true, 'ready', 1]);
    const back = new Watcher(rig.stream);
    await rig.clock.advance(0);
    expect([back.tracks?.picture?.codec, back.play().times, rig.stream.state]).toEqual([
      'h265',
      ['-1140k', '-760k', '-380k', '0k'],
      'live',
    ]);
    await rig.flow(rig.last(), 20);
    expect(back.isEnded).toBe(false);
  });

  it('that comes while nothing is live takes the place of the one that is tried', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1)));
    const watcher = new Watcher(rig.stream).play();
    rig.stream.setCamera(told(target(2)));
    expect(rig.running()).toEqual([2]);
    rig.stream.setCamera(told(target(2, { endsAt: new Date(0) })));
    expect(rig.running()).toEqual([2]);
    rig.last().setUp();
    rig.last().picture(true);
    expect(watcher.times).toHaveLength(4);
  });

  it('is not pulled once it has ended', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(told(target(1, { endsAt: rig.clock.now() })));
    rig.last().end();
    await rig.clock.advance(30_000);
    expect([rig.pulls.length, rig.stream.state]).toEqual([1, 'bridging']);
    rig.stream.setCamera(told(target(2)));
    expect(rig.running()).toEqual([2]);
  });
});

describe('a pull that ends', () => {
  it('is tried again at once, and the stream goes on at its next key frame', async () => {
    const rig = await liveStream();
    await rig.flow(rig.last(), 250);
    const before = rig.watcher.frames.length;
    rig.last().isStopped = true;
    rig.last().end();
    expect([rig.stream.state, rig.running()]).toEqual(['bridging', [1]]);
    await rig.clock.advance(700);
    rig.last().setUp();
    rig.last().picture(false);
    rig.last().picture(true);
    await rig.flow(rig.last(), 3);
    expect(rig.watcher.times.slice(before)).toEqual(['11550k', '11700k', '11740', '11780', '11820']);
    expect(rig.stream.state).toBe('live');
  });

  it('is bridged with the last key frame, never five seconds without a packet, and ends after a minute', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(told(target(1), { whenGone: 'end' }));
    rig.last().end();
    const before = rig.watcher.frames.length;
    for (let second = 0; second < 59; second++) {
      await rig.clock.advance(1_000);
      if (rig.last().target.revision === 1 && second % 3 === 0) rig.last().end();
    }
    const bridged = rig.watcher.frames.slice(before);
    expect(bridged.length).toBeGreaterThan(45);
    expect(bridged.every((frame) => frame.kind === 'picture' && frame.isKey)).toBe(true);
    expect([rising(rig.watcher), rig.watcher.isEnded]).toEqual([true, false]);
    await rig.clock.advance(1_250);
    expect([rig.watcher.isEnded, rig.stream.state, rig.running().length]).toEqual([true, 'idle', 0]);
  });

  it('again and again does not beat upon the cloud', async () => {
    const rig = await liveStream();
    rig.last().end();
    for (let second = 0; second < 30; second++) {
      if (rig.stream.state === 'bridging' && !rig.last().isStopped) {
        rig.last().setUp();
        rig.last().picture(true);
        rig.last().end();
      }
      await rig.clock.advance(1_000);
    }
    expect(rig.pulls.length).toBeLessThan(20);
    expect(rig.watcher.isEnded).toBe(false);
  });

  it('for long, again and again, is tried as often as the first time, since pictures came in between', async () => {
    const rig = await liveStream();
    for (let outage = 0; outage < 4; outage++) {
      rig.last().end();
      let waits = 0;
      for (let ms = 0; ms < 50_000; ms += 100) {
        await rig.clock.advance(100);
        const { length } = rig.running();
        waits = length === 0 ? waits + 100 : 0;
        expect(waits).toBeLessThan(1_500);
        if (length > 0) rig.last().end();
      }
      await rig.clock.advance(1_500);
      rig.last().setUp();
      rig.last().picture(true);
      await rig.flow(rig.last(), 100);
    }
    expect(rig.stream.seen()).toMatchObject({ state: 'live' });
  });

  it('leaves the new target that is under way to come in its place', async () => {
    const rig = await liveStream();
    const old = rig.last();
    rig.stream.setCamera(told(target(2)));
    old.end();
    expect([rig.pulls.length, rig.stream.state]).toEqual([2, 'bridging']);
    rig.last().setUp();
    rig.last().picture(true);
    expect([rig.stream.revision, rig.stream.state]).toEqual([2, 'live']);
  });
});

describe('a source that stands still without ending', () => {
  it('has its last key frame repeated after four seconds, and goes on at its next one', async () => {
    const rig = await liveStream();
    const before = rig.watcher.frames.length;
    await rig.clock.advance(4_250);
    expect(rig.watcher.frames.slice(before)).toMatchObject([{ isKey: true }]);
    rig.last().picture(false);
    expect(rig.watcher.frames).toHaveLength(before + 1);
    rig.last().picture(true);
    expect(rig.watcher.frames).toHaveLength(before + 2);
    expect(rising(rig.watcher)).toBe(true);
  });
});
