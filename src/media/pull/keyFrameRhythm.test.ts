import { expect, test } from 'vitest';
import { TICKS_PER_SECOND } from '../formats/units.js';
import { KeyFrameRhythm } from './keyFrameRhythm.js';

function at(streamMs: number, keyFrame: boolean): { dts: number; keyFrame: boolean } {
  return { dts: (streamMs * TICKS_PER_SECOND) / 1_000, keyFrame };
}

test('nothing is known before the first key frame, and no interval before the second', () => {
  const rhythm = new KeyFrameRhythm();
  rhythm.see(at(0, false), 10_000);
  expect(rhythm.at(10_010)).toBeNull();
  rhythm.see(at(100, true), 10_100);
  rhythm.see(at(200, false), 10_200);
  expect(rhythm.at(10_250)).toEqual({ ageMs: 150, intervalMs: null });
});

test('the interval is that of the stream, however unevenly its frames arrive', () => {
  const rhythm = new KeyFrameRhythm();
  rhythm.see(at(0, true), 10_000);
  rhythm.see(at(4_000, true), 14_070);
  expect(rhythm.at(14_100)).toEqual({ ageMs: 100, intervalMs: 4_000 });
});

test('a key frame that came late in a burst counts from when it would have come', () => {
  const rhythm = new KeyFrameRhythm();
  for (const streamMs of [0, 100, 200, 300, 400]) rhythm.see(at(streamMs, streamMs === 0), 10_450);
  rhythm.see(at(500, false), 10_500);
  expect(rhythm.at(10_600)).toEqual({ ageMs: 600, intervalMs: null });
});

test('a unit that is handed out when the next one arrives has arrived before', () => {
  const rhythm = new KeyFrameRhythm(true);
  rhythm.see(at(0, true), 10_100);
  expect(rhythm.at(10_100)).toBeNull();
  rhythm.see(at(100, false), 10_200);
  rhythm.see(at(200, false), 10_330);
  expect(rhythm.at(10_400)).toEqual({ ageMs: 400, intervalMs: null });
});

test('a stream that begins anew gives no interval that is not one', () => {
  const rhythm = new KeyFrameRhythm();
  rhythm.see(at(5_000, true), 10_000);
  rhythm.see(at(0, true), 10_500);
  expect(rhythm.intervalMs).toBeNull();
});
