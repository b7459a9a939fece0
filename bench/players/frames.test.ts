import { expect, test } from 'vitest';
import { longestGap, longestStill, within, type Frame } from './frames.js';

const at = (...times: readonly number[]): readonly Frame[] =>
  times.map((atMs) => ({ atMs, width: 640, height: 360, isNew: true }));
const WINDOW = { fromMs: 1_000, toMs: 3_000 };

test('the longest gap is the longest time between two frames in the window', () => {
  const frames = at(0, 900, 1_100, 1_200, 1_900, 2_000, 2_900, 2_990);
  expect(longestGap(frames, WINDOW)).toEqual({ beganMs: 2_000, lengthMs: 900, isOpen: false });
});

test('a gap that began before the window counts whole, one that ended before it does not', () => {
  expect(longestGap(at(0, 700, 1_400, 1_500, 2_100, 2_600), WINDOW)).toMatchObject({ beganMs: 700, lengthMs: 700 });
});

test('a picture that has not come back is a gap to the end of the window, whatever came after it', () => {
  expect(longestGap(at(900, 1_100, 3_400), WINDOW)).toEqual({ beganMs: 1_100, lengthMs: 1_900, isOpen: true });
  expect(longestGap([], WINDOW)).toEqual({ beganMs: 1_000, lengthMs: 2_000, isOpen: true });
});

test('frames of the window are those between its ends', () => {
  expect(within(at(999, 1_000, 3_000, 3_001), WINDOW).map(({ atMs }) => atMs)).toEqual([1_000, 3_000]);
});

test('a bridge that repeats a picture, and one change to a slate, are no motion', () => {
  const same = (...times: readonly number[]): readonly Frame[] =>
    at(...times).map((frame) => ({ ...frame, isNew: false }));
  const bridged = [...at(900, 960, 1_020), ...at(1_500), ...same(2_000), ...at(2_060), ...same(2_120)];
  const back = at(2_800, 2_860, 2_920, 2_980);
  expect(longestStill([...bridged, ...back], WINDOW)).toEqual({ beganMs: 1_500, lengthMs: 1_300, isOpen: false });
  expect(longestStill(bridged, WINDOW)).toEqual({ beganMs: 1_500, lengthMs: 1_500, isOpen: true });
});
