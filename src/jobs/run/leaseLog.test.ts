import { expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { at, SECOND } from '../../../test/support/builders.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { JobsDeps } from './deps.js';
import { LeaseLog } from './leaseLog.js';

const MOST = 20_000;

it('with the store away the newest 20,000 steps wait in memory, whether it hangs or fails', async () => {
  const clock = new TurnedClock();
  const stored: LeaseEvent[] = [];
  let fail: ((error: Error) => void) | null = null;
  let isAway = true;
  const addEvents = (events: readonly LeaseEvent[]): Promise<void> => {
    if (isAway) return new Promise((_, reject) => (fail = reject));
    stored.push(...events);
    return Promise.resolve();
  };
  const log = { warn: () => undefined } as unknown as JobsDeps['log'];
  const leaseLog = new LeaseLog({ clock, log, events: { addEvents } as unknown as JobsDeps['events'] });
  let told = 0;
  const tell = (count: number): void => {
    for (let one = 0; one < count; one++)
      leaseLog.record({ cameraId: 'a', step: 'obtained', revision: ++told, reason: 'r', message: 'm', at: at(told) });
  };
  tell(MOST + 100);
  await clock.advance(SECOND);
  // These steps wait while the store hangs with the first ones; when that write fails, the first ones go back in front of
  // them.
  tell(500);
  (fail as ((error: Error) => void) | null)?.(new Error('away'));
  await clock.advance(0);
  isAway = false;
  await clock.advance(10 * SECOND);
  expect(stored.map(({ revision }) => revision)).toEqual(Array.from({ length: MOST }, (_, one) => one + 601));
  await leaseLog.stop();
});

it('no more than 20,000 steps wait while the store hangs', async () => {
  const clock = new TurnedClock();
  const sizes: number[] = [];
  let end: (() => void) | null = null;
  const addEvents = (events: readonly LeaseEvent[]): Promise<void> => {
    sizes.push(events.length);
    return sizes.length === 1 ? new Promise((resolve) => (end = resolve)) : Promise.resolve();
  };
  const log = { warn: () => undefined } as unknown as JobsDeps['log'];
  const leaseLog = new LeaseLog({ clock, log, events: { addEvents } as unknown as JobsDeps['events'] });
  const tell = (revision: number): void =>
    leaseLog.record({ cameraId: 'a', step: 'obtained', revision, reason: 'r', message: 'm', at: at(revision) });
  tell(0);
  await clock.advance(SECOND);
  for (let one = 1; one <= MOST + 100; one++) tell(one);
  (end as (() => void) | null)?.();
  await clock.advance(SECOND);
  expect(sizes).toEqual([1, MOST]);
  await leaseLog.stop();
});
