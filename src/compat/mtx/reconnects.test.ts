import { expect, it } from 'vitest';
import { aFailure, aUrlCamera } from '../../../test/support/builders.js';
import { Reconnects } from './reconnects.js';

const CAMERA = aUrlCamera({ id: 'park' });

it('ends of pulls are counted once each, also those that only the flow shows, and the count never goes back', () => {
  const reconnects = new Reconnects();
  const counts = (
    [
      { flow: 'flowing' },
      { flow: 'stopped' },
      { flow: 'stopped', endedPulls: 1 },
      { flow: 'unknown' },
      { flow: 'stopped', endedPulls: 4 },
      { flow: 'flowing', endedPulls: 4 },
      // The relay counts anew.
      { flow: 'starting', endedPulls: 1 },
      { flow: 'flowing' },
    ] as const
  ).map((seen) => reconnects.note(CAMERA, seen));
  expect(counts).toEqual([0, 1, 1, 1, 4, 4, 5, 5]);
  const failure = aFailure({ at: new Date(5) });
  expect([failure, failure].map((own) => reconnects.note({ ...CAMERA, failure: own }, null))).toEqual([6, 6]);
  expect(reconnects.note({ ...CAMERA, failure: null }, null)).toBe(6);
  reconnects.keep(new Set());
  expect(reconnects.note(CAMERA, null)).toBe(0);
});
