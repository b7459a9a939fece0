import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeTimes } from './decodeTimes.js';

describe('decoding times', () => {
  it('are the presentation times where no picture is held back', () => {
    const times = new DecodeTimes();
    times.begin(0);
    expect([0, 40, 80, 120].map((ms) => times.of(ms))).toEqual([0, 40, 80, 120]);
  });

  it('of B-frames rise evenly, and are never later than the presentation', () => {
    const times = new DecodeTimes();
    times.begin(1);
    const shown = [0, 120, 40, 80, 240, 160, 200, 360, 280, 320];
    expect(shown.map((ms) => times.of(ms))).toEqual([-40, 0, 40, 80, 120, 160, 200, 240, 280, 320]);
  });

  it('learn from the pictures how many are held back', () => {
    const times = new DecodeTimes();
    times.begin(null);
    const shown = [0, 160, 80, 40, 120, 320, 240, 200, 280, 480, 400, 360, 440];
    const decoded = shown.map((ms) => times.of(ms));
    expect(decoded.every((ms, at) => at === 0 || ms > (decoded[at - 1] ?? 0))).toBe(true);
    // From the second group on, each is decoded before it is shown.
    expect(decoded.slice(5).every((ms, at) => ms <= (shown[at + 5] ?? 0))).toBe(true);
  });

  it('forget after a group without B-frames that there were any', () => {
    const times = new DecodeTimes();
    for (const group of [0, 1_000, 2_000]) {
      times.begin(null);
      const shown = group === 0 ? [0, 120, 40, 80, 160] : [0, 40, 80, 120, 160];
      const decoded = shown.map((ms) => times.of(group + ms));
      if (group === 2_000) expect(decoded.slice(1)).toEqual([2_040, 2_080, 2_120, 2_160]);
    }
  });

  it('rise whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100_000, max: 100_000 }), { maxLength: 60 }), (shown) => {
        const times = new DecodeTimes();
        const decoded = shown.map((ms) => times.of(ms));
        expect(decoded.every((ms, at) => Number.isFinite(ms) && (at === 0 || ms > (decoded[at - 1] ?? 0)))).toBe(true);
      }),
    );
  });
});
