import { expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { sleep } from '../../core/clock.js';
import { OwnerWatch } from './ownerWatch.js';

const SECOND = 1_000;

it('does not count the time that an answer took to a silence', async () => {
  const clock = new TurnedClock();
  let answersAfterMs = 0;
  const driver = {
    beat: () => Promise.resolve(),
    forgetOwner: () => Promise.resolve(),
    readBeats: async () => {
      const beats = new Map([['other', 1]]);
      if (answersAfterMs > 0) await sleep(clock, answersAfterMs);
      return beats;
    },
  };
  const watch = new OwnerWatch(driver, clock);
  expect([...(await watch.livingOthers('self'))]).toEqual(['other']);
  await clock.advance(12 * SECOND);
  answersAfterMs = 4 * SECOND;
  const late = watch.livingOthers('self');
  await clock.advance(4 * SECOND);
  expect([...(await late)]).toEqual(['other']);
  answersAfterMs = 0;
  expect([...(await watch.livingOthers('self'))]).toEqual([]);
});
