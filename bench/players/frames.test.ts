import { expect, test } from 'vitest';
import { longestGap, motionFrom, within, type Frame } from './frames.js';

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

test('a picture moves from the first of three changed frames in a row', () => {
  const still = (...times: readonly number[]): readonly Frame[] =>
    at(...times).map((frame) => ({ ...frame, isNew: false }));
  const frames = [...at(0, 60), ...at(900), ...still(1_900), ...at(2_000), ...still(3_000), ...at(3_500, 3_560, 3_620)];
  expect([motionFrom(frames, 100), motionFrom(frames, 3_510), motionFrom(at(0, 700, 1_400, 2_100), 0)]).toEqual([
    3_500,
    null,
    null,
  ]);
});
