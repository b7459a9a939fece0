import { describe, expect, it } from 'vitest';
import {
  aCamera,
  aCandidate,
  aFailure,
  aLease,
  at,
  DAY,
  HOUR,
  MINUTE,
  SECOND,
  T0,
} from '../../../test/support/builders.js';
import type { Camera } from '../camera/camera.js';
import { forecastOf, type AccountFacts, type AccountForecast } from './forecast.js';

const RATE = 18_000;

/** Leased in seven-day leases, renewed on day 5; `leasedAt` in milliseconds after T0. */
function leased(count: number, leasedAt: (index: number) => number): Camera[] {
  return Array.from({ length: count }, (_, index) =>
    aCamera({ id: `c${index}`, lease: aLease({ obtainedAt: at(leasedAt(index)) }) }),
  );
}

function facts(cameras: readonly Camera[], more: Partial<AccountFacts> = {}): AccountFacts {
  return { account: 'north', callsPerHour: RATE, openAt: null, quotaUsed: null, queued: new Set(), cameras, ...more };
}

function accountOf(now: Date, one: AccountFacts): AccountForecast {
  const [account] = forecastOf(now, 7 * DAY, [one]).accounts;
  if (!account) throw new Error('no account');
  return account;
}

describe('the forecast', () => {
  it('counts what falls due in each of the next 24 hours and 14 days', () => {
    // Four cameras leased an hour for six hours, all due on day 5.
    const cameras = leased(24, (index) => Math.floor(index / 4) * HOUR);
    const { hours, days } = forecastOf(at(5 * DAY - 2 * HOUR + 10 * MINUTE), 7 * DAY, [facts(cameras)]);
    expect(hours).toHaveLength(24);
    expect(hours[0]?.from).toEqual(at(5 * DAY - 2 * HOUR));
    expect(hours.map(({ leases }) => leases)).toEqual([0, 0, 4, 4, 4, 4, 4, 4, ...Array<number>(16).fill(0)]);
    expect(days.map(({ leases }) => leases)).toEqual([24, 0, 0, 0, 0, 24, 0, 0, 0, 0, 24, 0, 0, 0]);
  });

  it('counts short leases as often as they are renewed', () => {
    const lease = aLease({ expiresAt: at(84 * SECOND) });
    const { hours, days } = forecastOf(T0, 84 * SECOND, [facts([aCamera({ lease })])]);
    expect(hours[1]?.leases).toBe(60);
    expect(days[3]?.leases).toBe(24 * 60);
  });

  it('counts what is overdue now, and nothing of cameras that nobody asks for', () => {
    const off = aCamera({ enabled: false, lease: aLease() });
    const { hours, accounts } = forecastOf(at(5 * DAY + 30 * MINUTE), 7 * DAY, [facts([...leased(3, () => 0), off])]);
    expect(hours[0]?.leases).toBe(3);
    expect(accounts).toMatchObject([{ account: 'north', backlog: 3, tooLate: 0, quotaUsed: null }]);
  });

  it('says how long the backlog takes at the rate, and not before the vendor takes calls again', () => {
    const now = at(5 * DAY + HOUR);
    const cameras = leased(9_000, () => 0);
    expect(accountOf(now, facts(cameras)).backlogDoneAt).toEqual(at(5 * DAY + 1.5 * HOUR));
    const openAt = at(5 * DAY + 6 * HOUR);
    expect(accountOf(now, facts(cameras, { openAt })).backlogDoneAt).toEqual(at(5 * DAY + 6.5 * HOUR));
    expect(accountOf(at(DAY), facts(cameras)).backlogDoneAt).toBeNull();
  });

  it('counts cameras that wait in a pass without being due', () => {
    expect(
      accountOf(
        at(DAY),
        facts(
          leased(3, () => 0),
          { queued: new Set(['c0', 'c2']) },
        ),
      ).backlog,
    ).toBe(2);
  });

  it('says when the first camera goes dark unless it is renewed, a new lease that waits counted', () => {
    const cameras = leased(5, (index) => index * HOUR);
    expect(accountOf(at(DAY), facts(cameras)).firstDarkAt).toEqual(at(7 * DAY));
    const held = aCamera({ lease: aLease(), candidate: aCandidate() });
    expect(accountOf(at(6 * DAY), facts([held])).firstDarkAt).toEqual(at(12 * DAY));
    expect(accountOf(at(8 * DAY), facts(leased(5, () => 0))).firstDarkAt).toBeNull();
  });

  it('counts the cameras that are dark before the backlog reaches them', () => {
    const cameras = leased(9_000, () => 0);
    expect(accountOf(at(7 * DAY - 40 * MINUTE), facts(cameras))).toMatchObject({ backlog: 9_000, tooLate: 0 });
    // In the ten minutes before the leases end the rate allows 3,000 calls.
    expect(accountOf(at(7 * DAY - 10 * MINUTE), facts(cameras)).tooLate).toBe(6_000);
    const openAt = at(7 * DAY + HOUR);
    expect(accountOf(at(6 * DAY), facts(cameras, { openAt })).tooLate).toBe(9_000);
  });

  it('sees it coming: what is not due yet waits behind the backlog', () => {
    const behind = aCamera({ id: 'late', lease: aLease({ obtainedAt: at(4.999 * DAY), expiresAt: at(5.05 * DAY) }) });
    const now = at(5 * DAY);
    expect(accountOf(now, facts([...leased(40_000, () => -HOUR), behind])).tooLate).toBe(1);
    expect(accountOf(now, facts([...leased(4_000, () => -HOUR), behind])).tooLate).toBe(0);
  });

  it('does not blame the backlog for a camera that fails by itself', () => {
    const failure = aFailure({ at: at(6 * DAY), nextLookAt: at(7 * DAY + HOUR) });
    expect(accountOf(at(6.5 * DAY), facts([aCamera({ lease: aLease(), failure })])).tooLate).toBe(0);
  });
});
