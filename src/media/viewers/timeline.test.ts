import { describe, expect, it } from 'vitest';
import { Segmenter, type Segment } from '../formats/segmenter.js';
import type { AudioUnit, VideoUnit } from '../formats/units.js';
import { StillPicture } from '../pull/stillPicture.js';
import { Timeline } from './timeline.js';

const config = { avcC: Buffer.from([1, 2, 3]), width: 640, height: 360 };
const video = (seconds: number, more: Partial<VideoUnit> = {}): VideoUnit => {
  const dts = Math.round(seconds * 90_000);
  return { kind: 'video', config, dts, pts: dts, keyFrame: false, data: Buffer.from([0]), ...more };
};
const audio = (seconds: number): AudioUnit => {
  const sound = { asc: Buffer.from([0x12, 0x10]), sampleRate: 44_100, channels: 2 };
  return { kind: 'audio', config: sound, dts: Math.round(seconds * 90_000), data: Buffer.from([0]) };
};
const seconds = (unit: { dts: number } | null): number | null => unit && unit.dts / 90_000;

describe('a timeline', () => {
  /** Places units, each given by its own time or by its own time and the time of its arrival, in seconds; returns their places. */
  const places = (timeline: Timeline, ...came: readonly (number | readonly [own: number, atSeconds: number])[]) =>
    came.map((at) => {
      const [own, atSeconds] = typeof at === 'number' ? [at, at] : at;
      return seconds(timeline.place(video(own), atSeconds * 1000));
    });
  const close = (...times: readonly number[]) => times.map((at) => expect.closeTo(at, 3) as number);

  it('begins at zero and lets another source follow right after the last picture', () => {
    const timeline = new Timeline();
    expect(places(timeline, 100, 100.1, 100.2)).toEqual(close(0, 0.1, 0.2));
    timeline.join();
    expect(places(timeline, [7, 100.3], [7.1, 100.4])).toEqual(close(0.3, 0.4));
  });

  it('never goes back, and does not jump when the source does', () => {
    const timeline = new Timeline();
    const came = places(timeline, 5, 5.1, [4, 5.2], [4.1, 5.3], [900, 5.4], [900.1, 5.5]);
    expect(came).toEqual(close(0, 0.1, 0.2, 0.3, 0.4, 0.5));
  });

  it('keeps a pause of the source', () => {
    expect(places(new Timeline(), 5, 8)).toEqual([0, 3]);
  });

  it('leaves a gap between two sources as long as it was', () => {
    const timeline = new Timeline();
    places(timeline, 100, 100.1);
    timeline.join();
    expect(places(timeline, [3, 101.1], [3.1, 101.2])).toEqual(close(1.1, 1.2));
  });

  it('does not go ahead of the clock by the old pictures with which a later source begins, and keeps their order', () => {
    const timeline = new Timeline();
    // The first source may begin with old pictures: its viewers have seen none yet.
    expect(places(timeline, [100, 50], [100.5, 50], [101, 50], [101.5, 50.5])).toEqual(close(0, 0.5, 1, 1.5));
    timeline.join();
    places(timeline, [7, 60], [8, 60], [9, 60]);
    const [first, last] = places(timeline, [9.1, 60.1], [12.1, 63.1]);
    expect(last).toBeCloseTo(13.1 + 1 + 0.1, 2);
    expect(first).toBeLessThan(last ?? 0);
    timeline.join();
    const reordered = [0, 0.1, 0.2, 0.3].map((at) => {
      const shown = at === 0.1 ? 0.5 : 0.1;
      return timeline.place(video(at, { pts: Math.round((at + shown) * 90_000) }), 64_000)?.pts ?? 0;
    });
    const [, d = 0, b = 0, c = 0] = reordered;
    expect([b < c, c < d]).toEqual([true, true]);
  });

  it('follows a source whose clock is fast', () => {
    const timeline = new Timeline();
    const came = Array.from({ length: 600 }, (_, index) => [index * 1.01, index] as const);
    expect(places(timeline, ...came).at(-1)).toBeCloseTo(599.1, 1);
  });

  it('moves sound with the pictures, and leaves out what comes before the first', () => {
    const timeline = new Timeline();
    expect(timeline.place(audio(99), 0)).toBeNull();
    timeline.place(video(100), 0);
    expect(seconds(timeline.place(audio(100.02), 20))).toBeCloseTo(0.02);
    timeline.join();
    timeline.place(video(50), 100);
    expect(timeline.place(audio(49), 100)).toBeNull();
  });
});

describe('a segmenter', () => {
  const cut = (units: readonly (VideoUnit | AudioUnit)[]): Segment[] => {
    const segments: Segment[] = [];
    const segmenter = new Segmenter(
      (segment) => segments.push(segment),
      () => null,
    );
    for (const unit of units) segmenter.push(unit);
    return segments;
  };

  it('cuts at key frames that are at least a second apart', () => {
    const keys = [0, 0.5, 1, 2, 3].map((at) => video(at, { keyFrame: true }));
    expect(cut(keys).map(({ durationMs }) => durationMs)).toEqual([1000, 1000, 1000]);
  });

  it('hands out an init part at first, and again only when the parameters changed', () => {
    const other = { ...config, avcC: Buffer.from([4, 5]) };
    const units = [0, 1, 2, 3, 4].map((at) => video(at, { keyFrame: true, config: at < 3 ? config : other }));
    expect(cut(units).map(({ init }) => init !== null)).toEqual([true, false, false, true]);
  });

  it('cuts a stream without key frames before it grows without end', () => {
    const units = Array.from({ length: 40 }, (_, at) => video(at, { keyFrame: at === 0 }));
    expect(cut(units).map(({ durationMs }) => durationMs)).toEqual([12_000, 12_000, 12_000]);
  });

  it('cuts at the first key frame of another source, however short that makes the segment', () => {
    const segments: Segment[] = [];
    const segmenter = new Segmenter(
      (segment) => segments.push(segment),
      () => null,
    );
    segmenter.push(video(0, { keyFrame: true }));
    segmenter.cutNext();
    for (const at of [0.3, 0.8, 1.3]) segmenter.push(video(at, { keyFrame: true }));
    expect(segments.map(({ durationMs }) => durationMs)).toEqual([300, 1000].map((ms) => expect.closeTo(ms) as number));
  });

  it('waits for the first key frame', () => {
    expect(cut([video(0), video(1), video(2)])).toEqual([]);
  });
});

describe('a still picture', () => {
  const width = 64;
  it('is one whose blocks stay as they are, coding noise aside', () => {
    const still = new StillPicture();
    still.see(Buffer.alloc(width * 32, 100), width, width, 32);
    still.see(Buffer.alloc(width * 32, 103), width, width, 32);
    expect(still.moved).toBe(false);
    const changed = Buffer.alloc(width * 32, 100);
    for (let y = 0; y < 16; y++) changed.fill(140, y * width, y * width + 16);
    still.see(changed, width, width, 32);
    expect(still.moved).toBe(true);
  });
});
