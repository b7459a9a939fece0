import { expect, it } from 'vitest';
import { availabilityOf, byHour, NO_TALLY, observedOf } from './availability.js';

const HOUR = 3_600_000;
const now = new Date(1_000 * HOUR + 60_000);

it('time is cut at full hours, and nothing of it is lost', () => {
  const pieces = byHour(10 * HOUR - 1_000, 12 * HOUR + 500);
  expect(pieces).toEqual([
    { hour: 9, ms: 1_000 },
    { hour: 10, ms: HOUR },
    { hour: 11, ms: HOUR },
    { hour: 12, ms: 500 },
  ]);
  expect(byHour(5, 5)).toEqual([]);
});

it('availability is what worked of what should have, the offline time told apart, the unknown in neither', () => {
  const hours = new Map([
    [1_000, { up: 900, down: 50, away: 50, unknown: 7_000 }],
    [977, { ...NO_TALLY, down: 1_000 }],
    [976, { ...NO_TALLY, down: 9_999 }],
  ]);
  expect(availabilityOf(hours, 'day', now)).toEqual({
    percent: 45,
    percentOurs: (100 * 900) / 1_950,
    tally: { up: 900, down: 1_050, away: 50, unknown: 7_000 },
  });
  expect(availabilityOf(hours, 'week', now).tally.down).toBe(11_049);
});

it('a minute is not thirty days: how much was observed is told apart', () => {
  const minute = { ...NO_TALLY, up: 30_000, down: 20_000, away: 10_000, unknown: 7_000 };
  expect(observedOf(minute, 'month', 1)).toEqual({ ms: 60_000, part: 60_000 / (720 * HOUR) });
  expect(observedOf({ ...NO_TALLY, up: 48 * HOUR }, 'day', 2)).toEqual({ ms: 48 * HOUR, part: 1 });
  expect(observedOf({ ...NO_TALLY, up: 48 * HOUR }, 'day', 4).part).toBe(0.5);
  expect(observedOf(NO_TALLY, 'week', 0)).toEqual({ ms: 0, part: 0 });
});

it('there is none of a camera that nobody pulled', () => {
  expect(availabilityOf(new Map(), 'month', now)).toEqual({ percent: null, percentOurs: null, tally: NO_TALLY });
});
