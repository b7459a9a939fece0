import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RelayTimeline } from './timeline.js';

const STEP = 40;

/** Pictures of one source every 40 ms; decoding times on the timeline. */
function play(timeline: RelayTimeline, sourceMs: number, count: number, nowMs: number): number[] {
  return Array.from(
    { length: count },
    (_, at) => timeline.picture(sourceMs + at * STEP, 0, nowMs + at * STEP).decodeMs,
  );
}

describe('the timeline of a relay', () => {
  it('begins at 0 and keeps the steps of its source', () => {
    expect(play(new RelayTimeline(), 77_000, 3, 5)).toEqual([0, 40, 80]);
  });

  it('puts another source one step after the last picture, or as late as it came', () => {
    const timeline = new RelayTimeline();
    play(timeline, 77_000, 20, 0);
    timeline.join();
    expect(play(timeline, 5, 2, 19 * STEP + 3)).toEqual([20 * STEP, 21 * STEP]);
    timeline.join();
    expect(play(timeline, 900_000, 1, 20 * STEP + 3 + 1_000)).toEqual([21 * STEP + 1_000]);
  });

  it('puts another source behind the B-frames of the one before', () => {
    const timeline = new RelayTimeline();
    timeline.picture(0, 80, 0);
    expect(timeline.picture(40, 160, 40)).toEqual({ decodeMs: 40, presentMs: 200 });
    expect(timeline.picture(80, 40, 80)).toEqual({ decodeMs: 80, presentMs: 120 });
    timeline.join();
    expect(timeline.picture(0, 0, 120).presentMs).toBe(201);
  });

  it.each([8_000_000, -8_000_000])('is not moved by one picture whose offset of %i ms cannot be meant', (offsetMs) => {
    const timeline = new RelayTimeline();
    play(timeline, 0, 50, 0);
    timeline.picture(50 * STEP, offsetMs, 50 * STEP);
    const shown = Array.from({ length: 40 }, (_, at) => {
      const timeMs = (51 + at) * STEP;
      return timeline.picture(timeMs, 0, timeMs).presentMs;
    });
    expect(shown).toEqual(Array.from({ length: 40 }, (_, at) => (51 + at) * STEP));
  });

  it('gives sound and picture one shift, and leaves sound out until there is a picture', () => {
    const timeline = new RelayTimeline();
    expect(timeline.sound(9_990, 0)).toBeNull();
    timeline.picture(10_000, 0, 0);
    // The sound arrives late, and is placed by its own time.
    expect(timeline.sound(10_010, 300)).toBe(10);
    timeline.join();
    expect(timeline.sound(10_074, 310)).toBeNull();
    timeline.picture(500, 0, 340);
    expect(timeline.sound(520, 341)).toBe(360);
  });

  it('leaves out sound of another source that was heard already, and stays in step', () => {
    const timeline = new RelayTimeline();
    timeline.picture(0, 0, 0);
    timeline.sound(100, 10);
    timeline.join();
    timeline.picture(5_000, 0, 40);
    expect([5_000, 5_032, 5_064].map((ms) => timeline.sound(ms, 50))).toEqual([null, null, 104]);
  });

  it.each([
    ['restarts at 0', 0],
    ['jumps back', 400_000],
    ['jumps ahead by hours', 50_000_000],
  ])('absorbs a clock that %s', (_name, jumpTo) => {
    const timeline = new RelayTimeline();
    play(timeline, 900_000, 20, 0);
    expect(play(timeline, jumpTo, 3, 20 * STEP)).toEqual([20 * STEP, 21 * STEP, 22 * STEP]);
    // The sound has jumped too, and is in step.
    expect(timeline.sound(jumpTo + 2 * STEP + 7, 22 * STEP + 7)).toBe(22 * STEP + 7);
  });

  it('absorbs a restart of which the sound comes first, with pictures of before behind it', () => {
    const timeline = new RelayTimeline();
    play(timeline, 900_000, 20, 0);
    timeline.sound(900_760, 760);
    expect(timeline.sound(0, 800)).toBe(800);
    expect(timeline.picture(900_800, 0, 801).decodeMs).toBe(801);
    expect(timeline.picture(0, 0, 840).decodeMs).toBeCloseTo(841, 0);
    expect(timeline.sound(64, 864)).toBeCloseTo(905, 0);
  });

  it('shows a pause of the source as the pause it was, and a late burst at its own times', () => {
    const timeline = new RelayTimeline();
    play(timeline, 0, 20, 0);
    expect(timeline.picture(19 * STEP + 60_000, 0, 19 * STEP + 60_000).decodeMs).toBe(19 * STEP + 60_000);
    expect(timeline.picture(20 * STEP + 60_000, 0, 19 * STEP + 63_000).decodeMs).toBe(20 * STEP + 60_000);
  });

  it('holds decoding times up that stand still or fall a little', () => {
    const timeline = new RelayTimeline();
    const times = [0, 40, 40, 30, 80].map((ms, at) => timeline.picture(ms, 0, at * STEP).decodeMs);
    expect(times).toEqual([0, 40, 41, 42, 80]);
  });

  it('places its own repeated pictures by the clock, and goes on behind them', () => {
    const timeline = new RelayTimeline();
    play(timeline, 0, 3, 0);
    expect([timeline.repeat(1_080).decodeMs, timeline.repeat(2_080).decodeMs]).toEqual([1_080, 2_080]);
    timeline.join();
    expect(play(timeline, 123, 2, 2_500)).toEqual([2_500, 2_540]);
  });

  it('draws old pictures together that a later source sends at once, and keeps its sound in step', () => {
    const timeline = new RelayTimeline();
    play(timeline, 0, 50, 0);
    timeline.join();
    const nowMs = 50 * STEP;
    // Two seconds of pictures from the server's cache, all at once.
    const burst = Array.from({ length: 50 }, (_, at) => timeline.picture(7_000 + at * STEP, 0, nowMs).decodeMs);
    expect(burst.every((ms, at) => at === 0 || ms > (burst[at - 1] ?? ms))).toBe(true);
    expect(burst.at(-1)).toBeLessThan(nowMs + 160);
    // Live pictures again: soon at their own steps, with the sound in step.
    const after = play(timeline, 7_000 + 50 * STEP, 50, nowMs + STEP);
    expect(after.at(-1)).toBeLessThan(nowMs + 50 * STEP + 160);
    expect(timeline.sound(7_000 + 99 * STEP, nowMs + 50 * STEP)).toBeCloseTo(after.at(-1) ?? 0, 0);
  });

  it('draws old pictures of the first source together, too', () => {
    const timeline = new RelayTimeline();
    const burst = Array.from({ length: 50 }, (_, at) => timeline.picture(at * STEP, 0, 0).decodeMs);
    expect(burst.at(-1)).toBeLessThan(160);
  });

  it.each([200, -200])('follows a clock that is %i millionths off', (ppm) => {
    const timeline = new RelayTimeline();
    const hours = 6 * 3_600_000;
    let worst = 0;
    for (let nowMs = 0; nowMs < hours; nowMs += 500) {
      const { decodeMs } = timeline.picture(nowMs * (1 + ppm / 1e6), 0, nowMs);
      worst = Math.max(worst, Math.abs(decodeMs - nowMs));
    }
    // Without the correction it would be 4.3 s.
    expect(worst).toBeLessThan(60);
  });

  it('keeps the share of B-frames between their neighbours, where all of them come at once', () => {
    const timeline = new RelayTimeline();
    // Two B-frames between two others, 60 ms a step: offset 120 for the key frame, 240 for the others, 60 for B-frames.
    const offsets = [120, 240, 60, 60, 240, 60, 60, 240, 60, 60];
    const shown = offsets.map((offset, at) => timeline.picture(at * 60, offset, 0).presentMs);
    const [key = 0, , ...rest] = shown;
    expect(shown.slice(0, 4)).toEqual([120, 300, 180, 240]);
    // Evenly, in the order of presentation, so that the decoding times that MediaMTX derives are never later than presentation.
    for (let at = 1; at + 3 <= shown.length; at += 3) {
      const before = at === 1 ? key : (shown[at - 3] ?? 0);
      const [after = 0, first = 0, second = 0] = shown.slice(at, at + 3);
      expect(first).toBeCloseTo(before + (after - before) / 3, 6);
      expect(second).toBeCloseTo(before + ((after - before) * 2) / 3, 6);
      expect(after).toBeGreaterThan(before);
    }
    expect(Math.max(...rest)).toBeLessThan(400);
    timeline.join();
    expect(timeline.picture(0, 120, 10).presentMs).toBeGreaterThan(Math.max(...shown));
  });

  it('never lets decoding times fall, nor sound, nor the delay grow, whatever the sources say', () => {
    const step = fc.record({
      kind: fc.constantFrom('picture', 'picture', 'picture', 'sound', 'join', 'repeat'),
      sourceMs: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 10 ** 9 })),
      passedMs: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const timeline = new RelayTimeline();
        let [nowMs, lastPicture, lastSound] = [0, -1, -1];
        let pictures = 0;
        for (const { kind, sourceMs, passedMs } of steps) {
          nowMs += passedMs;
          if (kind === 'join') timeline.join();
          else if (kind === 'sound') {
            const here = timeline.sound(sourceMs, nowMs);
            if (here === null) continue;
            expect(here).toBeGreaterThan(lastSound);
            lastSound = here;
          } else {
            pictures += 1;
            const { decodeMs } = kind === 'repeat' ? timeline.repeat(nowMs) : timeline.picture(sourceMs, 0, nowMs);
            expect(decodeMs).toBeGreaterThan(lastPicture);
            lastPicture = decodeMs;
          }
        }
        // One millisecond for each picture of the source, and a step for each stand-in.
        expect(lastPicture).toBeLessThanOrEqual(nowMs + 5_100 + (pictures + 1) * 41);
      }),
    );
  });
});
