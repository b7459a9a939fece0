import { describe, expect, it } from 'vitest';
import { Segmenter, type Segment } from './segmenter.js';
import { StillPicture } from './stillPicture.js';
import { Timeline } from './timeline.js';
import type { AudioUnit, VideoUnit } from './units.js';

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
  it('begins at zero and lets another source follow right after the last picture', () => {
    const timeline = new Timeline();
    expect([100, 100.1, 100.2].map((at) => seconds(timeline.place(video(at))))).toEqual(
      [0, 0.1, 0.2].map((at) => expect.closeTo(at) as number),
    );
    timeline.join();
    expect([7, 7.1].map((at) => seconds(timeline.place(video(at))))).toEqual(
      [0.3, 0.4].map((at) => expect.closeTo(at) as number),
    );
  });

  it('never goes back, and does not jump when the source does', () => {
    const timeline = new Timeline();
    const placed = [5, 5.1, 4, 4.1, 900, 900.1].map((at) => seconds(timeline.place(video(at))));
    expect(placed).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5].map((at) => expect.closeTo(at) as number));
  });

  it('keeps a pause of the source', () => {
    const timeline = new Timeline();
    expect([5, 8].map((at) => seconds(timeline.place(video(at))))).toEqual([0, 3]);
  });

  it('leaves a gap where it is told to, and says where silence belongs in it', () => {
    const timeline = new Timeline();
    timeline.place(video(100));
    timeline.place(audio(100));
    timeline.place(video(100.1));
    const silence = [...timeline.soundGap(90_000, 22_500)].map((dts) => dts / 90_000);
    expect(silence).toEqual([0.25, 0.5, 0.75, 1].map((at) => expect.closeTo(at) as number));
    timeline.join(90_000);
    expect(seconds(timeline.place(video(3)))).toBeCloseTo(1.1);
    expect(seconds(timeline.place(video(3.1)))).toBeCloseTo(1.2);
    expect([...new Timeline().soundGap(90_000, 22_500)]).toEqual([]);
  });

  it('moves sound with the pictures, and leaves out what comes before the first', () => {
    const timeline = new Timeline();
    expect(timeline.place(audio(99))).toBeNull();
    timeline.place(video(100));
    expect(seconds(timeline.place(audio(100.02)))).toBeCloseTo(0.02);
    timeline.join();
    timeline.place(video(50));
    expect(timeline.place(audio(49))).toBeNull();
  });
});

describe('a segmenter', () => {
  const cut = (units: readonly (VideoUnit | AudioUnit)[]): Segment[] => {
    const segments: Segment[] = [];
    const segmenter = new Segmenter((segment) => segments.push(segment));
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
    const segmenter = new Segmenter((segment) => segments.push(segment));
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
