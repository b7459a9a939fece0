import { expect, test } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { SourceTries } from './sourceTries.js';

/** Sources that refuse, or play for a while where `playsMs` says so; when each was tried is in `tried`, in ms. */
function tries() {
  const clock = new TurnedClock();
  const tried: number[] = [];
  const played = { ms: 0 };
  const one = new SourceTries<string>({
    clock,
    run: async (_source, began) => {
      tried.push(clock.monotonicMs());
      if (played.ms > 0) began(clock.monotonicMs());
      await new Promise<void>((resolve) => clock.after(played.ms, resolve));
      throw new Error('refused');
    },
    failed: () => undefined,
  });
  const waits = () => tried.slice(1).map((at, index) => at - (tried[index] ?? 0) - played.ms);
  return { clock, one, tried, played, waits };
}

test('a source that ends is tried at once, then after short growing waits, never more than 1.5 s while somebody watches', async () => {
  const { clock, one, waits } = tries();
  one.want('a');
  await clock.advance(120_000);
  expect(waits().slice(0, 6)).toEqual([0, 250, 500, 1000, 1300, 1300]);
  expect(Math.max(...waits())).toBeLessThanOrEqual(1_500);
});

test('one that played for long is tried at once again, and one that always ends soon is not', async () => {
  const { clock, one, played, waits } = tries();
  played.ms = 60_000;
  one.want('a');
  await clock.advance(200_000);
  expect(waits()).toEqual([0, 0, 0]);
  const soon = tries();
  soon.played.ms = 3_000;
  soon.one.want('a');
  await soon.clock.advance(30_000);
  expect(soon.waits().at(-1)).toBe(1_300);
});

test('one that nobody watches is tried more slowly, and at once when somebody comes', async () => {
  const { clock, one, tried, waits } = tries();
  one.want('a');
  one.setWatched(false);
  await clock.advance(60_000);
  expect(waits().at(-1)).toBe(5_000);
  const before = tried.length;
  one.setWatched(true);
  await clock.advance(0);
  expect(tried.length).toBe(before + 1);
});

test('nothing is tried any more when nothing is wanted, and another source at once', async () => {
  const { clock, one, tried } = tries();
  one.want('a');
  await clock.advance(10_000);
  one.want(null);
  const before = tried.length;
  await clock.advance(60_000);
  expect(tried.length).toBe(before);
  one.want('b');
  expect(tried.length).toBe(before + 1);
  expect(one.failures).toBe(0);
});
