import { expect, it } from 'vitest';
import { dayBefore, snapshotImage, snapshotMoment, snapshotOfImage, snapshotTimeOf } from './snapshotNames.js';

it.each([
  ['2026-01-05T22:59:58Z', 'Europe/Berlin', '2026-01-05', '23-59-58'],
  ['2026-01-05T23:00:00Z', 'Europe/Berlin', '2026-01-06', '00-00-00'],
  ['2026-01-05T15:30:00Z', 'Asia/Seoul', '2026-01-06', '00-30-00'],
  ['2026-01-05T02:00:00Z', 'America/New_York', '2026-01-04', '21-00-00'],
])('the day of %s in %s is %s', (at, zone, day, time) => {
  expect(snapshotMoment(new Date(at), zone)).toEqual({ day, time });
});

it('the name of a snapshot in an address is that of the Hikvision guide, and leads back to it', () => {
  const moment = { day: '2026-01-05', time: '23-59-58' };
  expect(snapshotImage(moment)).toBe('20260105235958.jpg');
  expect(snapshotOfImage('20260105235958.jpg')).toEqual(moment);
});

it.each(['20261305235958.jpg', '20260105255958.jpg', '../etc/passwd', '2026010523595.jpg', '20260105235958.png', ''])(
  '%s is no snapshot',
  (file) => {
    expect(snapshotOfImage(file)).toBeNull();
  },
);

it.each([
  ['23-59-58.jpg', '23-59-58'],
  ['.23-59-58.jpg.tmp', null],
  ['25-00-00.jpg', null],
])('of the file %s the time is %s', (file, time) => {
  expect(snapshotTimeOf(file)).toBe(time);
});

it('days are counted back over months and leap years', () => {
  expect([dayBefore('2026-03-01', 1), dayBefore('2024-03-01', 1), dayBefore('2026-01-05', 0)]).toEqual([
    '2026-02-28',
    '2024-02-29',
    '2026-01-05',
  ]);
});
