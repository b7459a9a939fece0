import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { SoundHold } from './soundHold.js';

function holding() {
  const clock = new TurnedClock();
  const sent: { readonly timeMs: number; readonly atMs: number; readonly byte: number | undefined }[] = [];
  const hold = new SoundHold(clock, (timeMs, data) => sent.push({ timeMs, atMs: clock.monotonicMs(), byte: data[0] }));
  return { clock, sent, hold };
}

describe('sound that comes before its time', () => {
  it('waits until it is as far ahead of the clock as the pictures went, in order, with its own bytes', async () => {
    const { clock, sent, hold } = holding();
    hold.seePicture(1_000);
    const reused = Buffer.from([1]);
    for (const timeMs of [990, 1_064, 1_128]) {
      hold.sound(timeMs, reused);
      reused[0] = (reused[0] ?? 0) + 1;
    }
    expect(sent).toEqual([{ timeMs: 990, atMs: 0, byte: 1 }]);
    await clock.advance(128);
    expect(sent.slice(1)).toEqual([
      { timeMs: 1_064, atMs: 64, byte: 2 },
      { timeMs: 1_128, atMs: 128, byte: 3 },
    ]);
    hold.sound(1_120, reused);
    expect(sent).toHaveLength(4);
  });

  it('goes out at once when a picture goes as far ahead, and is never overtaken', () => {
    const { sent, hold } = holding();
    hold.seePicture(1_000);
    hold.sound(1_064, Buffer.from([1]));
    hold.sound(1_000, Buffer.from([2]));
    expect(sent).toEqual([]);
    hold.seePicture(1_100);
    expect(sent.map(({ byte }) => byte)).toEqual([1, 2]);
  });

  it('is dropped, with what is known of the pictures, when the stream begins anew', async () => {
    const { clock, sent, hold } = holding();
    hold.seePicture(1_000);
    hold.sound(1_064, Buffer.from([1]));
    hold.reset();
    await clock.advance(1_000);
    hold.seePicture(clock.monotonicMs());
    hold.sound(clock.monotonicMs(), Buffer.from([2]));
    expect(sent.map(({ byte }) => byte)).toEqual([2]);
  });
});
