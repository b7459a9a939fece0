import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { waitForKeyFrameMs, type KeyFrameTimes } from './keyFrameMoment.js';

const TIMING = { nowMs: 100_000, effectMs: 150, marginMs: 100 };

/** How long the picture freezes when the write begins after this wait. */
function standsMs({ lastKeyFrameMs, intervalMs }: KeyFrameTimes, waitMs: number): number {
  const atMs = TIMING.nowMs + waitMs + TIMING.effectMs;
  const sinceMs = (atMs + TIMING.marginMs - 0.01 - lastKeyFrameMs) % intervalMs;
  return intervalMs - sinceMs + TIMING.marginMs;
}

const cameras = fc.record({
  lastKeyFrameMs: fc.double({ min: 90_000, max: 100_000, noNaN: true }),
  intervalMs: fc.double({ min: 200, max: 10_000, noNaN: true }),
});

describe('the moment to move', () => {
  test('one camera takes effect just before its next key frame that can be reached', () => {
    // The next key frames come at 100 500 and at 101 500.
    const camera = { lastKeyFrameMs: 98_500, intervalMs: 1_000 };
    expect(waitForKeyFrameMs([camera], TIMING)).toBeCloseTo(250);
    expect(waitForKeyFrameMs([camera], { ...TIMING, nowMs: 100_260 })).toBeCloseTo(990);
    expect(waitForKeyFrameMs([camera], { ...TIMING, nowMs: 100_250 })).toBeCloseTo(0);
  });

  test('two cameras move so that the one that stands longer stands as short as possible', () => {
    const early = { lastKeyFrameMs: 99_500, intervalMs: 1_000 };
    const late = { lastKeyFrameMs: 99_900, intervalMs: 1_000 };
    // A write for 100 500 freezes the late camera 400 ms longer; one for 100 900 would freeze the early camera for 700 ms.
    expect(waitForKeyFrameMs([late, early], TIMING)).toBeCloseTo(250);
  });

  test('nobody waits for a rhythm that is not known, nor for that of many', () => {
    expect(waitForKeyFrameMs([], TIMING)).toBe(0);
    expect(waitForKeyFrameMs([{ lastKeyFrameMs: 99_000, intervalMs: 0 }], TIMING)).toBe(0);
    const camera = { lastKeyFrameMs: 99_500, intervalMs: 1_000 };
    expect(
      waitForKeyFrameMs(
        Array.from({ length: 8 }, () => camera),
        TIMING,
      ),
    ).toBeGreaterThan(0);
    expect(
      waitForKeyFrameMs(
        Array.from({ length: 9 }, () => camera),
        TIMING,
      ),
    ).toBe(0);
  });

  test('is never longer away than an interval and 4.5 s, and never worse than to move at once', () => {
    fc.assert(
      fc.property(fc.array(cameras, { minLength: 1, maxLength: 8 }), (moving) => {
        const waitMs = waitForKeyFrameMs(moving, TIMING);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(Math.min(4_500, Math.max(...moving.map((camera) => camera.intervalMs))));
        const worst = (wait: number): number => Math.max(...moving.map((camera) => standsMs(camera, wait)));
        expect(worst(waitMs)).toBeLessThanOrEqual(worst(0) + 0.1);
      }),
    );
  });

  test('a single camera with key frames up to 4.5 s apart stands for the margin only', () => {
    fc.assert(
      fc.property(cameras, (camera) => {
        fc.pre(camera.intervalMs <= 4_500);
        expect(standsMs(camera, waitForKeyFrameMs([camera], TIMING))).toBeLessThan(TIMING.marginMs + 0.1);
      }),
    );
  });
});
