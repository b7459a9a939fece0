import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, DAY, HOUR, MINUTE, SECOND, T0 } from '../../../test/support/builders.js';
import { DueCounts } from './dueCounts.js';
import { emergencyMs, lastSafeMoment } from './renewal.js';
import { bucketMsOf, chooseRenewAt } from './renewalMoment.js';

/** Calls an hour that both vendors allow an account. */
const VENDOR_RATE = 5 * 3600;

interface Renewal {
  readonly dueMs: number;
  readonly part: number;
}

const lived = (expiresAt: Date): { obtainedAt: Date; expiresAt: Date } => ({ obtainedAt: T0, expiresAt });

/** Every renewal that is planned for a fleet that is leased as fast as the cloud allows, and renewed `generations` times. */
function live(cameras: number, callsPerHour: number, lifeMs: number, generations: number, seed: number): Renewal[] {
  const random = seeded(seed);
  const counts = new DueCounts();
  const planned: Renewal[] = [];
  const gapMs = HOUR / callsPerHour;
  let due = Array.from({ length: cameras }, (_, id) => ({ id, dueMs: T0.getTime() }));
  for (let generation = 0; generation < generations; generation++) {
    let freeMs = 0;
    due = due.map(({ id, dueMs }) => {
      freeMs = Math.max(freeMs + gapMs, dueMs);
      const lease = { obtainedAt: new Date(freeMs), expiresAt: new Date(freeMs + lifeMs) };
      const nextMs = chooseRenewAt(lease, { callsPerHour, dueBetween: counts.between }, random).getTime();
      const latestMs = Math.min(lastSafeMoment(lease).getTime(), lease.expiresAt.getTime() - emergencyMs(lease));
      if (nextMs <= freeMs || nextMs > latestMs)
        throw new Error(`planned after ${(nextMs - freeMs) / lifeMs} of the life`);
      counts.set(String(id), nextMs);
      planned.push({ dueMs: nextMs, part: (nextMs - freeMs) / lifeMs });
      return { id, dueMs: nextMs };
    });
    due.sort((a, b) => a.dueMs - b.dueMs);
  }
  return planned;
}

function seeded(seed: number): () => number {
  let state = seed % 2_147_483_646;
  return () => (state = ((state + 1) * 16_807) % 2_147_483_647) / 2_147_483_647;
}

function fullest(planned: readonly Renewal[], bucketMs: number): number {
  const counts = new Map<number, number>();
  for (const { dueMs } of planned) {
    const bucket = Math.floor(dueMs / bucketMs);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

const mean = (planned: readonly Renewal[]): number => planned.reduce((sum, { part }) => sum + part, 0) / planned.length;

describe('the renewals of a fleet that was leased together', () => {
  it('of 10,000 cameras need a small part of the rate in any hour, at about day 5', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const planned = live(10_000, VENDOR_RATE, 7 * DAY, 3, seed);
        expect(fullest(planned, HOUR)).toBeLessThanOrEqual(VENDOR_RATE / 4);
        expect(Math.abs(mean(planned) - 5 / 7)).toBeLessThan(0.03);
      }),
      { numRuns: 2 },
    );
  }, 60_000);

  it('of however many cameras need no more than a quarter of whatever rate, where leases allow it', () => {
    const fleet = fc.record({
      cameras: fc.integer({ min: 1, max: 2_000 }),
      // Renewed every five days, the cameras need less than a fifth of this rate at all times.
      callsPerHour: fc.integer({ min: 100, max: VENDOR_RATE }),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fleet, ({ cameras, callsPerHour, seed }) => {
        const planned = live(cameras, callsPerHour, 7 * DAY, 3, seed);
        expect(fullest(planned, HOUR)).toBeLessThanOrEqual(Math.ceil(callsPerHour / 4));
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('are planned further from day 5 only where that is needed', () => {
    const crowded = live(1_500, 75, 7 * DAY, 4, 7);
    expect(Math.max(...crowded.map(({ part }) => Math.abs(part - 5 / 7)))).toBeGreaterThan(1 / 20);
    const roomy = live(1_500, 800, 7 * DAY, 4, 7);
    expect(Math.max(...roomy.map(({ part }) => Math.abs(part - 5 / 7)))).toBeLessThanOrEqual(1 / 20);
    expect(Math.abs(mean(roomy) - 5 / 7)).toBeLessThan(0.03);
  });

  it('of leases of 90 s, as in the demo, do not come in a rush either', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1_000_000 }), (cameras, seed) => {
        const planned = live(cameras, VENDOR_RATE, 90 * SECOND, 8, seed);
        // A quarter of the rate, and a little more for slots cut within a second.
        expect(fullest(planned, 10 * SECOND)).toBeLessThanOrEqual(12.5 * 1.25 + 2);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it('come in time even where the leases allow no spreading', () => {
    expect(live(3_000, 200, HOUR, 1, 3)).toHaveLength(3_000);
  });
});

describe('one camera', () => {
  const none = (): number => 0;

  it('is renewed at about 5/7 of the life, whatever is drawn', () => {
    for (const life of [90 * SECOND, HOUR, DAY, 7 * DAY, 720 * DAY]) {
      const lease = { obtainedAt: T0, expiresAt: at(life) };
      for (const drawn of [0, 0.3, 0.999_999]) {
        const part =
          (chooseRenewAt(lease, { callsPerHour: VENDOR_RATE, dueBetween: none }, () => drawn).getTime() -
            T0.getTime()) /
          life;
        expect(Math.abs(part - 5 / 7)).toBeLessThanOrEqual(1 / 20 + 0.001);
      }
    }
  });

  it('is renewed at once when its lease came dead', () => {
    const lease = { obtainedAt: T0, expiresAt: at(-MINUTE) };
    expect(chooseRenewAt(lease, { callsPerHour: VENDOR_RATE, dueBetween: none }, () => 0.9)).toEqual(at(-MINUTE));
  });

  it('goes where least is due', () => {
    const busy = (fromMs: number): number => (fromMs === at(5 * DAY).getTime() ? 0 : 3);
    const drawn = chooseRenewAt(
      { obtainedAt: T0, expiresAt: at(7 * DAY) },
      { callsPerHour: VENDOR_RATE, dueBetween: busy },
      () => 0.5,
    );
    expect(drawn).toEqual(at(5 * DAY + HOUR / 2));
  });

  it('counts by hours, and by less where leases are short', () => {
    expect([7 * DAY, DAY, HOUR, 90 * SECOND, 5 * SECOND].map(bucketMsOf)).toEqual([
      ...[HOUR, HOUR, MINUTE, SECOND, SECOND],
    ]);
  });
});

describe('the moment of renewal of a lease of no known account', () => {
  it('is day 5 of 7 for the middle of the draw', () => {
    expect(chooseRenewAt(lived(at(7 * DAY)), null, () => 0.5)).toEqual(at(5 * DAY));
  });

  it('leaves a short life the time that a proof takes, and is not in its first third', () => {
    const halfWay = (seconds: number): Date => chooseRenewAt(lived(at(seconds * SECOND)), null, () => 0.5);
    // The last safe moments are at 60, 30 and 12 s.
    expect(halfWay(70)).toEqual(at(48 * SECOND));
    expect(halfWay(35)).toEqual(at(18 * SECOND));
    expect(halfWay(14)).toEqual(at((14 * SECOND) / 3));
    expect(halfWay(91)).toEqual(at(65 * SECOND));
  });

  it('strays by at most a twentieth of the life', () => {
    expect(chooseRenewAt(lived(at(20 * HOUR)), null, () => 0)).toEqual(at((20 * 5 * HOUR) / 7 - HOUR));
    expect(chooseRenewAt(lived(at(20 * HOUR)), null, () => 1)).toEqual(at((20 * 5 * HOUR) / 7 + HOUR));
  });

  it('never comes after the last safe moment, however short the life', () => {
    for (const life of [SECOND, 90 * SECOND, HOUR, DAY, 720 * DAY]) {
      const lease = { obtainedAt: T0, expiresAt: at(life) };
      expect(chooseRenewAt(lived(at(life)), null, () => 1).getTime()).toBeLessThanOrEqual(
        lastSafeMoment(lease).getTime(),
      );
    }
  });

  it('is at once for a lease that came dead', () => {
    expect(chooseRenewAt(lived(at(-MINUTE)), null, () => 0.9)).toEqual(at(-MINUTE));
  });
});

describe('the counts of what is due', () => {
  it('follow every change, whatever length is asked for first', () => {
    const counts = new DueCounts();
    counts.set('a', 30 * MINUTE);
    expect(counts.between(0, HOUR)).toBe(1);
    counts.set('b', 10 * MINUTE);
    counts.set('a', 90 * MINUTE);
    expect([counts.between(0, HOUR), counts.between(HOUR, 2 * HOUR)]).toEqual([1, 1]);
    expect(counts.between(10 * MINUTE, 20 * MINUTE)).toBe(1);
    counts.set('b', null);
    expect([counts.between(0, HOUR), counts.between(10 * MINUTE, 20 * MINUTE)]).toEqual([0, 0]);
  });
});
