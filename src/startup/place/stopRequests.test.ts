import { expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { stopRequests } from './stopRequests.js';

it('takes a signal that npm passes on for the Ctrl-C it already knows, and a later one for impatience', async () => {
  const clock = new TurnedClock();
  const request = stopRequests(clock);
  expect(request()).toBe('first');
  expect(request()).toBe('echo');
  await clock.advance(1_500);
  expect(request()).toBe('again');
});
