import { describe, expect, it } from 'vitest';
import { aUrlCamera, at, HOUR, MINUTE, SECOND, T0 } from '../../../test/support/builders.js';
import type { Camera, Failure } from '../camera/camera.js';
import { openingError } from '../health/openingError.js';
import { RELAY_REASONS, type PullReason } from '../streams/relay.js';
import { openingDueAt, openingFailure, type SeenFlow } from './opening.js';

const failed = (more: Partial<Failure> = {}): Partial<Pick<Camera, 'failure'>> => ({
  failure: {
    ...{ code: 'STREAM_UNREACHABLE', failureClass: 'retry', message: 'No.', cure: 'Wait.', since: T0, at: T0 },
    ...{ attempts: 1, nextLookAt: at(5 * SECOND), ...more },
  },
});
const opened = { source: { openedAt: T0 } };
const away: SeenFlow = { isFlowing: false, flowedAt: null };
const flowing: SeenFlow = { isFlowing: true, flowedAt: T0 };

describe('a camera with an address of its own is opened', () => {
  it.each<[string, Parameters<typeof aUrlCamera>[0], SeenFlow, Date, Date | null]>([
    ['at once when it is new', {}, away, T0, T0],
    ['also where its pictures come, to learn its tracks', {}, flowing, T0, T0],
    ['never while it is switched off', { enabled: false }, away, T0, null],
    ['a quarter of an hour after it last opened', opened, away, at(MINUTE), at(15 * MINUTE)],
    [
      'or after its pictures last came',
      opened,
      { isFlowing: false, flowedAt: at(HOUR) },
      at(HOUR),
      at(HOUR + 15 * MINUTE),
    ],
    ['not while its pictures come', opened, flowing, at(HOUR), at(HOUR + 15 * MINUTE)],
    ['when the wait after a failure is over', { ...opened, ...failed() }, away, T0, at(5 * SECOND)],
    [
      'within the hour after a failure of an older version without a next look',
      failed({ nextLookAt: null }),
      away,
      T0,
      at(HOUR),
    ],
    [
      'soon where it failed and its pictures come all the same',
      failed({ nextLookAt: at(HOUR) }),
      flowing,
      T0,
      at(10 * SECOND),
    ],
    ['at once where the clock was turned back behind its failure', failed({ at: at(HOUR) }), away, T0, T0],
  ])('%s', (_, more, seen, now, dueAt) => {
    expect(openingDueAt(aUrlCamera({ createdAt: T0, ...more }), seen, now)).toEqual(dueAt);
  });
});

describe('after an opening that failed', () => {
  const reasons = RELAY_REASONS.filter((one): one is PullReason => one !== 'no-address' && one !== 'over-cap');

  it.each(reasons)('the next one comes by itself, and never later than the hour (%s)', (reason) => {
    let camera = aUrlCamera();
    for (let attempt = 1; attempt < 40; attempt++) {
      const failure = openingFailure(camera, openingError({ reason, code: null }), Math.random, T0);
      const waitMs = (failure.nextLookAt?.getTime() ?? Infinity) - T0.getTime();
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(66 * MINUTE);
      if (reason === 'login') expect(waitMs).toBeGreaterThanOrEqual(30 * MINUTE);
      if (failure.failureClass !== 'permanent') expect(waitMs).toBeLessThanOrEqual(15 * MINUTE);
      expect(failure.attempts).toBe(attempt);
      camera = { ...camera, failure };
    }
  });
});
