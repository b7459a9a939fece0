import { describe, expect, it } from 'vitest';
import { camera, dark, Watch } from '../../../test/support/alerts/alertWatch.js';
import { aFailure, aLease, at, DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import type { AccountForecast } from '../renewal/forecast.js';
import type { AlertFacts } from './alert.js';

describe('the other rules', () => {
  const forecast = (more: Partial<AccountForecast>): Partial<AlertFacts> => ({
    forecast: {
      ...{ madeAt: at(0), hours: [], days: [] },
      accounts: [
        {
          ...{ account: 'home', callsPerHour: 3600, backlog: 0, backlogDoneAt: null, firstDarkAt: null, tooLate: 0 },
          ...{ quotaUsed: null, ...more },
        },
      ],
    },
  });
  const refused = (failureClass: 'permanent' | 'quota'): Partial<AlertFacts> => ({
    accounts: [
      { name: 'home', refused: { failureClass, message: 'The key is wrong.', cure: 'Correct it.', since: at(0) } },
    ],
  });
  const failing = camera('a', { lease: aLease({ expiresAt: at(7 * DAY) }), failure: aFailure({ since: at(6 * DAY) }) });

  it.each<[string, Partial<AlertFacts>, number, string | null, string]>([
    ['a refused account', refused('permanent'), 3 * MINUTE, 'The cloud refuses account home', 'warning'],
    ['an account over its limit, for a while', refused('quota'), 27 * MINUTE, null, ''],
    [
      'an account over its limit, for long',
      refused('quota'),
      31 * MINUTE,
      'The cloud of account home cannot be used',
      'warning',
    ],
    ['a quota with room', forecast({ quotaUsed: 0.7 }), 0, null, ''],
    [
      'a quota that is near',
      forecast({ quotaUsed: 0.85 }),
      0,
      'The quota of account home is nearly used up',
      'warning',
    ],
    ['a quota that is gone', forecast({ quotaUsed: 1 }), 0, 'The quota of account home is nearly used up', 'critical'],
    ['a backlog in time', forecast({ backlog: 9 }), 0, null, ''],
    [
      'a backlog too late',
      forecast({ tooLate: 2, firstDarkAt: at(DAY) }),
      0,
      'Renewals of account home come too late',
      'warning',
    ],
    [
      'a backlog far too late',
      forecast({ tooLate: 2, firstDarkAt: at(MINUTE) }),
      0,
      'Renewals of account home come too late',
      'critical',
    ],
    ['a full disk', { freeDiskBytes: 400e6 }, 0, 'The disk is nearly full', 'warning'],
    ['a disk with nothing left', { freeDiskBytes: 1e6 }, 0, 'The disk is nearly full', 'critical'],
    [
      'a store that is away',
      { storeProblem: 'MongoDB does not answer.' },
      2 * MINUTE,
      'The store does not answer',
      'warning',
    ],
    ['a store that is away for long', { storeProblem: 'Away.' }, 16 * MINUTE, 'The store does not answer', 'critical'],
    [
      'a media server that is away',
      { engineProblem: 'Away.' },
      2 * MINUTE,
      'The media server does not answer',
      'critical',
    ],
    ['a failing renewal with days left', { cameras: [failing] }, 5 * DAY, null, ''],
    [
      'a failing renewal in the last hours',
      { cameras: [failing] },
      7 * DAY - 6 * HOUR,
      'Renewing Camera a fails',
      'warning',
    ],
    [
      'a failing renewal in the last minutes',
      { cameras: [failing] },
      7 * DAY - 20 * MINUTE,
      'Renewing Camera a fails',
      'critical',
    ],
  ])('%s', (_what, world, ms, title, severity) => {
    const watch = new Watch();
    // The first check finds the trouble; a later one finds that it has lasted.
    watch.look(ms === 0 ? 0 : Math.max(0, ms - 20 * MINUTE), world);
    watch.during(ms, ms + 2 * MINUTE - 10 * SECOND, world);
    const last = watch.sent.at(-1);
    expect(last?.title ?? null).toBe(title);
    if (title !== null) expect(last?.severity).toBe(severity);
  });

  it('a failing renewal is told again as its lease nears its end, and is not over when the lease has ended', () => {
    const watch = new Watch();
    for (let ms = 6 * DAY; ms < 8 * DAY; ms += MINUTE) watch.look(ms, { cameras: [failing] });
    const told = watch.sent
      .filter(({ kind }) => kind === 'alert')
      .map(({ severity, title }) => `${severity}: ${title}`);
    expect(told).toEqual(['warning: Renewing Camera a fails', 'critical: Renewing Camera a fails']);
    expect(watch.sent.filter(({ kind }) => kind === 'recovery')).toEqual([]);
    const renewed = camera('a', { lease: aLease({ obtainedAt: at(8 * DAY), expiresAt: at(15 * DAY) }) });
    expect(watch.during(8 * DAY, 8 * DAY + 5 * MINUTE, { cameras: [renewed] })).toEqual([
      'recovery: Over: Renewing Camera a fails',
    ]);
  });

  it('an account that is refused speaks for the renewals that fail with it, and louder when leases are about to end', () => {
    const watch = new Watch();
    const account = 'home';
    const cameras = [failing, { ...failing, id: 'b' }].map((each) => ({
      ...each,
      source: { ...each.source, account },
    }));
    const { accounts = [] } = refused('permanent');
    for (let ms = 6 * DAY; ms < 6 * DAY + 13 * HOUR; ms += MINUTE) watch.look(ms, { cameras, accounts });
    expect(
      watch.sent.filter(({ kind }) => kind === 'alert').map(({ severity, title }) => `${severity}: ${title}`),
    ).toEqual(['warning: The cloud refuses account home', 'critical: The cloud refuses account home']);
  });

  it('a camera that went dark because its account is refused says so, and the account says how many did', () => {
    const watch = new Watch({ groupDarkCameras: 9 });
    const gate = camera('a', { lease: aLease({ expiresAt: at(7 * DAY) }) });
    const cameras = [{ ...gate, source: { ...gate.source, account: 'home' } }];
    const { accounts = [] } = refused('permanent');
    const outages = [dark('a', 7 * DAY)];
    for (let ms = 6 * DAY; ms < 7 * DAY; ms += MINUTE) watch.look(ms, { cameras, accounts });
    for (let ms = 7 * DAY; ms < 7 * DAY + HOUR; ms += MINUTE) watch.look(ms, { cameras, accounts, outages });
    const texts = watch.open.map(({ rule, severity, text }) => `${rule}, ${severity}: ${text}`);
    expect(texts.find((text) => text.startsWith('account-refused'))).toContain(
      'critical: Since 2026-01-05 08:00 UTC camlease cannot use the cloud with account home: The key is wrong. Correct it. The lease of one of its cameras has ended since.',
    );
    expect(texts.find((text) => text.startsWith('camera-dark'))).toMatch(/Correct it\.$/);
    expect(texts.find((text) => text.startsWith('renewal-failing'))).toContain(
      'The cloud refuses the account now: The key is wrong. Correct it.',
    );
  });

  it('a rule that is switched off says nothing', () => {
    const watch = new Watch({ off: ['disk-full'] });
    expect(watch.during(0, HOUR, { freeDiskBytes: 0 })).toEqual([]);
  });
});
