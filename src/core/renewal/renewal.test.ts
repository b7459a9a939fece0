import { describe, expect, it } from 'vitest';
import {
  aCamera,
  aCandidate,
  aFailure,
  aLease,
  at,
  aUrlCamera,
  DAY,
  HOUR,
  MINUTE,
  SECOND,
  T0,
} from '../../../test/support/builders.js';
import type { Camera } from '../camera/camera.js';
import {
  byUrgency,
  decideRenewal,
  dueAt,
  emergencyMs,
  lastSafeMoment,
  renewalUrgency,
  type RenewalDecision,
  type RenewalUrgency,
} from './renewal.js';

const sevenDays = aLease();
const day5 = at(5 * DAY);
const permanent = (more = {}): ReturnType<typeof aFailure> =>
  aFailure({ failureClass: 'permanent', nextLookAt: null, ...more });

describe('the last safe moment', () => {
  it('is an hour before expiry for a long life', () => {
    expect(lastSafeMoment(sevenDays)).toEqual(at(7 * DAY - HOUR));
  });

  it('is a seventh of the life before expiry for a short one', () => {
    expect(lastSafeMoment({ obtainedAt: T0, expiresAt: at(70 * SECOND) })).toEqual(at(60 * SECOND));
  });
});

describe('the emergency band', () => {
  it('is the last twelve hours of a long life and a sixth of a short one', () => {
    expect(emergencyMs(sevenDays)).toBe(12 * HOUR);
    expect(emergencyMs({ obtainedAt: T0, expiresAt: at(90 * SECOND) })).toBe(15 * SECOND);
  });

  it('begins before the last safe moment, however short the life', () => {
    for (const life of [SECOND, 90 * SECOND, HOUR, 7 * HOUR, DAY, 720 * DAY]) {
      const lease = { obtainedAt: T0, expiresAt: at(life) };
      expect(life - emergencyMs(lease)).toBeLessThan(lastSafeMoment(lease).getTime() - T0.getTime());
    }
  });

  const failed = aFailure({ at: at(6 * DAY), nextLookAt: at(6.1 * DAY) });
  const urgencies: readonly [string, Camera, Date, RenewalUrgency][] = [
    ['a lease before its day', aCamera({ lease: sevenDays }), at(DAY), 'calm'],
    ['a lease that has just become due', aCamera({ lease: sevenDays }), at(5 * DAY + MINUTE), 'calm'],
    ['one that is overdue for hours', aCamera({ lease: sevenDays }), at(5.5 * DAY), 'pressing'],
    ['one that fails', aCamera({ lease: sevenDays, failure: failed }), at(5 * DAY + MINUTE), 'pressing'],
    ['one with a failure of before its day', aCamera({ lease: sevenDays, failure: failed }), at(4 * DAY), 'calm'],
    ['one in its last hours', aCamera({ lease: sevenDays }), at(6.5 * DAY), 'emergency'],
    ['an expired one', aCamera({ lease: sevenDays }), at(8 * DAY), 'emergency'],
    [
      'one in its last hours with a new one',
      aCamera({ lease: sevenDays, candidate: aCandidate() }),
      at(6.9 * DAY),
      'calm',
    ],
    ['an offline one in its last hours', aCamera({ status: 'offline', lease: sevenDays }), at(6.9 * DAY), 'pressing'],
    ['a switched off one', aCamera({ enabled: false, lease: sevenDays }), at(6.9 * DAY), 'calm'],
    ['a camera that was just found', aCamera(), T0, 'calm'],
    ['one that never got a lease', aCamera({ failure: failed }), at(6 * DAY), 'pressing'],
  ];
  it.each(urgencies)('%s', (_name, camera, now, urgency) => {
    expect(renewalUrgency(camera, now)).toBe(urgency);
  });

  it('goes first in the queue, who loses a lease soonest before the others', () => {
    const lease = (days: number): { lease: ReturnType<typeof aLease> } => ({
      lease: aLease({ obtainedAt: at((days - 7) * DAY) }),
    });
    const cameras = [
      aCamera({ id: 'new' }),
      aCamera({ id: 'due-long', ...lease(8) }),
      aCamera({ id: 'ends-later', ...lease(7.4) }),
      aCamera({ id: 'ends-first', ...lease(7.2) }),
      aCamera({ id: 'dark', ...lease(6) }),
    ];
    const order = byUrgency(cameras, at(7 * DAY)).map(({ id }) => id);
    expect(order).toEqual(['ends-first', 'ends-later', 'new', 'dark', 'due-long']);
  });
});

const table: readonly [string, Camera, Date, RenewalDecision][] = [
  ['a new camera is leased at once', aCamera(), T0, { action: 'renew', reason: 'no-lease' }],
  [
    'a fresh lease waits for its day',
    aCamera({ lease: sevenDays }),
    at(DAY),
    { action: 'wait', reason: 'fresh', until: day5 },
  ],
  ['a lease is renewed on its day', aCamera({ lease: sevenDays }), day5, { action: 'renew', reason: 'due' }],
  [
    'a machine that slept through the day catches up',
    aCamera({ lease: sevenDays }),
    at(6 * DAY),
    { action: 'renew', reason: 'due' },
  ],
  ['an expired lease is replaced', aCamera({ lease: sevenDays }), at(8 * DAY), { action: 'renew', reason: 'expired' }],
  [
    'a candidate waits for the media loop, not for the cloud',
    aCamera({ lease: sevenDays, candidate: aCandidate() }),
    at(6 * DAY),
    { action: 'wait', reason: 'candidate-waiting', until: aCandidate().renewAt },
  ],
  [
    'a switched off camera is left alone',
    aCamera({ enabled: false, lease: sevenDays }),
    at(6 * DAY),
    { action: 'wait', reason: 'disabled', until: null },
  ],
  [
    'a camera of status disabled is left alone',
    aCamera({ status: 'disabled' }),
    T0,
    { action: 'wait', reason: 'disabled', until: null },
  ],
  [
    'a missing camera is left alone',
    aCamera({ status: 'missing', lease: sevenDays }),
    at(6 * DAY),
    { action: 'wait', reason: 'missing', until: null },
  ],
  [
    'an offline camera without a lease waits for the listing',
    aCamera({ status: 'offline' }),
    T0,
    { action: 'wait', reason: 'offline', until: null },
  ],
  [
    'an offline camera with a lease is renewed on its day',
    aCamera({ status: 'offline', lease: sevenDays }),
    day5,
    { action: 'renew', reason: 'due' },
  ],
  [
    'a hand-made camera waits until a listing tells its account',
    aCamera({ source: { account: null } }),
    T0,
    { action: 'wait', reason: 'unidentified', until: null },
  ],
  [
    'a failure waits for its time',
    aCamera({ failure: aFailure() }),
    at(SECOND),
    { action: 'wait', reason: 'backing-off', until: at(5 * SECOND) },
  ],
  [
    'a failure is retried when its time has come',
    aCamera({ lease: sevenDays, failure: aFailure({ at: day5, nextLookAt: at(5 * DAY + MINUTE) }) }),
    at(5 * DAY + MINUTE),
    { action: 'renew', reason: 'retry' },
  ],
  [
    'a permanent failure without a lease waits for a change',
    aCamera({ failure: permanent() }),
    at(300 * DAY),
    { action: 'wait', reason: 'permanent-failure', until: null },
  ],
  [
    'a permanent failure before the day still gets the planned renewal',
    aCamera({ lease: sevenDays, failure: permanent({ at: at(2 * DAY) }) }),
    at(3 * DAY),
    { action: 'wait', reason: 'permanent-failure', until: day5 },
  ],
  [
    'a permanent failure on the day gets one last look before the end',
    aCamera({ lease: sevenDays, failure: permanent({ at: day5 }) }),
    at(6 * DAY),
    { action: 'wait', reason: 'permanent-failure', until: at(7 * DAY - HOUR) },
  ],
];

describe('the renewal decision', () => {
  it.each(table)('%s', (_name, camera, now, expected) => {
    expect(decideRenewal(camera, now)).toEqual(expected);
  });

  it('and the stored due moment never contradict each other', () => {
    for (const [, camera] of table) {
      for (const days of [0, 1, 4.9, 5, 6, 6.99, 7, 8, 300]) {
        const now = at(days * DAY);
        const due = dueAt(camera);
        expect(decideRenewal(camera, now).action).toBe(due !== null && due <= now ? 'renew' : 'wait');
      }
    }
  });
});

it('a camera with an address of its own is never due, never renewed and never urgent, whatever failed', () => {
  for (const camera of [aUrlCamera(), aUrlCamera({ failure: aFailure() }), aUrlCamera({ status: 'missing' })]) {
    expect(dueAt(camera)).toBeNull();
    expect(decideRenewal(camera, at(9_999 * DAY))).toEqual({ action: 'wait', reason: 'not-leased', until: null });
    expect(renewalUrgency(camera, at(9_999 * DAY))).toBe('calm');
  }
});
