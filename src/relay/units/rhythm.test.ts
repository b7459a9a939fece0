import { describe, expect, it } from 'vitest';
import { Rhythm } from './rhythm.js';

function rhythmOf(steps: readonly number[]): Rhythm {
  const rhythm = new Rhythm();
  let nowMs = 5_000;
  rhythm.see(nowMs);
  for (const step of steps) rhythm.see((nowMs += step));
  return rhythm;
}

describe('the rhythm of a source', () => {
  it.each<[string, number[], number | null]>([
    ['is not known at its first picture', [], null],
    ['nor after one step', [40], null],
    ['is its usual step', [40, 41, 40, 39, 40, 40], 40],
    ['of a slow one is known after three pictures', [10_000, 10_000], 10_000],
    ['does not change by a single pause', [40, 40, 40, 40, 40, 9_000], 40],
    ['does not come from pictures that were kept and sent at once', [0, 0, 0, 0, 4_000, 4_000], 4_000],
    ['does not come from an outage', [1_000, 1_000, 90_000], 1_000],
  ])('%s', (_, steps, expected) => {
    expect(rhythmOf(steps).stepMs).toBe(expected);
  });

  it('goes on over an interruption, which is no step', () => {
    const rhythm = rhythmOf([40, 40]);
    rhythm.interrupt();
    rhythm.see(30_000);
    rhythm.see(30_040);
    expect(rhythm.stepMs).toBe(40);
  });
});
