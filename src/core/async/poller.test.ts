import { beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { every } from './every.js';
import { Poller } from './poller.js';

describe('a poller', () => {
  let clock: TurnedClock;
  let polledMs: number[];
  let nextMs: number | null;
  let hanging: Array<() => void> | null;
  let poller: Poller;

  beforeEach(() => {
    clock = new TurnedClock();
    [polledMs, nextMs, hanging] = [[], 1_000, null];
    poller = new Poller(clock, async () => {
      polledMs.push(clock.monotonicMs());
      if (hanging) await new Promise<void>((resolve) => hanging?.push(resolve));
      return nextMs;
    });
  });

  it('polls again after the time that each poll names', async () => {
    await poller.now();
    await clock.advance(1_000);
    nextMs = 3_000;
    await clock.advance(6_000);
    expect(polledMs).toEqual([0, 1_000, 2_000, 5_000]);
  });

  it('rests when a poll names no time, until it is begun again', async () => {
    nextMs = null;
    await poller.now();
    await clock.advance(10_000);
    expect(polledMs).toEqual([0]);
    poller.begin(500);
    poller.begin(200);
    await clock.advance(10_000);
    expect(polledMs).toEqual([0, 10_500]);
  });

  it('takes another moment for the next poll, and cancels it', async () => {
    poller.in(5_000);
    poller.in(2_000);
    await clock.advance(2_000);
    poller.pause();
    await clock.advance(10_000);
    expect(polledMs).toEqual([2_000]);
  });

  it('runs one poll at a time, whatever is asked meanwhile', async () => {
    hanging = [];
    void poller.now();
    void poller.now();
    poller.in(0);
    poller.begin(0);
    await clock.advance(10_000);
    expect(polledMs).toEqual([0]);
    hanging.forEach((answer) => answer());
    hanging = null;
    await clock.advance(1_000);
    expect(polledMs).toEqual([0, 11_000]);
  });

  it('waits for the poll that runs when it stops, and polls never again', async () => {
    hanging = [];
    void poller.now();
    let isStopped = false;
    const stopping = poller.stop().then(() => (isStopped = true));
    await clock.advance(5_000);
    expect(isStopped).toBe(false);
    hanging.forEach((answer) => answer());
    await stopping;
    await poller.now();
    poller.in(0);
    await clock.advance(5_000);
    expect(polledMs).toEqual([0]);
  });
});

describe('a tick', () => {
  it('comes at the same pace until it returns false', async () => {
    const clock = new TurnedClock();
    const atMs: number[] = [];
    every(clock, 100, () => atMs.push(clock.monotonicMs()) < 3);
    await clock.advance(1_000);
    expect(atMs).toEqual([100, 200, 300]);
  });

  it('ends when it is cancelled, also by itself', async () => {
    const clock = new TurnedClock();
    let ticks = 0;
    const cancel = every(clock, 100, () => {
      ticks += 1;
      if (ticks === 2) cancel();
    });
    await clock.advance(1_000);
    expect(ticks).toBe(2);
  });
});
