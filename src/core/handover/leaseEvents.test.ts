import { expect, it } from 'vitest';
import { aLeaseEvent, at, HOUR, MINUTE } from '../../../test/support/builders.js';
import { bounded, eventId } from './leaseEvents.js';

it('a camera that fails the same way all day is one step an hour, and another failure is a step of its own', () => {
  const ids = new Set<string>();
  for (let ms = 0; ms < 24 * HOUR; ms += 5 * MINUTE)
    ids.add(eventId({ cameraId: 'a', step: 'failed', revision: null, reason: 'EVZ20007', at: at(ms) }));
  expect(ids.size).toBe(24);
  ids.add(eventId({ cameraId: 'a', step: 'failed', revision: null, reason: 'CLOUD_TIMEOUT', at: at(0) }));
  ids.add(eventId({ cameraId: 'b', step: 'failed', revision: null, reason: 'EVZ20007', at: at(0) }));
  expect(ids.size).toBe(26);
});

it('no vendor makes a step long', () => {
  const { reason, message } = bounded(aLeaseEvent({ reason: 'R'.repeat(50_000), message: 'm'.repeat(5_000_000) }));
  expect(reason.length).toBeLessThan(150);
  expect(message.length).toBeLessThan(1_100);
});
