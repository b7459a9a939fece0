import { describe, expect, it } from 'vitest';
import { readConfig } from './config.js';
import { cronMistake, cronPeriodMs } from './cronExpression.js';

const MINUTE = 60_000;

describe('the time between two ticks of a cron expression', () => {
  it.each([
    ['*/30 * * * *', 30 * MINUTE],
    ['*/10 * * * *', 10 * MINUTE],
    ['*/10 * * * * *', 10_000],
    ['0,7 * * * *', 7 * MINUTE],
    ['*/7 * * * *', 4 * MINUTE],
    ['50 23 * * *', 24 * 60 * MINUTE],
    ['5 0,23 * * *', 60 * MINUTE],
    ['0 9 * * Mon', 24 * 60 * MINUTE],
    ['* * * * * *', 1_000],
  ])('%s: %i ms', (expression, ms) => {
    expect(cronPeriodMs(expression)).toBe(ms);
  });
});

describe('a cron expression that cannot be read', () => {
  it.each([
    ['61 * * * *', /^its field for minutes cannot be read/],
    ['* 25 * * 8', /^its field for hours and for days of the week cannot be read/],
    ['0 0 31 2 *', /^its field for days of the month cannot be read, or names a date that never comes/],
    ['* * * *', /five or six fields/],
    ['often', /five or six fields/],
  ])('%s', (expression, words) => {
    expect(cronMistake(expression)).toMatch(words);
  });

  it.each([
    ['RENEW_CRON', '*/10 61 * * * *', 'RENEW_CRON: its field for minutes cannot be read'],
    ['DISCOVER_CRON', '0 24 * * *', 'DISCOVER_CRON: its field for hours cannot be read'],
    ['SNAPSHOT_CRON', '0 0 32 * *', 'SNAPSHOT_CRON: its field for days of the month cannot be read'],
    ['SNAPSHOT_CRON', '*/30 * * * * *', 'SNAPSHOT_CRON: must not run more often than once a minute'],
  ])('is refused at start by the name of its setting and field: %s=%s', (name, value, words) => {
    const { mistakes } = readConfig({ [name]: value }, null);
    expect(mistakes).toHaveLength(1);
    expect(mistakes?.[0]).toContain(words);
  });
});
