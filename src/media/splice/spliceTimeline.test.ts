import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SdpTrack } from './sdp.js';
import { SourceClock } from './sourceClock.js';
import { SpliceTimeline } from './spliceTimeline.js';

const STEP = 3600;
const STEP_MS = 40;
const track = { channels: 1, payloadType: 96, parameters: null, control: '' };
const TRACKS: SdpTrack[] = [
  { ...track, kind: 'video', codec: 'h264', clockRate: 90_000 },
  { ...track, kind: 'audio', codec: 'pcma', clockRate: 8_000 },
];

/** A source whose picture began at `video` and whose sound at `audio`, both at second 1000 of the wall clock. */
function clockOf(video: number, audio: number): SourceClock {
  const clock = new SourceClock(TRACKS);
  clock.report(0, 1000, video);
  clock.report(1, 1000, audio);
  return clock;
}

/** Pictures of one source, every 40 ms. */
function play(timeline: SpliceTimeline, start: number, count: number, nowMs: number): number[] {
  return Array.from({ length: count }, (_, at) =>
    timeline.picture(start + at * STEP, at === 0 ? 'key' : 'forward', nowMs + at * STEP_MS),
  );
}

describe('the timeline of a splice', () => {
  it('puts the first picture of another source one frame step after the last', () => {
    const timeline = new SpliceTimeline();
    const last = play(timeline, 77_000, 20, 0).at(-1) ?? 0;
    timeline.join();
    expect(play(timeline, 5, 3, 20 * STEP_MS)).toEqual([last + STEP, last + 2 * STEP, last + 3 * STEP]);
  });

  it('shows a real pause as the pause it was', () => {
    const timeline = new SpliceTimeline();
    const last = play(timeline, 0, 20, 0).at(-1) ?? 0;
    timeline.join();
    expect(timeline.picture(99, 'key', 19 * STEP_MS + 1000)).toBe(last + 90_000);
  });

  it('takes a clock that goes back or leaps for a new one', () => {
    const timeline = new SpliceTimeline();
    const last = play(timeline, 900_000, 20, 0).at(-1) ?? 0;
    expect(timeline.picture(1000, 'forward', 20 * STEP_MS)).toBe(last + STEP);
    expect(timeline.picture(1000 + STEP, 'forward', 21 * STEP_MS)).toBe(last + 2 * STEP);
    expect(timeline.picture(90_000_000, 'forward', 22 * STEP_MS)).toBe(last + 3 * STEP);
  });

  it('lets B pictures go back, but not a picture that is none', () => {
    const timeline = new SpliceTimeline();
    const order = [0, 3, 1, 2, 6, 4, 5];
    const shown = order.map((at, index) =>
      timeline.picture(at * STEP, at === 0 ? 'key' : at % 3 === 0 ? 'forward' : 'between', index * STEP_MS),
    );
    expect(shown).toEqual(order.map((at) => at * STEP));
    timeline.join();
    expect(timeline.picture(12_345, 'key', 7 * STEP_MS)).toBe(7 * STEP);
  });

  it('keeps sound and picture of the new source in step, and drops what was heard', () => {
    const timeline = new SpliceTimeline();
    const old = clockOf(0, 500_000);
    play(timeline, 0, 25, 0);
    const place = (clock: SourceClock, sound: number): number | 'drop' | 'wait' =>
      timeline.sound(sound, clock, 8_000, 24 * STEP_MS);
    expect([place(old, 500_000 - 160), place(old, 500_000), place(old, 500_160)]).toEqual(['drop', 0, 160]);
    const latest = place(old, 500_000 + 8_000);
    expect(latest).toBe(8_000);
    timeline.join();
    const next = clockOf(4_000_000_000, 70_000);
    const [key = 0] = play(timeline, 4_000_000_000, 1, 25 * STEP_MS);
    expect(key).toBe(25 * STEP); // one second
    expect(place(next, 70_000 - 160)).toBe('drop');
    expect(place(next, 70_000)).toBe('drop');
    expect(place(next, 70_160)).toBe(8_160);
  });

  it('does not let long packets of sound overlap', () => {
    const timeline = new SpliceTimeline();
    const old = clockOf(0, 0);
    play(timeline, 0, 25, 0);
    for (const at of [0, 2560, 5120]) expect(timeline.sound(at, old, 8_000, 900)).toBe(at);
    timeline.join();
    const next = clockOf(0, 0);
    timeline.picture(0, 'key', 1000);
    expect(timeline.sound(-8_000 + 5120 + 1400, next, 8_000, 1000)).toBe('drop');
    expect(timeline.sound(-8_000 + 5120 + 2440, next, 8_000, 1000)).toBe(5120 + 2440);
  });

  it('lets sound wait for the reports, and places it by when it came where there are none', () => {
    const timeline = new SpliceTimeline();
    const silent = new SourceClock(TRACKS);
    play(timeline, 0, 1, 0);
    expect(timeline.sound(123, silent, 8_000, 10)).toBe('wait');
    timeline.picture(9_000, 'forward', 500);
    expect(timeline.sound(123, silent, 8_000, 500)).toBe(800);
  });

  it('only goes forward, whatever sources do', () => {
    const event = fc.record({
      ticks: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      kind: fc.constantFrom('key' as const, 'forward' as const),
      passedMs: fc.integer({ min: 0, max: 3000 }),
      joins: fc.boolean(),
      sound: fc.integer({ min: -100_000, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const timeline = new SpliceTimeline();
        const clock = clockOf(0, 0);
        const pictures: number[] = [];
        const sounds: number[] = [];
        let nowMs = 0;
        for (const { ticks, kind, passedMs, joins, sound } of events) {
          nowMs += passedMs;
          if (joins) timeline.join();
          pictures.push(timeline.picture(ticks, kind, nowMs));
          const placed = timeline.sound(sound, clock, 8_000, nowMs);
          if (typeof placed === 'number') sounds.push(placed);
        }
        for (const times of [pictures, sounds]) expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      }),
    );
  });
});
