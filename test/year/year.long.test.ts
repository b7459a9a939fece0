import { describe, expect, it } from 'vitest';
import { told } from './told.js';
import { isTrouble, TROUBLES } from './troubles.js';
import { liveYear } from './year.js';

describe('a simulated year', () => {
  it.each(Object.keys(TROUBLES).filter(isTrouble))(
    'full of one trouble, %s, loses no camera and keeps every promise',
    async (trouble) => {
      const year = await liveYear({ seed: 1, ...TROUBLES[trouble] });
      expect(year.violations, told(year)).toEqual([]);
      expect(year.errors, told(year)).toEqual([]);
      expect(year.happenings, told(year)).toBeGreaterThanOrEqual(TROUBLES[trouble].atLeast);
    },
    300_000,
  );
});
