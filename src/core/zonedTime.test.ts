import { expect, it } from 'vitest';
import { zonedTime } from './zonedTime.js';

const AT = new Date('2026-07-05T22:03:09Z');

it.each([
  ['UTC', '2026-07-05 22:03:09 UTC'],
  ['Europe/Berlin', '2026-07-06 00:03:09 UTC+02:00'],
  ['Asia/Kolkata', '2026-07-06 03:33:09 UTC+05:30'],
  ['America/St_Johns', '2026-07-05 19:33:09 UTC-02:30'],
])('a moment in %s is "%s"', (timeZone, text) => {
  expect(zonedTime(AT, 'second', timeZone)).toBe(text);
});

it('says minutes alone, and its zone in the zone of the process too', () => {
  expect(zonedTime(AT, 'minute', 'UTC')).toBe('2026-07-05 22:03 UTC');
  expect(zonedTime(AT, 'minute')).toMatch(/^2026-07-0[56] \d\d:\d\d UTC([+-]\d\d:\d\d)?$/);
});
