import { beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { WriteBehind } from './writeBehind.js';

describe('a write behind', () => {
  let clock: TurnedClock;
  let waiting: number[];
  let written: number[][];
  let failures: unknown[];
  let isAway: boolean;
  let behind: WriteBehind;

  beforeEach(() => {
    clock = new TurnedClock();
    [waiting, written, failures, isAway] = [[], [], [], false];
    behind = new WriteBehind(clock, {
      waits: () => waiting.length > 0,
      write: () => {
        if (isAway) return Promise.reject(new Error('away'));
        written.push(waiting);
        waiting = [];
        return Promise.resolve();
      },
      retryMs: 5_000,
      onFailure: (thrown) => failures.push(thrown),
    });
  });

  const add = (...numbers: number[]): void => {
    waiting.push(...numbers);
    behind.soon(1_000);
  };

  it('writes once what was added in its pause', async () => {
    add(1);
    await clock.advance(600);
    add(2);
    expect(written).toEqual([]);
    await clock.advance(400);
    expect(written).toEqual([[1, 2]]);
  });

  it('writes at once what waits when it is asked to, and not again when the timer would have come', async () => {
    add(1);
    await behind.now();
    expect(written).toEqual([[1]]);
    await clock.advance(10_000);
    expect(written).toEqual([[1]]);
  });

  it('tries again while the store is away, tells the first failure alone, and loses nothing', async () => {
    isAway = true;
    add(1);
    await clock.advance(12_000);
    add(2);
    expect(failures).toHaveLength(1);
    isAway = false;
    await clock.advance(5_000);
    expect(written).toEqual([[1, 2]]);
    isAway = true;
    add(3);
    await clock.advance(1_000);
    expect(failures).toHaveLength(2);
  });

  it('writes in the same run what is added while a write runs', async () => {
    add(1);
    const done = behind.now();
    add(2);
    await done;
    expect(written.flat()).toEqual([1, 2]);
    expect(waiting).toEqual([]);
  });

  it('tries once more when it stops, and goes on when something is added after it', async () => {
    isAway = true;
    add(1);
    await clock.advance(1_000);
    await behind.stop();
    isAway = false;
    await clock.advance(60_000);
    expect(written).toEqual([]);
    add(2);
    await clock.advance(1_000);
    expect(written).toEqual([[1, 2]]);
  });
});
