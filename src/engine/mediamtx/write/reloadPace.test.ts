import { expect, test } from 'vitest';
import { ReloadPace } from './reloadPace.js';

test('a big file is not asked for before most of the shortest time lately is over', () => {
  const pace = new ReloadPace();
  expect(pace.leastMs(1_000)).toBe(0);
  pace.took(1_000, 300);
  pace.took(2_000, 400);
  expect(pace.leastMs(1_000)).toBeCloseTo(140);
  for (let times = 0; times < 5; times++) pace.took(1_000, 1_000);
  expect(pace.leastMs(1_000)).toBeCloseTo(700);
});

test('a small one is asked for at once, and says nothing of big ones', () => {
  const pace = new ReloadPace();
  pace.took(99, 1);
  expect(pace.leastMs(1_000)).toBe(0);
  pace.took(1_000, 300);
  expect(pace.leastMs(99)).toBe(0);
});
