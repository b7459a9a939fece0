import { expect, it } from 'vitest';
import { EvenSteps } from './evenSteps.js';

/** The numbers that pictures of these times fill, at 25 in a second. */
function numbers(...times: readonly number[]): number[][] {
  const steps = new EvenSteps(25);
  return times.map((ms) => steps.numbersOf(ms));
}

it('repeats pictures of a slow source, and leaves out those of a fast one, without a gap', () => {
  expect(numbers(1000, 1040, 1080)).toEqual([[0], [1], [2]]);
  expect(numbers(0, 100, 200)).toEqual([[0], [1, 2, 3], [4, 5]]);
  expect(numbers(0, 17, 33, 50, 67, 83)).toEqual([[0], [], [1], [], [2], []]);
});

it('goes on at once when the clock of the source jumps, in either direction', () => {
  expect(numbers(0, 40, 900_040, 900_080)).toEqual([[0], [1], [2], [3]]);
  expect(numbers(900_000, 40, 80)).toEqual([[0], [1], [2]]);
});

it('waits when a source goes back a little', () => {
  expect(numbers(400, 440, 360, 480)).toEqual([[0], [1], [], [2]]);
});
