import { describe, expect, it } from 'vitest';
import { aCamera, aFailure, aLease, at, DAY, HOUR, MINUTE, SECOND } from '../../test/support/builders.js';
import type { AlertFacts, OpenAlert } from './alert.js';
import { DEFAULT_ALERT_SETTINGS, type AlertSettings } from './alertSettings.js';
import { decideAlerts } from './alerts.js';
import type { Camera } from './camera.js';
import type { AccountForecast } from './forecast.js';
import type { MaintenanceWindow } from './maintenance.js';
import type { Notification } from './notification.js';
import type { Outage } from './outage.js';

const lasting = aLease({ obtainedAt: at(0), expiresAt: at(30 * DAY) });

function camera(id: string, more: Partial<Camera> = {}): Camera {
  return aCamera({ id, name: `Camera ${id}`, lease: lasting, ...more });
}

function dark(id: string, sinceMs: number): Outage {
  return {
    id: `o-${id}-${sinceMs}`,
    subject: { kind: 'camera', id },
    reason: 'NOTHING_COMES',
    message: 'Nothing comes from the cloud.',
    beganAt: at(sinceMs),
    endedAt: null,
  };
}

function facts(more: Partial<AlertFacts> = {}): AlertFacts {
  return {
    cameras: [],
    outages: [],
    accounts: [],
    forecast: null,
    storeProblem: null,
    engineProblem: null,
    freeDiskBytes: 50e9,
    process: 'node-1',
    windows: [],
    unknown: new Set(),
    link: null,
    ...more,
  };
}

function window(fromMs: number, toMs: number, more: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  const nothing = { everything: false, cameraIds: [], labels: [], accounts: [], weekly: false, note: '' };
  return { id: 'w', from: at(fromMs), to: at(toMs), ...nothing, ...more };
}

/** Looks again and again, and remembers between looks what the service remembers. */
class Watch {
  open: readonly OpenAlert[] = [];
  readonly sent: Notification[] = [];
  readonly settings: AlertSettings;
  nextLookAt: Date | null = null;

  constructor(settings: Partial<AlertSettings> = {}) {
    this.settings = { ...DEFAULT_ALERT_SETTINGS, ...settings };
  }

  /** `kind: title` of what one look sends. */
  look(ms: number, world: Partial<AlertFacts> = {}): string[] {
    const decision = decideAlerts(facts(world), this.open, this.settings, at(ms));
    this.open = decision.open;
    this.nextLookAt = decision.nextLookAt;
    this.sent.push(...decision.send);
    return decision.send.map(({ kind, title }) => `${kind}: ${title}`);
  }

  /** Every ten seconds from one moment to another (both included). */
  during(fromMs: number, toMs: number, world: Partial<AlertFacts> = {}): string[] {
    const sent: string[] = [];
    for (let ms = fromMs; ms <= toMs; ms += 10 * SECOND) sent.push(...this.look(ms, world));
    return sent;
  }
}

const one = { cameras: [camera('a')], outages: [dark('a', 0)] };
const well = { cameras: [camera('a')] };

describe('a dark camera', () => {
  it('is told once it was dark for five minutes, and that it is back once it stayed so', () => {
    const watch = new Watch();
    expect(watch.during(0, 5 * MINUTE + 20 * SECOND, one)).toEqual([]);
    expect(watch.during(5 * MINUTE + 30 * SECOND, 2 * HOUR, one)).toEqual(['alert: Camera a is dark']);
    expect(watch.during(2 * HOUR, 2 * HOUR + 3 * MINUTE, well)).toEqual(['recovery: Over: Camera a is dark']);
    expect(watch.open).toEqual([]);
    const [alert, recovery] = watch.sent;
    expect(alert?.text).toContain('since 2026-01-05 08:00 UTC');
    expect(recovery?.text).toContain('after 2 h');
    expect(recovery?.openedBy).toBe(alert?.id);
  });

  it('that was dark for less is not told at all', () => {
    const watch = new Watch();
    expect(watch.during(0, 4 * MINUTE, one)).toEqual([]);
    expect(watch.during(4 * MINUTE, HOUR, well)).toEqual([]);
    expect(watch.open).toEqual([]);
  });

  it('that comes and goes within minutes is one alert', () => {
    const watch = new Watch();
    watch.during(0, 10 * MINUTE, one);
    for (let round = 0; round < 10; round++) {
      const ms = (10 + round * 8) * MINUTE;
      expect(watch.during(ms, ms + 2 * MINUTE, well)).toEqual([]);
      expect(watch.during(ms + 3 * MINUTE, ms + 7 * MINUTE, { ...one, outages: [dark('a', ms + 3 * MINUTE)] })).toEqual(
        [],
      );
    }
    expect(watch.sent).toHaveLength(1);
  });

  it('is reminded of after 6 h, 12 h more, and then every day', () => {
    const watch = new Watch();
    const told = 5 * MINUTE + 30 * SECOND;
    watch.look(told, one);
    const reminded: number[] = [];
    for (let ms = told; ms <= told + 4 * DAY; ms += 10 * MINUTE)
      if (watch.look(ms, one).includes('reminder: Still: Camera a is dark')) reminded.push((ms - told) / HOUR);
    expect(reminded).toEqual([6, 18, 42, 66, 90]);
    expect(new Set(watch.sent.map(({ id }) => id)).size).toBe(watch.sent.length);
  });

  it('that is deleted is over, and says why', () => {
    const watch = new Watch();
    watch.look(6 * MINUTE, one);
    watch.look(7 * MINUTE);
    expect(watch.look(10 * MINUTE)).toEqual(['recovery: Over: Camera a is dark']);
    expect(watch.sent.at(-1)?.text).toContain('deleted or switched off');
  });

  it('is not back only because nobody can see it', () => {
    const watch = new Watch();
    watch.look(6 * MINUTE, one);
    const blind = { ...well, unknown: new Set(['camera-dark'] as const) };
    expect(watch.during(7 * MINUTE, HOUR, blind)).toEqual([]);
    expect(watch.open).toHaveLength(1);
  });
});

describe('many at once', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const fleet = ids.map((id) => camera(id, { labels: ['site'] }));
  const darkOnes = (count: number): Outage[] => ids.slice(0, count).map((id, index) => dark(id, index * 10 * SECOND));

  it('are one alert for their label', () => {
    const watch = new Watch();
    const sent = watch.during(0, 20 * MINUTE, { cameras: fleet, outages: darkOnes(6) });
    expect(sent.filter((text) => text.startsWith('alert: Camera'))).toEqual([]);
    expect(sent).toEqual(['alert: 4 of 8 cameras of label site are dark']);
    expect(watch.sent[0]?.severity).toBe('critical');
  });

  it('of which most are back: the group is over, and what is still dark is told', () => {
    const watch = new Watch();
    watch.during(0, 20 * MINUTE, { cameras: fleet, outages: darkOnes(6) });
    const sent = watch.during(20 * MINUTE, 30 * MINUTE, { cameras: fleet, outages: darkOnes(1) });
    expect(sent.sort()).toEqual([
      'alert: Camera a is dark',
      expect.stringMatching(/^recovery: Over: \d of 8 cameras of label site/),
    ]);
  });

  it('of an account and a label with the same dark cameras are told of the smaller group', () => {
    const watch = new Watch();
    const others = Array.from({ length: 4 }, (_, index) => camera(`o${index}`));
    const cameras = [...fleet, ...others].map((each) => ({ ...each, source: { ...each.source, account: 'home' } }));
    expect(
      watch.during(0, 20 * MINUTE, { cameras, outages: darkOnes(8).map((each) => ({ ...each, beganAt: at(0) })) }),
    ).toEqual(['alert: 8 of 8 cameras of label site are dark']);
  });

  it('that have nothing in common become one summary, and so do their recoveries', () => {
    const cameras = ids.map((id, index) => camera(id, { labels: [`site ${index}`] }));
    const watch = new Watch();
    const alone = cameras.map((each) => ({ ...each, source: { ...each.source, account: null } }));
    expect(
      watch.during(0, HOUR, { cameras: alone, outages: darkOnes(8).map((each) => ({ ...each, beganAt: at(0) })) }),
    ).toEqual(['summary: 8 new alerts']);
    expect(watch.sent[0]?.subjects).toHaveLength(8);
    expect(watch.during(HOUR, 2 * HOUR, { cameras: alone })).toEqual(['summary: 8 alerts that are over']);
  });

  it('that come one after the other do not become a message each', () => {
    const many = Array.from({ length: 100 }, (_, index) =>
      camera(`c${index}`, { source: { ...camera('x').source, account: null } }),
    );
    const outages = many.map(({ id }, index) => dark(id, index * 10 * SECOND));
    const watch = new Watch();
    for (let ms = 0; ms <= HOUR; ms += 10 * SECOND)
      watch.look(ms, { cameras: many, outages: outages.filter(({ beganAt }) => beganAt <= at(ms)) });
    expect(watch.sent.length).toBeLessThan(15);
    expect(watch.open.every(({ told }) => told !== null)).toBe(true);
  });
});

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
    ['a refused account', refused('permanent'), 3 * MINUTE, 'Account home is refused', 'warning'],
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
    // A first look sees it; a second one long after finds that it lasted.
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
    ).toEqual(['warning: Account home is refused', 'critical: Account home is refused']);
  });

  it('a rule that is switched off says nothing', () => {
    const watch = new Watch({ off: ['disk-full'] });
    expect(watch.during(0, HOUR, { freeDiskBytes: 0 })).toEqual([]);
  });
});

describe('maintenance', () => {
  it.each<[string, Partial<MaintenanceWindow>]>([
    ['of the camera', { cameraIds: ['a'] }],
    ['of its label', { labels: ['gate'] }],
    ['of its account', { accounts: ['home'] }],
    ['of everything', { everything: true }],
  ])('%s keeps quiet, and tells at its end what is still broken', (_what, scope) => {
    const watch = new Watch();
    const [source] = [{ ...camera('a').source, account: 'home' }];
    const cameras = [camera('a', { labels: ['gate'], source })];
    const world = { ...one, cameras, windows: [window(0, HOUR, scope)] };
    expect(watch.during(0, HOUR - SECOND, world)).toEqual([]);
    expect(watch.nextLookAt).toEqual(at(HOUR));
    expect(watch.look(HOUR, world)).toEqual(['alert: Camera a is dark']);
  });

  it('of another camera keeps nobody quiet', () => {
    const watch = new Watch();
    const world = { ...one, windows: [window(0, HOUR, { cameraIds: ['b'] })] };
    expect(watch.during(0, HOUR, world)).toEqual(['alert: Camera a is dark']);
  });

  it('holds back the recovery of what was told before it', () => {
    const watch = new Watch();
    watch.look(6 * MINUTE, one);
    const windows = [window(7 * MINUTE, HOUR, { cameraIds: ['a'] })];
    expect(watch.during(8 * MINUTE, HOUR - SECOND, { ...well, windows })).toEqual([]);
    expect(watch.look(HOUR, { ...well, windows })).toEqual(['recovery: Over: Camera a is dark']);
  });

  it('that comes again every week holds then too', () => {
    const watch = new Watch();
    const windows = [window(0, HOUR, { everything: true, weekly: true })];
    const inThird = 14 * DAY;
    const world = { cameras: [camera('a')], outages: [dark('a', inThird)], windows };
    expect(watch.during(inThird, inThird + HOUR - SECOND, world)).toEqual([]);
    expect(watch.look(inThird + HOUR, world)).toEqual(['alert: Camera a is dark']);
  });

  it('does not make a group of what lies in it, and does not end a group that was told', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const cameras = ids.map((id) => camera(id, { labels: ['site'] }));
    const outages = ids.slice(0, 3).map((id) => dark(id, 0));
    const windows = [window(0, HOUR, { cameraIds: ['a', 'b'] })];
    expect(new Watch().during(0, HOUR - SECOND, { cameras, outages, windows })).toEqual(['alert: Camera c is dark']);
    const watch = new Watch();
    watch.look(6 * MINUTE, { cameras, outages });
    expect(watch.sent.map(({ title }) => title)).toEqual(['3 of 4 cameras of label site are dark']);
    expect(watch.during(7 * MINUTE, HOUR - SECOND, { cameras, outages, windows })).toEqual([]);
  });
});
