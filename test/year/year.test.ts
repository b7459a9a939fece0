import { describe, expect, it } from 'vitest';
import { told } from './told.js';
import { TROUBLES } from './troubles.js';
import { liveYear } from './year.js';

/** More than half a year's trouble in 40 days; `npm run bench:year` lives through whole years of whole fleets. */
const SHORT = { days: 40, cameras: 40, intensity: 6, calmTickMs: 60_000 } as const;

describe('a simulated year', () => {
  it('loses no camera that its cloud would have given, asks for none twice, and goes back to no older lease', async () => {
    // Always the same one here, so that no day turns this red by itself; `bench:year` takes any.
    const seed = 1;
    const year = await liveYear({ seed, ...SHORT });
    expect(year.violations, told(year)).toEqual([]);
    expect(year.errors, told(year)).toEqual([]);
    expect(year.deaths, told(year)).toBeGreaterThan(0);
    expect(year.quiet.needed, told(year)).toBeGreaterThan(SHORT.cameras);
    expect(year.quiet.calls / year.quiet.needed, told(year)).toBeLessThanOrEqual(1.02);
  }, 300_000);

  it('goes over to a relay that comes later, and drops whoever watches once at most, at a change of leases', async () => {
    const year = await liveYear({ seed: 1, ...TROUBLES['moving-over'] });
    expect(year.losses.get('moved-over'), told(year)).toBeGreaterThan(0);
    expect(year.notRelayed, told(year)).toBe(0);
  }, 300_000);

  it('is lived through again by its seed, to the last call', async () => {
    const twice = { seed: 7, days: 6, cameras: 8, intensity: 12, calmTickMs: 60_000 };
    const [once, again] = [await liveYear(twice), await liveYear(twice)];
    expect(again.digest).toBe(once.digest);
    expect((await liveYear({ ...twice, seed: 8 })).digest).not.toBe(once.digest);
  }, 300_000);
});
