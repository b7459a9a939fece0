import { describe, expect, it } from 'vitest';
import { liveDay } from './day.js';
import { DAY_TROUBLES, isDayTrouble } from './dayTroubles.js';
import { toldDay } from './toldDay.js';

/** Leases of an hour, so that half a day has hundreds of renewals. */
const HALF_A_DAY = { hours: 12, cameras: 12, lifetimeSeconds: 3_600 } as const;

describe('a simulated day of three replicas on one database', () => {
  // Always the same ones here; `DAY_SEED=5` takes another, and `DAY_ABOUT=death` prints what the trace says of it.
  const given = process.env['DAY_SEED'];
  const about = process.env['DAY_ABOUT'];
  it('obtains each lease once, goes back to none, and has one caller and one writer, with another seed too', async () => {
    const day = await liveDay({ seed: given ?? '2', ...HALF_A_DAY });
    if (about !== undefined) process.stderr.write(`${day.trace(about).join('\n')}\n`);
    expect(day.violations, toldDay(day)).toEqual([]);
    expect(day.errors, toldDay(day)).toEqual([]);
    expect(day.given, toldDay(day)).toBeGreaterThan(200);
    expect(Math.min(day.deaths, day.freezes, day.stops), toldDay(day)).toBeGreaterThan(5);
    expect(day.takeovers, toldDay(day)).toBeGreaterThan(50);
  }, 300_000);

  it.each(Object.keys(DAY_TROUBLES).filter(isDayTrouble))(
    'takes nothing from who lives, and gives nothing back that is in force, when full of one trouble: %s',
    async (trouble) => {
      const { atLeast, ...options } = DAY_TROUBLES[trouble];
      const day = await liveDay({ ...options, seed: given ?? '1' });
      if (about !== undefined) process.stderr.write(`${day.trace(about).join('\n')}\n`);
      expect(day.violations, toldDay(day)).toEqual([]);
      expect(day.errors, toldDay(day)).toEqual([]);
      expect(day.rare, toldDay(day)).toBeGreaterThanOrEqual(atLeast);
      expect(day.given, toldDay(day)).toBeGreaterThan(50);
    },
    300_000,
  );
});
