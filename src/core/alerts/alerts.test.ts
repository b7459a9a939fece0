import { describe, expect, it } from 'vitest';
import { camera, dark, Watch, window } from '../../../test/support/alerts/alertWatch.js';
import { at, DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import type { Outage } from '../outages/outage.js';
import type { MaintenanceWindow } from './maintenance.js';

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
    expect(watch.sent.at(-1)?.text).toContain('deleted or disabled');
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
